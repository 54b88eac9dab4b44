"""`fetch`: a study from a node into a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from cxr_desktop.app import data_folder
from cxr_desktop.commands.console import DONE, Console
from cxr_desktop.transfer.node_book import read_book


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY_UID", help="as 'cxr-desktop find' lists it")
    parser.add_argument("--node", required=True, metavar="NAME", help="as 'cxr-desktop nodes' lists it")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files go")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--get", action="store_true", help="C-GET, over a connection opened from here (default)")
    way.add_argument(
        "--move", action="store_true", help="C-MOVE: the node opens a connection to the listener"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exit code: 0 the whole study is there. Raises TransferError, after which what came stays."""
    from cxr_desktop.transfer.inbox import Inbox
    from cxr_desktop.transfer.services import fetch

    book = read_book(data_folder())
    inbox = Inbox(arguments.out)

    def tell(came: int, expected: int) -> None:
        console.progress(came / max(expected, 1), f"{came} of {expected}")

    fetch(book.node(arguments.node), arguments.study, inbox, book, tell, move=arguments.move)
    console.clear()
    files = [{"path": str(one.path), "sop_instance_uid": one.sop_instance_uid, "new": one.new}
             for one in inbox.received.values()]  # fmt: skip
    for file in files:
        console.say(str(file["path"]))
    console.document({"study_uid": arguments.study, "files": files})
    return DONE
