"""`audit`: the trail of exports, checked and written to a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from cxr_desktop.app import data_folder
from cxr_desktop.commands.console import DONE, FAILED, Console
from cxr_desktop.commands.opened_store import opened_store
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.library import TrailEntry, TrailError, broken_links, from_lines, to_lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the trail there, a JSON entry a line")
    parser.add_argument(
        "--check", type=Path, metavar="FILE", help="check an exported trail instead of this one"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exit code: 0 the chain is whole, 1 it is not, each break named."""
    entries = _read(arguments.check) if arguments.check else _own(console)
    problems = broken_links(entries)
    for problem in problems:
        console.fail("audit trail", problem)
    if arguments.out:
        _write(entries, arguments.out)
    head = entries[-1].sha256 if entries else ""
    console.say(
        f"{len(entries)} entries, {'broken' if problems else 'whole'}{f', head {head}' if head else ''}"
    )
    console.document({"entries": len(entries), "head": head, "whole": not problems, "problems": problems})
    return FAILED if problems else DONE


def _own(console: Console) -> tuple[TrailEntry, ...]:
    with opened_store(data_folder(), console) as store:
        return store.trail.entries()


def _read(path: Path) -> tuple[TrailEntry, ...]:
    try:
        return from_lines(path.read_bytes())
    except OSError as error:
        raise TrailError(f"{path} cannot be read ({error.strerror}); check the path") from error
    except TrailError as error:
        raise TrailError(f"{path}: {error}") from error


def _write(entries: tuple[TrailEntry, ...], path: Path) -> None:
    try:
        path.write_bytes(to_lines(entries))
    except OSError as error:
        raise ExportError(f"{path} cannot be written ({error.strerror}); choose another place") from error
