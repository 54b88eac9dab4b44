"""`readings`: who read what, and readings from files of boxes."""

from __future__ import annotations

import argparse
from pathlib import Path

from cxr_desktop.app import data_folder
from cxr_desktop.commands.console import Console
from cxr_desktop.commands.opened_store import opened_store
from cxr_desktop.library import ReadingStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="part", metavar="list|import", required=True)
    listed = parts.add_parser("list", help="the images that were read, and by whom")
    imported = parts.add_parser(
        "import", help="boxes of files as readings; each reader of a file is one here"
    )
    imported.add_argument("boxes", nargs="+", type=Path, metavar="BOXES")
    imported.add_argument(
        "--images",
        nargs="+",
        type=Path,
        required=True,
        metavar="PATH",
        help="the images that they were drawn on",
    )
    for part in (listed, imported):
        part.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Raises BoxFileError and StoreError."""
    with opened_store(data_folder(), console) as store:
        if arguments.part == "import":
            _import(store, arguments, console)
        else:
            _list(store, console)
    return console.exit_code


def _import(store: ReadingStore, arguments: argparse.Namespace, console: Console) -> None:
    from cxr_desktop.cohort.box_input import read_box_input
    from cxr_desktop.dicom import Refused, find_instances
    from cxr_desktop.domain.errors import BoxFileError
    from cxr_desktop.library.importing import found_readings, import_readings

    tables = {path: read_box_input(path) for path in arguments.boxes}
    headers = []
    for item in find_instances([path.absolute() for path in arguments.images]):
        if isinstance(item, Refused):
            console.fail(str(item.path), item.reason)
        else:
            headers.append(item)
    found = found_readings(tables, headers)
    if not found:
        named = ", ".join(map(str, arguments.boxes))
        raise BoxFileError(f"{named}: no image given is named there; give the folder of its images")
    done = import_readings(store, found)
    console.say(f"{done.readings} readings of {', '.join(done.readers)}; {done.new} events new")
    console.document({"readings": done.readings, "readers": list(done.readers), "new": done.new})


def _list(store: ReadingStore, console: Console) -> None:
    from cxr_desktop.library.reader_table import read_images

    images = read_images(store)
    for image in images:
        console.say(image.name)
        for reader, history in image.readings.items():
            console.say(f"  {reader}: {history.state}, {len(history.present.boxes)} boxes")
    console.document(
        [
            {
                "image": image.name,
                "sha256": image.sha256,
                "readings": [
                    {"reader": reader, "state": str(history.state), "boxes": len(history.present.boxes)}
                    for reader, history in image.readings.items()
                ],
            }
            for image in images
        ]
    )
