"""`nodes`: the systems that objects are exchanged with, and this program as they see it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from cxr_desktop.app import data_folder
from cxr_desktop.commands.console import Console
from cxr_desktop.domain.errors import CxrError
from cxr_desktop.transfer.node import LocalEntity, Node, NodeKind, Tls
from cxr_desktop.transfer.node_book import NodeBook, as_json, read_book, write_book


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="part", metavar="list|add|remove|echo|local")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    listed = parts.add_parser("list", help="the nodes that are known")
    added = parts.add_parser("add", help="a node, or another address for one")
    added.add_argument("name", metavar="NAME", help="what you call it")
    added.add_argument("--host", required=True)
    added.add_argument("--port", type=int, required=True)
    added.add_argument("--kind", choices=[kind.value for kind in NodeKind], default=NodeKind.DIMSE.value)
    added.add_argument("--ae-title", default="", help="its AE title (dimse)")
    added.add_argument("--path", default="", help="where its DICOMweb service begins, as /dicom-web")
    removed = parts.add_parser("remove", help="forget a node; what waits for it stays in the queue")
    removed.add_argument("name", metavar="NAME")
    echoed = parts.add_parser("echo", help="whether a node answers (C-ECHO, or a DICOMweb search)")
    echoed.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    local = parts.add_parser("local", help="this program: AE title, and where it listens when told to")
    local.add_argument("--ae-title", default=None)
    local.add_argument("--bind", default=None, help="address to listen on (default 127.0.0.1, this computer)")
    local.add_argument("--port", type=int, default=None)
    for part in (added, local):
        part.add_argument("--tls", action="store_true", help="TLS; certificates are always verified")
        part.add_argument("--ca-file", type=Path, metavar="PEM", help="whom to trust (default: the system)")
        part.add_argument("--certificate", type=Path, metavar="PEM", help="one's own certificate")
        part.add_argument("--key", type=Path, metavar="PEM", help="its key, where in a file of its own")
    for part in (listed, added, removed, echoed, local):  # a default would undo 'nodes --json list'
        part.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document"
        )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exit code: 0 done, 1 a node does not answer, each named with its reason. Raises NodeFileError."""
    folder = data_folder()
    book = read_book(folder)
    match arguments.part:
        case "add":
            book = book.with_node(_node(arguments))
            write_book(folder, book)
        case "remove":
            book = book.without(arguments.name)
            write_book(folder, book)
        case "local":
            book = replace(book, local=_local(arguments, book.local))
            write_book(folder, book)
        case "echo":
            return _echo(book, arguments.names, console)
    for node in book.nodes:
        console.say(f"{node}{'  TLS' if node.tls else ''}")
    listens = "reachable from other computers" if book.local.reachable else "this computer only"
    console.say(f"this program: {book.local.ae_title}, listens when told to on {book.local.bind} port "
                f"{book.local.port}, {listens}")  # fmt: skip
    console.document({"local": as_json(book.local), "nodes": [as_json(node) for node in book.nodes]})
    return console.exit_code


def _node(arguments: argparse.Namespace) -> Node:
    return Node(
        arguments.name,
        arguments.host,
        arguments.port,
        NodeKind(arguments.kind),
        arguments.ae_title,
        arguments.path,
        _tls(arguments),
    )


def _local(arguments: argparse.Namespace, known: LocalEntity) -> LocalEntity:
    given = {"ae_title": arguments.ae_title, "bind": arguments.bind, "port": arguments.port}
    tls = _tls(arguments) or known.tls
    return replace(known, tls=tls, **{name: value for name, value in given.items() if value is not None})


def _tls(arguments: argparse.Namespace) -> Tls | None:
    files = [path and path.absolute() for path in (arguments.ca_file, arguments.certificate, arguments.key)]
    return Tls(*files) if arguments.tls or any(files) else None


def _echo(book: NodeBook, names: list[str], console: Console) -> int:
    from cxr_desktop.transfer.services import answer_time

    results = []
    for node in [book.node(name) for name in names] if names else book.nodes:
        try:
            seconds = answer_time(node, book)
        except CxrError as error:
            console.fail(node.name, str(error))
            results.append({"node": node.name, "answers": False, "reason": str(error)})
        else:
            console.say(f"{node.name} answers in {1000 * seconds:.0f} ms")
            results.append({"node": node.name, "answers": True, "seconds": round(seconds, 4)})
    console.document(results)
    return console.exit_code
