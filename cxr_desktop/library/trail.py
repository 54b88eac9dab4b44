"""The audit trail: each export an entry, each entry chained to the one before by its hash."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cxr_desktop.domain.canonical import canonical_bytes, sha256_of
from cxr_desktop.domain.errors import CxrError
from cxr_desktop.library.failure import StoreError, failing

START = "0" * 64


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """number: from 1 on, without a gap. entry: what was done. previous, sha256: the chain."""

    number: int
    entry: Mapping[str, Any]
    previous: str
    sha256: str

    @property
    def due_sha256(self) -> str:
        """What `sha256` must be: over number, entry and the hash before."""
        return sha256_of({"number": self.number, "entry": dict(self.entry), "previous": self.previous})


class AuditTrail:
    """Append-only entries over the store's connection; triggers refuse a change. One thread at a time."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def head(self) -> str:
        """Hash of the last entry, START where there is none. Raises StoreError."""
        with failing(f"the audit trail in {self._path} cannot be read"):
            return self._last()[1]

    def append(self, action: str, facts: Mapping[str, Any]) -> TrailEntry:
        """Write one entry for good. facts: plain values, without patients' names. Raises StoreError."""
        entry = {
            "time": datetime.now().astimezone().isoformat(timespec="milliseconds"),
            "action": action,
            **facts,
        }
        with failing(f"the audit trail in {self._path} could not be written"), self._connection:
            # the write lock first, so that two programs never chain to the same entry
            self._connection.execute("BEGIN IMMEDIATE")
            number, previous = self._last()
            made = TrailEntry(number + 1, entry, previous, "")
            done = TrailEntry(made.number, entry, previous, made.due_sha256)
            self._connection.execute(
                "INSERT INTO trail (number, entry, previous, sha256) VALUES (?, ?, ?, ?)",
                (done.number, json.dumps(entry, ensure_ascii=False), previous, done.sha256),
            )
        return done

    def entries(self) -> tuple[TrailEntry, ...]:
        """All of them, the first first. Raises StoreError."""
        with failing(f"the audit trail in {self._path} cannot be read"):
            rows = self._connection.execute(
                "SELECT number, entry, previous, sha256 FROM trail ORDER BY number"
            ).fetchall()
        try:
            return tuple(TrailEntry(n, _facts(entry), before, sha256) for n, entry, before, sha256 in rows)
        except ValueError as error:
            raise StoreError(
                f"the audit trail in {self._path} holds an entry that was changed ({error})"
            ) from error

    def _last(self) -> tuple[int, str]:
        row = self._connection.execute(
            "SELECT number, sha256 FROM trail ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return row or (0, START)


def _facts(entry: str) -> dict[str, Any]:
    """What an entry's text says. Raises ValueError for a text that `append` never writes."""
    facts = json.loads(entry)
    if not isinstance(facts, dict):
        raise ValueError(f"it is a {type(facts).__name__}")
    canonical_bytes(facts)  # refuses numbers that are none
    return facts


class TrailError(CxrError):
    """An exported trail cannot be read or is not what was written."""


def broken_links(entries: Iterable[TrailEntry]) -> tuple[str, ...]:
    """A sentence for each entry that was changed, left out or put in another place."""
    problems, expected, before = [], 1, START
    for one in entries:
        if one.number != expected:
            problems.append(f"entry {expected} is missing: entry {one.number} stands in its place")
        elif one.previous != before:
            problems.append(f"entry {one.number} does not follow the one before it")
        if one.sha256 != one.due_sha256:
            problems.append(f"entry {one.number} is not what was written")
        expected, before = one.number + 1, one.sha256
    return tuple(problems)


def to_lines(entries: Iterable[TrailEntry]) -> bytes:
    """The trail as it is exported: JSON, an entry a line, UTF-8."""
    documents = (
        {"number": one.number, "entry": dict(one.entry), "previous": one.previous, "sha256": one.sha256}
        for one in entries
    )
    return b"".join(json.dumps(d, sort_keys=True, ensure_ascii=False).encode() + b"\n" for d in documents)


def from_lines(content: bytes) -> tuple[TrailEntry, ...]:
    """An exported trail, its chain not judged. Raises TrailError for bytes that `to_lines` does not write."""
    try:
        documents = [json.loads(line) for line in content.decode("utf-8").split("\n") if line]
        entries = tuple(
            TrailEntry(int(d["number"]), dict(d["entry"]), str(d["previous"]), str(d["sha256"]))
            for d in documents
        )
        for one in entries:
            canonical_bytes(dict(one.entry))
    except (ValueError, KeyError, TypeError) as error:
        raise TrailError(f"this is no exported audit trail, or it was changed ({error})") from error
    if to_lines(entries) != content:
        raise TrailError("this audit trail was changed after it was exported")
    return entries
