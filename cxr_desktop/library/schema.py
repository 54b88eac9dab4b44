"""The store's file: its tables, how it is opened, and how one of an earlier version is brought up."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cxr_desktop.library.backup import back_up

VERSION = 3
BUSY_SECONDS = 10.0
MAKING_SECONDS = 60.0
"""An empty file that is younger may be a store that another program is just making."""

_EVENTS = """
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

_LIBRARY = """
CREATE TABLE IF NOT EXISTS images (
    path TEXT PRIMARY KEY,
    study TEXT NOT NULL,
    image_sha256 TEXT NOT NULL,
    header TEXT NOT NULL,
    opened TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS images_of_study ON images (study);
CREATE TABLE IF NOT EXISTS trail (
    number INTEGER PRIMARY KEY,
    entry TEXT NOT NULL,
    previous TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE
);
CREATE TRIGGER IF NOT EXISTS trail_stays BEFORE UPDATE ON trail
    BEGIN SELECT RAISE(ABORT, 'entries of the trail are never changed'); END;
CREATE TRIGGER IF NOT EXISTS trail_remains BEFORE DELETE ON trail
    BEGIN SELECT RAISE(ABORT, 'entries of the trail are never deleted'); END;
"""

# Earlier events have no id of their own; this one is the same wherever the same store is brought up.
_EXCHANGE = """
DROP TRIGGER events_stay;
ALTER TABLE events ADD COLUMN uid TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN after TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN step INTEGER NOT NULL DEFAULT 1;
UPDATE events SET uid = time || ' ' || id || ' ' || image_sha256 || ' ' || reader;
UPDATE events SET step = placed.step, after = placed.after FROM (
    SELECT id, row_number() OVER reading AS step, lag(uid, 1, '') OVER reading AS after FROM events
    WINDOW reading AS (PARTITION BY image_sha256, reader ORDER BY id)
) AS placed WHERE placed.id = events.id;
CREATE UNIQUE INDEX events_by_uid ON events (uid);
CREATE INDEX events_of_chain ON events (image_sha256, reader, step, uid);
CREATE TRIGGER events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TABLE packs (
    id TEXT NOT NULL,
    role TEXT NOT NULL,
    reader TEXT NOT NULL,
    manifest TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (id, role, reader)
);
"""

_STEPS = {1: _EVENTS, 2: _LIBRARY, 3: _EXCHANGE}
"""What each version added to the one before."""


class NewerStore(sqlite3.OperationalError):
    """A store that a newer program wrote, which this one cannot read."""


def opened(path: Path) -> sqlite3.Connection:
    """A connection to the store, made or brought to this version where need be.

    SQLite would take a file that lost all its bytes for a new one, and throw its log away.

    Before a store of an earlier version is changed, a copy is put beside it (`backup.back_up`).
    Raises sqlite3.DatabaseError for a file that is no sound store, NewerStore for one of a newer
    program, OperationalError for one that cannot be used now.
    """
    if _is_emptied(path):
        raise sqlite3.DatabaseError("all its bytes are gone")
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")  # a forgotten study leaves no name in freed pages
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise NewerStore(f"version {version}")
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        if version < VERSION:
            _bring_up(connection, path)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _is_emptied(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    try:
        found = path.stat()
        return not found.st_size and (
            time.time() - found.st_mtime > MAKING_SECONDS or (log.exists() and log.stat().st_size > 0)
        )
    except FileNotFoundError:
        return False


def identity(path: Path) -> tuple[int, int] | None:
    """Which file it is that has this name now; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def put_aside(path: Path) -> Path:
    """Rename a broken store and what SQLite keeps beside it."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    target = path.with_name(f"{path.name}.damaged-{stamp}")
    path.rename(target)
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(target.with_name(target.name + suffix))
    return target


def _bring_up(connection: sqlite3.Connection, path: Path) -> None:
    """All steps in one transaction, after a copy; a second program that does the same waits for it.

    Raises sqlite3.OperationalError where that fails; the store is then as it was.
    """
    copy = None
    try:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if 0 < version < VERSION:
                copy = back_up(path, version)
            for number, step in _STEPS.items():
                if number > version:
                    for statement in _statements(step):
                        connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {max(version, VERSION)}")
    except (OSError, sqlite3.Error) as error:
        kept = f"; a copy is {copy}" if copy else ""
        raise sqlite3.OperationalError(
            f"they could not be brought to this version of CXR Desktop: {error}. They are as they were{kept}"
        ) from error


def _statements(script: str) -> Iterator[str]:
    """One by one: `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
