"""`send`: DICOM objects to a node, through the queue, which keeps what could not be sent."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from cxr_desktop.app import data_folder
from cxr_desktop.commands.console import Console
from cxr_desktop.domain.errors import CxrError
from cxr_desktop.transfer.delivery import deliver
from cxr_desktop.transfer.node import Node
from cxr_desktop.transfer.node_book import NodeBook, read_book
from cxr_desktop.transfer.queue import Sending, SendQueue, State
from cxr_desktop.transfer.services import caller_of
from cxr_desktop.transfer.storing import Verdict


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="DICOM files, or folders of them")
    parser.add_argument("--node", required=True, metavar="NAME", help="as 'cxr-desktop nodes' lists it")
    parser.add_argument("--wait", type=float, default=0.0, metavar="SECONDS", help="go on trying for so long")
    parser.add_argument("--queue-only", action="store_true", help="send nothing now; 'queue --send' does")
    parser.add_argument(
        "--commit", action="store_true", help="have the node promise to keep them (storage commitment)"
    )
    parser.add_argument("--again", action="store_true", help="also what the node was sent before")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exit code: 0 all is with the node, 1 something is not, each named with its reason."""
    folder = data_folder()
    book = read_book(folder)
    node = book.node(arguments.node)
    with closing(SendQueue(folder)) as queue:
        entries = _queued(queue, arguments.paths, node.name, arguments.again, console)
        known = [entry for entry in entries if entry.state is State.SENT]
        if not arguments.queue_only:
            for entry in entries:
                queue.retry(entry)
            send_waiting(queue, book, console, arguments.wait, entries)
        if arguments.commit and not arguments.queue_only:
            _commit(queue, node, book, {entry.id for entry in entries}, console)
        wanted = {entry.id for entry in entries}
        now = [entry for entry in queue.entries() if entry.id in wanted]
    sent = sum(entry.state is State.SENT for entry in now)
    console.say(
        f"{sent} of {len(now)} objects are with {node.name}"
        + (f", {len(known)} of them since earlier" if known else "")
    )
    console.document(
        {"objects": [shown(entry) for entry in now],
         "failures": [{"input": a, "reason": b} for a, b in console.failures]}
    )  # fmt: skip
    return console.exit_code


def send_waiting(
    queue: SendQueue, book: NodeBook, console: Console, wait: float, only: Sequence[Sending] | None = None
) -> None:
    """Send what is due, and again after each pause until the time is up; names what is left."""
    end = time.monotonic() + wait
    wanted = None if only is None else {entry.id for entry in only}
    left: dict[int, tuple[str, str]] = {}
    while True:
        for told in deliver(queue, book, caller_of(book), only):
            console.progress(told.number / told.total, f"{told.number} of {told.total}")
            left.pop(told.sending.id, None)
            if told.verdict is not Verdict.TAKEN:
                left[told.sending.id] = (told.sending.sop_instance_uid, told.reason)
        pause = queue.next_due(wanted)
        if pause is None or time.monotonic() + pause > end:
            break
        time.sleep(pause + 0.01)
    console.clear()
    for subject, reason in left.values():
        console.fail(subject, reason)


def shown(entry: Sending) -> dict[str, Any]:
    """An entry of the queue, as the commands print it."""
    return {
        "id": entry.id,
        "node": entry.node,
        "sop_instance_uid": entry.sop_instance_uid,
        "sha256": entry.sha256,
        "state": entry.state.value,
        "attempts": entry.attempts,
        "reason": entry.reason,
        "committed": entry.committed,
    }


def _commit(queue: SendQueue, node: Node, book: NodeBook, wanted: set[int], console: Console) -> None:
    """Ask for the promise on what was sent and has none; names what the node does not promise."""
    from cxr_desktop.transfer.services import promised

    open_ones = [e for e in queue.entries(State.SENT) if e.id in wanted and not e.committed]
    if not open_ones:
        return
    try:
        kept = promised(node, open_ones, book, data_folder() / "received")
    except CxrError as error:
        console.fail(node.name, str(error))
        return
    for entry in open_ones:
        if entry.sop_instance_uid in kept:
            queue.committed(entry)
        else:
            console.fail(entry.sop_instance_uid, "the node does not promise to keep it; send it with --again")


def _queued(
    queue: SendQueue, paths: Sequence[Path], node: str, again: bool, console: Console
) -> list[Sending]:
    from cxr_desktop.dicom import Refused
    from cxr_desktop.transfer.outgoing import objects_at, read_outgoing

    entries: dict[int, Sending] = {}
    for found in objects_at(paths):
        if isinstance(found, Refused):
            console.fail(str(found.path), found.reason)
            continue
        try:
            outgoing = read_outgoing(found)
            entry, _new = queue.add(node, outgoing)
            if again and entry.state is State.SENT:
                queue.remove(entry)
                entry, _new = queue.add(node, outgoing)
        except CxrError as error:
            console.fail(str(found), str(error))
        else:
            entries[entry.id] = entry
    if not entries and not console.failures:
        console.fail(", ".join(map(str, paths)), "there is no DICOM object in it. Choose another path.")
    return list(entries.values())
