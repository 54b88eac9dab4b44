"""`listen`: take what nodes send, until told to stop."""

from __future__ import annotations

import argparse
import signal
import threading
from dataclasses import replace
from pathlib import Path

from cxr_desktop.app import data_folder
from cxr_desktop.commands.console import DONE, FAILED, Console
from cxr_desktop.transfer.node_book import read_book


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, default=None, metavar="DIR", help="where the files go (default: your data)"
    )
    parser.add_argument("--bind", default=None, help="address to listen on, this time")
    parser.add_argument("--port", type=int, default=None, help="port, this time")
    parser.add_argument(
        "--for", type=float, default=None, dest="seconds", metavar="SECONDS", help="stop by itself"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Ends on Ctrl-C or a termination signal. Exit code: 0, or 1 where something could not be kept."""
    from cxr_desktop.transfer.inbox import Inbox, Received
    from cxr_desktop.transfer.listening import listening
    from cxr_desktop.transfer.services import callers_of

    folder = data_folder()
    book = read_book(folder)
    given = {"bind": arguments.bind, "port": arguments.port}
    local = replace(book.local, **{name: value for name, value in given.items() if value is not None})

    def told(received: Received) -> None:
        console.say(str(received.path))

    inbox = Inbox(arguments.out or folder / "received", told)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: stopped.set())
    with listening(local, inbox, callers_of(book)):
        console.note(f"listening as {local.ae_title} on {local.bind} port {local.port}; Ctrl-C stops")
        try:
            stopped.wait(arguments.seconds)
        except KeyboardInterrupt:
            stopped.set()
    console.document({"files": [str(received.path) for received in inbox.received.values()]})
    if inbox.problem is not None:
        console.note(str(inbox.problem))
        return FAILED
    return DONE
