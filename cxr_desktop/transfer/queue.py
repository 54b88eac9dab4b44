"""What is to be sent, in SQLite: survives any end of the program, and holds nothing twice."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from cxr_desktop.domain.whole_file import write_through
from cxr_desktop.transfer.failure import QueueError
from cxr_desktop.transfer.outgoing import Outgoing

FILE, SPOOL, LOCK = "transfers.sqlite", "outbox", "sending.lock"
BUSY_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 15.0, 3600.0

_TABLE = """
CREATE TABLE IF NOT EXISTS sendings (
    id INTEGER PRIMARY KEY,
    node TEXT NOT NULL,
    sop_instance_uid TEXT NOT NULL,
    sop_class_uid TEXT NOT NULL,
    transfer_syntax_uid TEXT NOT NULL,
    study_uid TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    committed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (node, sop_instance_uid, sha256)
)
"""


class State(StrEnum):
    """waiting: to be sent, or to be tried again. refused: the node will not have it; trying again is a choice."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sending:
    """One object on its way to one node. due: seconds since 1970. committed: the node promised to keep it."""

    id: int
    node: str
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    study_uid: str
    sha256: str
    state: State
    attempts: int
    due: float
    reason: str
    committed: bool


_COLUMNS = ", ".join(field.name for field in fields(Sending))


class SendQueue:
    """Objects are copied into the queue's folder, so that what happens to the files no longer matters.

    folder: the data folder. clock: seconds since 1970. One thread at a time; several processes may
    have it open, of which one sends (`sending_alone`). Every method raises QueueError.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = folder / FILE
        self._spool = folder / SPOOL
        self._lock = folder / LOCK
        self._clock = clock
        with self._failing("cannot be opened"):
            folder.mkdir(parents=True, exist_ok=True)
            self._spool.mkdir(mode=0o700, exist_ok=True)
            self._connection = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None
            )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute(_TABLE)

    def close(self) -> None:
        self._connection.close()

    def add(self, node: str, outgoing: Outgoing) -> tuple[Sending, bool]:
        """Put an object into the queue for a node, unless this very object is there or was sent.

        Returns its entry, and whether it is new.
        """
        sha256 = hashlib.sha256(outgoing.content).hexdigest()
        with self._failing("cannot take anything more"), self._transaction():
            known = self._select(
                "node = ? AND sop_instance_uid = ? AND sha256 = ?", (node, outgoing.sop_instance_uid, sha256)
            )
            if known:
                return known[0], False
            self._keep(sha256, outgoing.content)
            row = self._connection.execute(
                "INSERT INTO sendings (node, sop_instance_uid, sop_class_uid, transfer_syntax_uid, study_uid, sha256, "
                "state, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (node, outgoing.sop_instance_uid, outgoing.sop_class_uid, outgoing.transfer_syntax_uid,
                 outgoing.study_uid, sha256, State.WAITING, self._clock()),
            )  # fmt: skip
            return self._select("id = ?", (row.lastrowid,))[0], True

    def content(self, sending: Sending) -> Path:
        """The file that is sent."""
        return self._spool / f"{sending.sha256}.dcm"

    def entries(self, state: State | None = None) -> tuple[Sending, ...]:
        """All, or those of a state, in the order they came."""
        with self._failing("cannot be read"):
            return self._select("state = ?", (state,)) if state else self._select("1", ())

    def due(self, node: str = "") -> tuple[Sending, ...]:
        """What is to be tried now, for one node or all."""
        with self._failing("cannot be read"):
            found = self._select("state = ? AND due <= ?", (State.WAITING, self._clock()))
        return tuple(entry for entry in found if node in ("", entry.node))

    def next_due(self, only: Collection[int] | None = None) -> float | None:
        """Seconds until something is to be tried, 0 for now, None where nothing waits. only: ids to look at."""
        waiting = [entry for entry in self.entries(State.WAITING) if only is None or entry.id in only]
        return max(0.0, min(entry.due for entry in waiting) - self._clock()) if waiting else None

    def sent(self, sending: Sending) -> None:
        """The node has it."""
        self._change(sending, "state = ?, attempts = attempts + 1, reason = ''", (State.SENT,))
        self._drop_copy(sending)

    def put_off(self, sending: Sending, reason: str) -> None:
        """It could not be sent now: try again after a pause that doubles with each attempt."""
        pause = min(FIRST_PAUSE * 2**sending.attempts, LONGEST_PAUSE)
        due = self._clock() + pause
        self._change(sending, "attempts = attempts + 1, due = ?, reason = ?", (due, reason))

    def refused(self, sending: Sending, reason: str) -> None:
        """The node will not have it."""
        self._change(sending, "state = ?, attempts = attempts + 1, reason = ?", (State.REFUSED, reason))

    def committed(self, sending: Sending) -> None:
        """The node promised to keep it."""
        self._change(sending, "committed = 1", ())

    def retry(self, sending: Sending) -> None:
        """Have something that waits or was refused tried at the next opportunity, from the first pause on."""
        if sending.state is not State.SENT:
            self._change(
                sending, "state = ?, due = ?, attempts = 0, reason = ''", (State.WAITING, self._clock())
            )

    def remove(self, sending: Sending) -> None:
        """Take an entry out; what was sent stays where it is, and may be sent again."""
        with self._failing("cannot be changed"):
            self._connection.execute("DELETE FROM sendings WHERE id = ?", (sending.id,))
        self._drop_copy(sending)

    @contextmanager
    def sending_alone(self) -> Iterator[bool]:
        """Whether this process may send now; the system frees the lock of one that was killed."""
        lock = sqlite3.connect(self._lock, timeout=0, isolation_level=None)
        try:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise QueueError(
                        f"{self._lock} cannot be locked ({error}); check the folder's permissions"
                    ) from error
                yield False
                return
            self._sweep()
            yield True
        finally:
            lock.close()

    def _keep(self, sha256: str, content: bytes) -> None:
        target = self._spool / f"{sha256}.dcm"
        if target.is_file() and target.stat().st_size == len(content):
            return
        write_through(target, content)

    def _drop_copy(self, sending: Sending) -> None:
        """Remove its copy, unless the object waits for another node."""
        with self._failing("cannot be tidied"), self._transaction():
            if not self._select("sha256 = ? AND state <> ?", (sending.sha256, State.SENT)):
                self.content(sending).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove what programs that were killed left among the copies."""
        with self._failing("cannot be tidied"), self._transaction():
            rows = self._connection.execute(
                "SELECT DISTINCT sha256 FROM sendings WHERE state <> ?", (State.SENT,)
            )
            wanted = {f"{sha256}.dcm" for (sha256,) in rows}
            for path in self._spool.iterdir():
                if path.name not in wanted:
                    path.unlink(missing_ok=True)

    def _change(self, sending: Sending, what: str, values: Sequence[object]) -> None:
        with self._failing("cannot be changed"):
            self._connection.execute(f"UPDATE sendings SET {what} WHERE id = ?", (*values, sending.id))

    def _select(self, where: str, values: Sequence[object]) -> tuple[Sending, ...]:
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM sendings WHERE {where} ORDER BY id", values
        ).fetchall()
        return tuple(_sending(row) for row in rows)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def _failing(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            raise QueueError(
                f"the queue {self._path} {what} ({reason}); check the folder's permissions and free space"
            ) from error


def _sending(row: Sequence[Any]) -> Sending:
    values = dict(zip((field.name for field in fields(Sending)), row, strict=True))
    return Sending(**{**values, "state": State(values["state"]), "committed": bool(values["committed"])})
