"""`agree`: how far readers agree, and their consensus."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from cxr_desktop.commands.console import Console
from cxr_desktop.domain.errors import ExportError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "boxes",
        nargs="+",
        type=Path,
        metavar="BOXES",
        help="readers are told by the column reader or source, else by the file",
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
    """Raises ValueError for an IoU that is none, BoxFileError, IndexFileError and ExportError."""
    from cxr_desktop.cohort.agreement import measure_agreement
    from cxr_desktop.cohort.agreement_page import agreement_page
    from cxr_desktop.cohort.agreement_tables import write_tables, write_text
    from cxr_desktop.cohort.index import read_index
    from cxr_desktop.cohort.reader_study import read_study
    from cxr_desktop.domain.labels import LabelMap

    if not 0 < arguments.iou <= 1:
        raise ValueError(f"--iou {arguments.iou:g} is not above 0 and at most 1")
    index = read_index(arguments.index) if arguments.index else None
    study = read_study(arguments.boxes, index, LabelMap.load(arguments.label_map))
    agreement = measure_agreement(study, arguments.iou)
    sizes = _sizes(arguments.images, agreement.consensus) if arguments.images else {}
    files = [*write_tables(agreement, _folder(arguments.out), sizes)]
    files.append(write_text(arguments.out / "agreement.html", agreement_page(agreement, sizes)))
    if not console.as_json:
        sys.stdout.write(files[0].read_text(encoding="utf-8"))
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


def _folder(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{out} cannot be made ({error.strerror}); choose another --out folder") from error
    return out


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
