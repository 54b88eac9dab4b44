"""`queue`: what waits to be sent, was sent, or was refused; send it, try it again, take it out."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing

from cxr_desktop.app import data_folder
from cxr_desktop.commands.console import Console
from cxr_desktop.commands.send import send_waiting, shown
from cxr_desktop.transfer.failure import QueueError
from cxr_desktop.transfer.node_book import read_book
from cxr_desktop.transfer.queue import Sending, SendQueue, State

ALL = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--send", action="store_true", help="send what is due now")
    parser.add_argument("--wait", type=float, default=0.0, metavar="SECONDS", help="go on trying for so long")
    parser.add_argument("--retry", metavar="ID|all", help="try what waits or was refused without its pause")
    parser.add_argument("--remove", metavar="ID|all", help="take entries out (all: those that are not sent)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exit code: 0 done, 1 something that was due could not be sent. Raises QueueError."""
    folder = data_folder()
    with closing(SendQueue(folder)) as queue:
        for entry in _chosen(queue.entries(), arguments.remove):
            queue.remove(entry)
        for entry in _chosen(queue.entries(), arguments.retry):
            queue.retry(entry)
        if arguments.send or arguments.retry:
            send_waiting(queue, read_book(folder), console, arguments.wait)
        entries = queue.entries()
    for entry in entries:
        told = f"  {entry.reason}" if entry.reason else "  committed" if entry.committed else ""
        console.say(f"{entry.id:5}  {entry.state:8} {entry.node}  {entry.sop_instance_uid}{told}")
    console.say(", ".join(f"{sum(e.state is state for e in entries)} {state}" for state in State))
    console.document([shown(entry) for entry in entries])
    return console.exit_code


def _chosen(entries: Sequence[Sending], which: str | None) -> Sequence[Sending]:
    if which is None:
        return ()
    if which == ALL:
        return [entry for entry in entries if entry.state is not State.SENT]
    chosen = [entry for entry in entries if str(entry.id) == which]
    if not chosen:
        raise QueueError(
            f"there is no entry {which!r} in the queue; 'cxr-desktop queue' lists those there are"
        )
    return chosen
