"""Copies of the store from before an upgrade, beside it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

KEPT = 5


def back_up(path: Path, version: int) -> Path:
    """Copy a store of an earlier version, whole or not at all; the latest `KEPT` copies stay.

    The name has the version and the time in UTC: readings.version-2.20260131T235959123456Z.sqlite3.
    Raises OSError and sqlite3.Error, a full disk among them, and leaves no part of a copy then.
    """
    target = path.with_name(
        f"{path.stem}.version-{version}.{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}{path.suffix}"
    )
    staged = target.with_name(f"{target.name}.part")
    try:
        # A connection of its own: the store's may be within a transaction, whose pages cannot be copied.
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(staged)) as copy:
            source.backup(copy)
            (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.OperationalError(f"its copy is not sound ({verdict})")
        staged.replace(target)
    except sqlite3.Error as error:
        raise sqlite3.OperationalError(f"no copy could be made before the upgrade: {error}") from error
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            staged.with_name(staged.name + suffix).unlink(missing_ok=True)
    for old in backups(path)[:-KEPT]:
        old.unlink()
    return target


def backups(path: Path) -> list[Path]:
    """The copies of a store, the oldest first."""
    return sorted(path.parent.glob(f"{path.stem}.version-*{path.suffix}"), key=_time)


def _time(copy: Path) -> str:
    """When a copy was made, '' for one whose name does not say it."""
    part = copy.name.split(".")[-2]
    return "" if part.startswith("version-") else part
