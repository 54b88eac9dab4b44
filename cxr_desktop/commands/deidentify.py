"""`deidentify`: copies of images without what tells whose they are, and the report of what was removed."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cxr_desktop.commands.console import Console
from cxr_desktop.domain.box import Box
from cxr_desktop.domain.errors import CxrError, DicomReadError, ExportError
from cxr_desktop.domain.write_failure import write_cure

if TYPE_CHECKING:
    from cxr_desktop.dicom.deidentification import Deidentified, Options

_LEAST_KEY = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="images, folders, DICOMDIR or .zip"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where the copies go; needed but for --suggest"
    )
    parser.add_argument(
        "--retain-dates", choices=("full", "modified"), help="keep dates, or move them all by the same days"
    )
    parser.add_argument(
        "--retain-device", action="store_true", help="keep the device's serial number and names"
    )
    parser.add_argument("--retain-patient", action="store_true", help="keep sex, age, size and weight")
    parser.add_argument(
        "--clean",
        action="append",
        default=[],
        type=_box,
        metavar="X,Y,W,H",
        help="blank this rectangle of the pixels in every image; may be repeated",
    )
    parser.add_argument(
        "--suggest", action="store_true", help="only list where text may be burned in, for you to look at"
    )
    parser.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="the secret behind the pseudonyms, to add to a set; made if absent",
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="what was removed; as JSON if so named")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exit code: 0 all copied, 1 some failed, each named with its reason."""
    if arguments.suggest:
        return _suggest(arguments, console)
    if arguments.out is None:
        raise ValueError("say where the copies go with --out DIR")
    from cxr_desktop.dicom.deidentification import Pseudonyms, deidentify, report_document, report_text

    options, pseudonyms = _options(arguments), Pseudonyms(_key(arguments.key))
    copies: dict[Path, Deidentified] = {}
    for path in _images(arguments.paths, console):
        try:
            made = deidentify(path, arguments.out, options, pseudonyms, apart_from=copies)
        except CxrError as error:
            console.fail(str(path), str(error))
            continue
        copies[made.path] = made
        console.say(str(made.path))
        for note in made.notes:
            console.note(f"{made.path.name}: {note}")
    document = report_document(tuple(copies.values()))
    if arguments.report is not None:
        as_json = arguments.report.suffix.lower() == ".json"
        _write(
            arguments.report,
            json.dumps(document, indent=2) + "\n" if as_json else report_text(tuple(copies.values())),
        )
    failures = [{"input": given, "reason": reason} for given, reason in console.failures]
    console.document({**document, "out": str(arguments.out), "failures": failures})
    return console.exit_code


def _options(arguments: argparse.Namespace) -> Options:
    from cxr_desktop.dicom.deidentification import Dates, Options

    return Options(
        dates=Dates(arguments.retain_dates or "removed"),
        device=arguments.retain_device,
        patient=arguments.retain_patient,
        clean=tuple(arguments.clean),
    )


def _suggest(arguments: argparse.Namespace, console: Console) -> int:
    from cxr_desktop.dicom import read_radiograph
    from cxr_desktop.dicom.deidentification import suggested_text

    listed = []
    for path in _images(arguments.paths, console):
        try:
            boxes = suggested_text(read_radiograph(path).display())
        except DicomReadError as error:
            console.fail(str(path), str(error))
            continue
        rectangles = [f"{box.x:.0f},{box.y:.0f},{box.width:.0f},{box.height:.0f}" for box in boxes]
        listed.append({"input": str(path), "suggested": rectangles})
        console.say(f"{path}: {'  '.join(rectangles) or 'no text suspected'}")
    console.note(
        "these are suggestions: look at each picture, for text can be missed and lines taken for text"
    )
    console.document({"images": listed})
    return console.exit_code


def _images(paths: list[Path], console: Console) -> Iterator[Path]:
    """The images at the paths, what cannot be opened named as failed."""
    from cxr_desktop.dicom import Refused, find_instances

    met = False
    with tempfile.TemporaryDirectory(prefix="cxr-desktop-") as unpack:
        for one in find_instances(paths, unpack=Path(unpack)):
            met = True
            if isinstance(one, Refused):
                console.fail(str(one.path), one.reason)
            else:
                yield one.path
    if not met:
        console.fail(
            ", ".join(map(str, paths)), "no image was found there; give DICOM images or their folder"
        )


def _key(path: Path | None) -> bytes | None:
    """The key in the file, drawn and kept there where there is none yet; None where none is asked for."""
    if path is None:
        return None
    from cxr_desktop.dicom.deidentification import Pseudonyms

    try:
        if not path.exists():
            _keep(path, f"{Pseudonyms.drawn_key().hex()}\n")
        key = path.read_bytes().strip()
    except OSError as error:
        raise ExportError(f"the key {path} cannot be used: {write_cure(error)}") from error
    if len(key) < _LEAST_KEY:
        raise ExportError(
            f"the key {path} has {len(key)} bytes, and {_LEAST_KEY} are the least; give another file"
        )
    return key


def _keep(path: Path, key: str) -> None:
    """Write the key for the user alone to read, whole or not at all."""
    path.touch(mode=0o600)
    try:
        path.write_text(key, encoding="ascii")
    except OSError:
        path.unlink()
        raise


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ExportError(f"the report {path} cannot be written: {write_cure(error)}") from error


def _box(text: str) -> Box:
    try:
        x, y, width, height = (float(part) for part in text.split(","))
        box = Box(x, y, width, height)
    except ValueError:
        box = Box(0, 0, 0, 0)
    if box.area <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no rectangle; write x,y,width,height in pixels")
    return box
