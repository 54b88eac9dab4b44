"""The store on disk: readings as append-only events, the studies opened, the audit trail; one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from cxr_desktop.library.chains import Link, chain, heads
from cxr_desktop.library.events import Event, from_json, to_json
from cxr_desktop.library.failure import StoreError
from cxr_desktop.library.history import History
from cxr_desktop.library.packs.shelf import PackShelf
from cxr_desktop.library.salvage import salvage
from cxr_desktop.library.schema import NewerStore, identity, opened, put_aside
from cxr_desktop.library.studies import StudyShelf
from cxr_desktop.library.trail import AuditTrail

FILE_NAME = "readings.sqlite3"
_APPEND = (
    "INSERT INTO events (time, image_sha256, sop_instance_uid, reader, event, uid, after, step) "
    "SELECT ?, ?, ?, ?, ?, ?, coalesce(head.uid, ''), coalesce(head.step, 0) + 1 FROM (SELECT 1) LEFT JOIN "
    "(SELECT uid, step FROM events WHERE image_sha256 = ? AND reader = ? ORDER BY step DESC, uid DESC LIMIT 1) "
    "AS head ON 1"
)
_MERGE = (
    "INSERT OR IGNORE INTO events (time, image_sha256, sop_instance_uid, reader, event, uid, after, step) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_LOOK = '{"kind":"reveal"%'
"""An event of somebody who looked, and may never have read."""
_COLUMNS = "time, image_sha256, sop_instance_uid, reader, event, uid, after, step"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with the image and the reader it belongs to. time: ISO 8601 with offset.

    uid: its name in every store. after: uid of the event that it follows, '' for the first of a
    reading. step: its place, 1 for the first. `append` gives these three.
    """

    image_sha256: str
    reader: str
    event: Event
    sop_instance_uid: str = ""
    time: str = ""
    uid: str = ""
    after: str = ""
    step: int = 1


class ReadingStore:
    """Events on disk, each committed before `append` returns. One thread at a time per instance.

    Several programs may have the same store open. A file that is no sound store is set aside
    under another name, never overwritten; `set_aside` then tells its new name, and `salvaged` how many
    events could still be read in it and are in the new store.
    Raises StoreError where the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self.set_aside: Path | None = None
        self.salvaged = 0
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # no other account reads in it
            found = identity(self.path)
            try:
                self._connection = opened(self.path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                if identity(self.path) == found:  # else another program has just set it aside
                    self.set_aside = put_aside(self.path)
                self._connection = opened(self.path)
                if self.set_aside is not None:
                    self.salvaged = salvage(self.set_aside, self._connection)
        except NewerStore as error:
            raise StoreError(
                f"the readings in {self.path} were written by a newer version of CXR Desktop and stay as they are; "
                "update this one, or choose another folder with CXR_DESKTOP_DATA"
            ) from error
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"the readings in {self.path} cannot be opened ({error}); check the folder's permissions "
                "and free space, or choose another with CXR_DESKTOP_DATA"
            ) from error
        self._identity = identity(self.path)
        self.studies = StudyShelf(self._connection, self.path)
        self.trail = AuditTrail(self._connection, self.path)
        self.packs = PackShelf(self._connection, self.path)

    @property
    def mended(self) -> str:
        """What became of a damaged store, in sentences; empty where it was sound."""
        if self.set_aside is None:
            return ""
        return (
            f"The store of readings was damaged and is kept as {self.set_aside}; {self.salvaged} entries "
            "could still be read and are in a new one, where readings are saved from now on."
        )

    def append(self, stored: StoredEvent) -> None:
        """Write one event for good, after the last of its reading.

        Raises StoreError, also where the file went or another took its name: what is written to it would be lost.
        """
        if identity(self.path) != self._identity:
            raise StoreError(
                f"{self.path} was moved, removed or replaced while it was open. Put it back, or start CXR Desktop again"
            )
        time = stored.time or datetime.now().astimezone().isoformat(timespec="milliseconds")
        row = (time, stored.image_sha256, stored.sop_instance_uid, stored.reader, to_json(stored.event))
        reading = (stored.image_sha256, stored.reader)
        try:
            with self._connection:
                self._connection.execute(_APPEND, (*row, stored.uid or uuid4().hex, *reading))
        except sqlite3.Error as error:
            raise StoreError(f"a change could not be saved in {self.path} ({error})") from error

    def merge(self, events: Iterable[StoredEvent]) -> int:
        """Take in events written elsewhere, each once; returns how many were new. All of them or none.

        The store holds the union of what it is given, whatever the order. Raises StoreError, also
        where another event has the same uid.
        """
        offered = [
            (e.time, e.image_sha256, e.sop_instance_uid, e.reader, to_json(e.event), e.uid, e.after, e.step)
            for e in events
        ]
        try:
            with self._connection:
                new = sum(self._connection.execute(_MERGE, row).rowcount for row in offered)
                for row in offered:
                    query = f"SELECT {_COLUMNS} FROM events WHERE uid = ?"
                    if self._connection.execute(query, (row[5],)).fetchone() != row:
                        raise StoreError(
                            f"the event {row[5]} is here already and says something else; nothing was merged. "
                            "Ask who made the file for a new one"
                        )
        except sqlite3.Error as error:
            raise StoreError(f"readings could not be merged into {self.path} ({error})") from error
        return new

    def events(self, image_sha256: str, reader: str) -> tuple[Event, ...]:
        """In the order in which they happened. Raises StoreError."""
        return tuple(stored.event for stored in self.chain(image_sha256, reader))

    def chain(self, image_sha256: str, reader: str) -> tuple[StoredEvent, ...]:
        """`events` with their ids. Where a reader went on in two places, the longer way. Raises StoreError."""
        links = self._links(image_sha256, reader)
        return tuple(links[uid].event for uid in chain(links, next(iter(heads(links)), "")))

    def all_of(self, image_sha256: str, reader: str) -> tuple[StoredEvent, ...]:
        """Every event of a reading, those of all its versions, each after the one it follows. Raises StoreError."""
        links = self._links(image_sha256, reader).values()
        return tuple(link.event for link in sorted(links, key=lambda link: (link.step, link.event.uid)))

    def history(self, image_sha256: str, reader: str) -> History:
        """Raises StoreError."""
        return History.replay(reader, self.events(image_sha256, reader))

    def versions(self, image_sha256: str, reader: str) -> tuple[History, ...]:
        """A reader's readings of an image: one, or one for each place where the reader went on with it.

        `history` is the first of them. Raises StoreError.
        """
        links = self._links(image_sha256, reader)
        chains = ([links[uid].event.event for uid in chain(links, head)] for head in heads(links))
        return tuple(History.replay(reader, events) for events in chains)

    def images(self) -> tuple[str, ...]:
        """Images that somebody read, by their SHA-256, sorted. Raises StoreError."""
        return tuple(
            sha
            for (sha,) in self._rows(
                "SELECT DISTINCT image_sha256 FROM events WHERE event NOT LIKE ? ORDER BY image_sha256", _LOOK
            )
        )

    def readers(self, image_sha256: str) -> tuple[str, ...]:
        """Who read the image, in order of their first stroke, without those who only looked. Raises StoreError."""
        rows = self._rows(
            "SELECT reader FROM events WHERE image_sha256 = ? AND event NOT LIKE ? "
            "GROUP BY reader ORDER BY min(id)",
            image_sha256,
            _LOOK,
        )
        return tuple(reader for (reader,) in rows)

    def is_sound(self) -> bool:
        """SQLite's own integrity check."""
        return self._rows("PRAGMA integrity_check") == [("ok",)]

    def close(self) -> None:
        self._connection.close()

    def _links(self, image_sha256: str, reader: str) -> dict[str, Link[StoredEvent]]:
        query = f"SELECT {_COLUMNS} FROM events WHERE image_sha256 = ? AND reader = ?"
        rows = self._rows(query, image_sha256, reader)
        try:
            return {row[5]: Link(row[6], row[7], _stored(*row)) for row in rows}
        except ValueError as error:
            raise StoreError(f"{self.path} holds an event of a newer program ({error})") from error

    def _rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"the readings in {self.path} cannot be read ({error})") from error


def _stored(
    time: str, image: str, sop_uid: str, reader: str, event: str, uid: str, after: str, step: int
) -> StoredEvent:
    """Raises ValueError for text that is no event."""
    return StoredEvent(image, reader, from_json(event), sop_uid, time, uid, after, step)
