"""`agree`: how far readers agree, and their consensus."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxr_desktop.app import data_folder
from cxr_desktop.commands.console import Console

if TYPE_CHECKING:
    from cxr_desktop.cohort.agreement_files import Readings
    from cxr_desktop.cohort.index import IndexRow
    from cxr_desktop.cohort.reader_study import ReaderStudy
    from cxr_desktop.domain.labels import LabelMap

Sizes = Mapping[str, tuple[int, int]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "boxes",
        nargs="*",
        type=Path,
        metavar="BOXES",
        help="readers are told by the column reader or source, else by the file",
    )
    parser.add_argument(
        "--library", action="store_true", help="compare the readings in the library instead of files"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--iou", type=float, default=0.5, metavar="IOU", help="from which two boxes are one finding"
    )
    parser.add_argument(
        "--index", type=Path, metavar="INDEX.csv", help="images that all read, also those without a box"
    )
    parser.add_argument("--images", type=Path, metavar="DIR", help="folder of the images, for their sizes")
    parser.add_argument("--label-map", type=Path, metavar="FILE.csv", help="which label lies under which")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Raises ValueError for an IoU that is none, BoxFileError, IndexFileError, StoreError and ExportError."""
    from cxr_desktop.cohort.agreement import measure_agreement
    from cxr_desktop.cohort.agreement_files import write_agreement
    from cxr_desktop.cohort.index import read_index
    from cxr_desktop.domain.labels import LabelMap

    if not 0 < arguments.iou <= 1:
        raise ValueError(f"--iou {arguments.iou:g} is not above 0 and at most 1")
    if bool(arguments.boxes) == arguments.library:
        raise ValueError("give files of boxes, or --library for the readings kept here")
    index = read_index(arguments.index) if arguments.index else None
    labels = LabelMap.load(arguments.label_map)
    read = _kept(labels, console) if arguments.library else _in_files(arguments.boxes, index, labels)
    study, sizes, adjudicated = read
    agreement = measure_agreement(study, arguments.iou)
    if arguments.images:
        sizes = _sizes(arguments.images, agreement.consensus)
    files = write_agreement(agreement, arguments.out, sizes, adjudicated)
    console.say(files[0].read_text(encoding="utf-8").rstrip("\n"))
    for note in agreement.notes:
        console.note(note)
    console.document(
        {
            "out": str(arguments.out),
            "files": sorted(path.name for path in files),
            "readers": list(study.readers),
            "images": list(agreement.consensus),
            "labels": list(study.labels),
            "notes": list(agreement.notes),
        }
    )
    return console.exit_code


def _in_files(
    files: Sequence[Path], index: Sequence[IndexRow] | None, labels: LabelMap
) -> tuple[ReaderStudy, Sizes, Readings]:
    from cxr_desktop.cohort.reader_study import read_study

    return read_study(files, index, labels), {}, {}


def _kept(labels: LabelMap, console: Console) -> tuple[ReaderStudy, Sizes, Readings]:
    """Of the library's readings. Raises StoreError where there are none of two readers."""
    from cxr_desktop.cohort.reader_study import assemble_study
    from cxr_desktop.commands.opened_store import opened_store
    from cxr_desktop.library.reader_table import reader_table

    with opened_store(data_folder(), console) as store:
        table = reader_table(store)
    return assemble_study(table.readers, table.boxes, labels), table.sizes, table.adjudicated


def _sizes(folder: Path, images: Iterable[str]) -> dict[str, tuple[int, int]]:
    """image -> (columns, rows) of those found in the folder, from their headers alone."""
    from cxr_desktop.cohort.index import IndexRow, locate
    from cxr_desktop.dicom import find_instances
    from cxr_desktop.domain import InstanceHeader

    paths = locate(tuple(IndexRow(image, {}) for image in images), folder)
    names = {path: image for image, path in paths.items()}
    return {
        names[found.path]: (found.columns, found.rows)
        for found in find_instances(paths.values())
        if isinstance(found, InstanceHeader) and found.path in names
    }
