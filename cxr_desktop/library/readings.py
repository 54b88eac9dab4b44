"""The store on disk: readings as append-only events, the studies opened, the audit trail; one SQLite file."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cxr_desktop.library.events import Event, from_json, to_json
from cxr_desktop.library.failure import StoreError
from cxr_desktop.library.history import History
from cxr_desktop.library.schema import opened, put_aside
from cxr_desktop.library.studies import StudyShelf
from cxr_desktop.library.trail import AuditTrail

FILE_NAME = "readings.sqlite3"
_INSERT = "INSERT INTO events (time, image_sha256, sop_instance_uid, reader, event) VALUES (?, ?, ?, ?, ?)"


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
                self._connection = opened(self.path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                self.set_aside = put_aside(self.path)
                self._connection = opened(self.path)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"the readings in {self.path} cannot be opened ({error}); check the folder's permissions "
                "and free space, or choose another with CXR_DESKTOP_DATA"
            ) from error
        self.studies = StudyShelf(self._connection, self.path)
        self.trail = AuditTrail(self._connection, self.path)

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
