"""The queue keeps what it was given, once, through whatever ends the program."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cxr_desktop.commands.console import Console
from cxr_desktop.commands.send import send_waiting
from cxr_desktop.transfer.failure import QueueError
from cxr_desktop.transfer.node_book import NodeBook
from cxr_desktop.transfer.outgoing import Outgoing
from cxr_desktop.transfer.queue import FIRST_PAUSE, LONGEST_PAUSE, SendQueue, State

ONE = Outgoing(b"one", "1.2.840.10008.5.1.4.1.1.1", "1.2.3", "1.2.840.10008.1.2.1", "1.2")

_KILLED = """
import sys, time
from pathlib import Path
from cxr_desktop.transfer.outgoing import Outgoing
from cxr_desktop.transfer.queue import SendQueue
queue = SendQueue(Path(sys.argv[1]))
with queue.sending_alone() as alone:
    number = 0
    while True:
        number += 1
        queue.add("pacs", Outgoing(b"%d" % number, "1.2", f"1.2.{number}", "1.2.1", "1"))
        print(number, alone, flush=True)
"""


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(tmp_path: Path, clock: Clock) -> Iterator[SendQueue]:
    with closing(SendQueue(tmp_path, clock)) as made:
        yield made


def test_nobody_waits_for_what_others_send(queue: SendQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    queue.add("elsewhere", ONE)
    ours, _ = queue.add("pacs", ONE)
    queue.sent(ours)
    assert queue.next_due() == 0
    assert queue.next_due([ours.id]) is None

    def slept(_seconds: float) -> None:
        raise AssertionError("it waits for an entry that it does not send")

    monkeypatch.setattr("cxr_desktop.commands.send.time.sleep", slept)
    send_waiting(queue, NodeBook(), Console(), wait=5, only=[ours])


def test_the_same_object_waits_once(queue: SendQueue) -> None:
    first, new = queue.add("pacs", ONE)
    assert new
    assert queue.add("pacs", ONE) == (first, False)
    queue.sent(first)
    again, new = queue.add("pacs", ONE)
    assert (again.state, new) == (State.SENT, False)
    assert queue.add("archive", ONE)[1], "another node has not got it"
    assert queue.add("pacs", replace(ONE, content=b"two"))[1], "other content is another object"


def test_a_copy_stays_until_the_last_node_has_it(queue: SendQueue) -> None:
    pacs, archive = queue.add("pacs", ONE)[0], queue.add("archive", ONE)[0]
    queue.sent(pacs)
    assert queue.content(archive).read_bytes() == b"one"
    queue.sent(archive)
    assert not queue.content(archive).exists()


def test_pauses_double_up_to_an_hour(queue: SendQueue, clock: Clock) -> None:
    queue.add("pacs", ONE)
    pauses = []
    for _ in range(11):
        (entry,) = queue.due()
        queue.put_off(entry, "no answer")
        pause = queue.next_due()
        assert pause is not None
        pauses.append(pause)
        clock.now += pause - 0.001
        assert not queue.due()
        clock.now += 0.002
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-2:] == [LONGEST_PAUSE, LONGEST_PAUSE]


def test_refused_waits_for_a_decision(queue: SendQueue, clock: Clock) -> None:
    entry, _ = queue.add("pacs", ONE)
    queue.refused(entry, "not this kind")
    clock.now += 10 * LONGEST_PAUSE
    assert not queue.due()
    queue.retry(queue.entries()[0])
    assert [e.attempts for e in queue.due()] == [0]
    queue.remove(entry)
    assert not queue.entries()
    assert not queue.content(entry).exists()


def test_kill_loses_nothing_and_frees_the_lock(tmp_path: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert program.stdout is not None
    lines = [program.stdout.readline() for _ in range(10)]
    assert lines[0].split() == ["1", "True"]
    with closing(SendQueue(tmp_path)) as queue, queue.sending_alone() as alone:
        assert not alone
    program.send_signal(signal.SIGKILL)
    program.wait()
    told = int(([*lines, *program.stdout.readlines()])[-1].split()[0])
    program.stdout.close()
    with closing(SendQueue(tmp_path)) as queue:
        with queue.sending_alone() as alone:
            assert alone
        entries = queue.entries(State.WAITING)
        assert len(entries) in (told, told + 1)
        assert [queue.content(entry).read_text() for entry in entries] == [
            str(n + 1) for n in range(len(entries))
        ]
        assert len(list((tmp_path / "outbox").iterdir())) == len(entries)


def test_full_disk_is_said_and_leaves_no_half(queue: SendQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(QueueError, match=r"No space left on device.*free space"):
        queue.add("pacs", ONE)
    monkeypatch.undo()
    assert not queue.entries()
    assert queue.add("pacs", ONE)[1]


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(QueueError, match="cannot be opened"):
        SendQueue(tmp_path / "file" / "data")


def test_a_file_that_is_no_queue(tmp_path: Path) -> None:
    (tmp_path / "transfers.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(QueueError, match="cannot be opened"):
        SendQueue(tmp_path)
