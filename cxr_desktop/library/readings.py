"""The store of readings: one append-only table of events in SQLite."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cxr_desktop.domain.errors import CxrError
from cxr_desktop.library.events import Event, from_json, to_json
from cxr_desktop.library.history import History

FILE_NAME = "readings.sqlite3"
VERSION = 1
BUSY_SECONDS = 10.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time TEXT NOT NULL,
    image_sha256 TEXT NOT NULL,
    sop_instance_uid TEXT NOT NULL,
    reader TEXT NOT NULL,
    event TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_of_reading ON events (image_sha256, reader, id);
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER IF NOT EXISTS events_remain BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
"""

_INSERT = "INSERT INTO events (time, image_sha256, sop_instance_uid, reader, event) VALUES (?, ?, ?, ?, ?)"


class StoreError(CxrError):
    """The store of readings cannot be opened or written."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with the image and the reader it belongs to. time: ISO 8601 with offset."""

    image_sha256: str
    reader: str
    event: Event
    sop_instance_uid: str = ""
    time: str = ""


class ReadingStore:
    """Events on disk, each committed before `append` returns. One thread at a time per instance.

    Several programs may have the same store open. A file that is no sound store is set aside
    under another name, never overwritten; `set_aside` then tells its new name.
    Raises StoreError where the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self.set_aside: Path | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            try:
                self._connection = _opened(self.path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                self.set_aside = _put_aside(self.path)
                self._connection = _opened(self.path)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"the readings in {self.path} cannot be opened ({error}); check the folder's permissions "
                "and free space, or choose another with CXR_DESKTOP_DATA"
            ) from error

    def append(self, stored: StoredEvent) -> None:
        """Write one event for good. Raises StoreError."""
        time = stored.time or datetime.now().astimezone().isoformat(timespec="milliseconds")
        row = (time, stored.image_sha256, stored.sop_instance_uid, stored.reader, to_json(stored.event))
        try:
            with self._connection:
                self._connection.execute(
                    _INSERT,
                    row,
                )
        except sqlite3.Error as error:
            raise StoreError(f"a change could not be saved in {self.path} ({error})") from error

    def events(self, image_sha256: str, reader: str) -> tuple[Event, ...]:
        """In the order in which they happened. Raises StoreError."""
        rows = self._rows(
            "SELECT event FROM events WHERE image_sha256 = ? AND reader = ? ORDER BY id", image_sha256, reader
        )
        try:
            return tuple(from_json(text) for (text,) in rows)
        except ValueError as error:
            raise StoreError(f"{self.path} holds an event of a newer program ({error})") from error

    def history(self, image_sha256: str, reader: str) -> History:
        """Raises StoreError."""
        return History.replay(reader, self.events(image_sha256, reader))

    def readers(self, image_sha256: str) -> tuple[str, ...]:
        """Who drew on the image, in order of their first stroke. Raises StoreError."""
        rows = self._rows(
            "SELECT reader FROM events WHERE image_sha256 = ? GROUP BY reader ORDER BY min(id)", image_sha256
        )
        return tuple(reader for (reader,) in rows)

    def is_sound(self) -> bool:
        """SQLite's own integrity check."""
        return self._rows("PRAGMA integrity_check") == [("ok",)]

    def close(self) -> None:
        self._connection.close()

    def _rows(self, query: str, *values: str) -> list[tuple[str]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"the readings in {self.path} cannot be read ({error})") from error


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise sqlite3.OperationalError("made by a newer version of CXR Desktop")
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        if version < VERSION:
            connection.executescript(f"{_SCHEMA} PRAGMA user_version = {VERSION};")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _put_aside(path: Path) -> Path:
    """Rename a broken store and what SQLite keeps beside it."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    target = path.with_name(f"{path.name}.damaged-{stamp}")
    path.rename(target)
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(target.with_name(target.name + suffix))
    return target


def read_history(folder: Path, image_sha256: str, reader: str) -> History:
    """A reader's history on an image, through a connection of its own. Raises StoreError."""
    with closing(ReadingStore(folder)) as store:
        return store.history(image_sha256, reader)
