"""What can still be read of a damaged store, for the new one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from cxr_desktop.library.events import from_json
from cxr_desktop.library.trail import START, TrailEntry

_AT_ONCE = 200
_SMALLEST_ROW = 50
"""Bytes; where the damage hides the last row, no row is looked for beyond what the file could hold."""
_EVENTS = ("time", "image_sha256", "sop_instance_uid", "reader", "event", "uid", "after", "step")
_IMAGES = ("path", "study", "image_sha256", "header", "opened")
_TRAIL = ("number", "entry", "previous", "sha256")
_PACKS = ("id", "role", "reader", "manifest", "record")
Row = tuple[Any, ...]


def salvage(damaged: Path, connection: sqlite3.Connection) -> int:
    """Copy what can be read of a store of this version into a new one; returns the number of its events.

    The damaged file is only read. An event comes along where all before it in its reading do, so that no
    reading says what its reader never saw; of the audit trail comes what is chained without a gap.
    Raises sqlite3.Error where the new store cannot be written.
    """
    if not damaged.stat().st_size:
        return 0  # opening it would remove its log
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)) as source,
    ):
        events = _with_their_past(
            [row for row in _rows(source, "events", _EVENTS, damaged) if _is_event(row)]
        )
        images = [row for row in _rows(source, "images", _IMAGES, damaged) if _is_object(row[3])]
        trail = _chained(_rows(source, "trail", _TRAIL, damaged))
        packs = [row for row in _rows(source, "packs", _PACKS, damaged) if _is_object(row[3])]
        with connection:
            for table, columns, rows in (
                ("events", _EVENTS, events),
                ("images", _IMAGES, images),
                ("trail", _TRAIL, trail),
                ("packs", _PACKS, packs),
            ):
                places = ", ".join("?" * len(columns))
                connection.executemany(
                    f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({places})", rows
                )
        return len(events)
    return 0


def _rows(source: sqlite3.Connection, table: str, columns: tuple[str, ...], file: Path) -> Iterator[Row]:
    """Rows in order of their number; of a stretch that cannot be read at once, those that can one by one."""
    chosen = f"SELECT rowid, {', '.join(columns)} FROM {table} NOT INDEXED WHERE rowid"
    done, last = 0, _last_row(source, table, file)
    while done < last:
        end = done + _AT_ONCE
        try:
            yield from (
                row[1:] for row in source.execute(f"{chosen} > ? AND rowid <= ?", (done, end)).fetchall()
            )
        except sqlite3.Error:
            for number in range(done + 1, end + 1):
                with suppress(sqlite3.Error):
                    yield from (row[1:] for row in source.execute(f"{chosen} = ?", (number,)).fetchall())
        done = end


def _last_row(source: sqlite3.Connection, table: str, file: Path) -> int:
    try:
        return source.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0
    except sqlite3.Error:
        return file.stat().st_size // _SMALLEST_ROW


def _is_event(row: Row) -> bool:
    try:
        from_json(row[4])
    except (ValueError, TypeError):
        return False
    return all(isinstance(value, str) for value in row[:7]) and isinstance(row[7], int)


def _is_object(text: object) -> bool:
    try:
        return isinstance(text, str) and isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _with_their_past(events: list[Row]) -> list[Row]:
    known = {""}
    kept = []
    for row in sorted(events, key=lambda row: row[7]):
        if row[6] in known:
            known.add(row[5])
            kept.append(row)
    return sorted(kept, key=lambda row: row[0])


def _chained(rows: Iterator[Row]) -> list[Row]:
    kept: list[Row] = []
    previous = START
    for number, entry, before, sha256 in rows:
        if not _is_object(entry) or (number, before) != (len(kept) + 1, previous):
            break
        if TrailEntry(number, json.loads(entry), before, "").due_sha256 != sha256:
            break
        kept.append((number, entry, before, sha256))
        previous = sha256
    return kept
