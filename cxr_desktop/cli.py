"""The command line: the same engine as the window's, without a screen."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Collection, Sequence
from importlib import import_module
from pathlib import Path

from cxr_desktop import __version__
from cxr_desktop.commands.console import FAILED, USAGE, Console
from cxr_desktop.commands.rules import keep_to_policy
from cxr_desktop.domain.errors import CxrError

TERMINATED = 143


COMMANDS = {
    "analyze": "classify, attribute, localise, export; no screen",
    "evaluate": "a data set through the engine, into tables",
    "estimate": "how long an evaluation of many images will take, measured on a few",
    "agree": "how far readers agree, and their consensus",
    "export": "reports of a study in the library; no screen",
    "deidentify": "copies of images without what tells whose they are",
    "library": "the studies in the library; add or forget one",
    "pack": "cases for readers without a network, and their readings home again",
    "readings": "who read what; readings from files of boxes",
    "audit": "the audit trail: check it, write it to a file",
    "verify": "replay a report and compare",
    "units": "inside the network: what single units do",
    "nodes": "DICOM and DICOMweb systems to exchange objects with",
    "send": "DICOM objects to a node, through a queue that loses none",
    "queue": "what waits to be sent; send it, try again, take out",
    "find": "the studies that a node knows",
    "fetch": "a study from a node into a folder",
    "listen": "take what nodes send, on this computer alone until configured",
}
"""What `--help` says of each module of the same name in `commands`."""


def build_parser(given: Collection[str] = COMMANDS) -> argparse.ArgumentParser:
    """The parser of what was given: commands that are not in it get no arguments of their own.

    Their modules import scipy, pydicom and more, which the window would wait for.
    """
    parser = argparse.ArgumentParser(
        prog="cxr-desktop",
        description="Review chest radiographs with an honest look inside the network. Not for diagnostic use.",
    )
    parser.add_argument("--version", action="version", version=f"CXR Desktop {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    opened = commands.add_parser("open", help="the window, on files, folders, DICOMDIR or .zip")
    opened.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    _window_options(opened)
    _window_options(commands.add_parser("demo", help="the window, on the bundled study"))
    for name, text in COMMANDS.items():
        own = commands.add_parser(name, help=text)
        if name in given:
            command = import_module(f"cxr_desktop.commands.{name}")
            command.add_arguments(own)
            own.set_defaults(run=command.run)
    for name, text in (
        ("methods", "the attribution methods installed"),
        ("models", "the models installed"),
        ("doctor", "check this installation; says the cure for what is missing"),
    ):
        listing = commands.add_parser(name, help=text)
        listing.add_argument("--json", action="store_true", help="print one JSON document")
        if name == "models":
            listing.add_argument(
                "--install",
                type=Path,
                metavar="FILE.zip|DIR",
                help="check a model package against its hash and copy it to your models first",
            )
    return parser


def _window_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="demo", metavar="NAME|DIR")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 done, 1 some input failed, 2 wrong usage."""
    given = list(sys.argv[1:] if argv is None else argv)
    console = Console()
    try:
        arguments = build_parser(given).parse_args(given)
        console = Console(getattr(arguments, "json", False))
        keep_to_policy(arguments)
        return _dispatch(arguments, console)
    except CxrError as error:
        console.note(str(error))
        return FAILED
    except ValueError as error:
        console.note(str(error))
        return USAGE
    except KeyboardInterrupt:
        console.note("stopped; what was finished is kept")
        return 130


def _end_in_order() -> None:
    """Asked to end, a command removes what it keeps beside its results: unpacked images, files half written."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(TERMINATED))


def _dispatch(arguments: argparse.Namespace, console: Console) -> int:
    if "run" in arguments:
        _end_in_order()
        return arguments.run(arguments, console)
    match arguments.command:
        case "methods" | "models":
            from cxr_desktop.commands import listings

            if getattr(arguments, "install", None):
                listings.install_model(arguments.install, console)
            listed = listings.list_methods if arguments.command == "methods" else listings.list_models
            return listed(console)
        case "doctor":
            from cxr_desktop.commands import doctor

            return doctor.run(console)
        case command:
            from cxr_desktop.app import run_window

            options = {"model": arguments.model, "device": arguments.device} if command else {}
            return run_window(getattr(arguments, "paths", ()), demo=command == "demo", **options)


if __name__ == "__main__":
    sys.exit(main())
