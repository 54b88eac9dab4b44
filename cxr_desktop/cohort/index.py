"""The index of a data set: which images, in which groups, with which truths."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cxr_desktop.dicom import find_instances
from cxr_desktop.domain import InstanceHeader
from cxr_desktop.domain.errors import IndexFileError
from cxr_desktop.localization.csv_flavours import EDGES, LEFT
from cxr_desktop.localization.table_text import table_text

IMAGE = "image"
_ALSO = ("image index", "image_id", "patientid", "imageid")
"""What the lists of NIH, VinDr-CXR, RSNA and SIIM-ACR call that column."""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One image. name: as the index has it. columns: the other columns, stripped. lines: that name it."""

    name: str
    columns: Mapping[str, str]
    lines: int = 1


def read_index(path: Path, problems: list[str] | None = None) -> tuple[IndexRow, ...]:
    """Rows of a CSV with the column `image`, or what NIH, VinDr-CXR, RSNA and SIIM-ACR call it.

    Comma, semicolon or tab, packed by gzip or not, blank lines left out. Of several lines of one image the first
    counts. A list of boxes has one for each box, and where they lie is no column of the index. problems: takes a
    sentence for each line without an image. Raises IndexFileError for a file that cannot be read as such, or,
    without `problems`, for such a line.
    """
    try:
        text = table_text(path)
    except OSError as error:
        raise IndexFileError(
            f"{path} cannot be read ({error.strerror}); check the path of the index"
        ) from error
    except UnicodeDecodeError as error:
        raise IndexFileError(f"{path} is no text in UTF-8 ({error}); save it as CSV in UTF-8") from error
    lines = [line for line in text.splitlines() if line.strip(" ,;\t")]
    delimiter = max(",;\t", key=(lines or [""])[0].count)
    try:
        head, *body = csv.reader(lines or [""], delimiter=delimiter)
    except csv.Error as error:
        raise IndexFileError(f"{path} is no CSV ({error})") from error
    names = [name.strip() for name in head]
    lower = [name.casefold() for name in names]
    place = next((lower.index(name) for name in (IMAGE, *_ALSO) if name in lower), None)
    if place is None:
        raise IndexFileError(f"{path}: the first line of an index needs the column {IMAGE}; it has {names}")
    found: dict[str, IndexRow] = {}
    for cells in body:
        row = _row(names, place, cells)
        if not row.name:
            told = f"{path}: a line names no image: {','.join(cells)!r}; fill the column {IMAGE}"
            if problems is None:
                raise IndexFileError(told)
            problems.append(told)
            continue
        earlier = found.get(row.name)
        again = not LEFT.intersection(lower)
        found[row.name] = row if earlier is None else replace(earlier, lines=earlier.lines + again)
    return tuple(found.values())


def _row(names: list[str], place: int, cells: list[str]) -> IndexRow:
    padded = [cell.strip() for cell in cells] + [""] * (len(names) - len(cells))
    told = (i for i, name in enumerate(names) if i != place and name and name.casefold() not in EDGES)
    columns = {names[i]: padded[i] for i in told}
    return IndexRow(padded[place], columns)


def locate(
    rows: tuple[IndexRow, ...], images: Path, several: dict[str, tuple[Path, ...]] | None = None
) -> dict[str, Path]:
    """The file of each row's image: named so in the folder, or, for a SOP Instance UID, found by its header.

    A name may begin above the folder, as in the lists of public sets, and its parts be parted as on Windows. What
    is not right in the folder is looked for in the folders within, there without its suffix too; a name that
    several files have is none's, and `several` takes it with them. Images that are not there are left out.
    Raises IndexFileError where the folder does not exist.
    """
    if not images.is_dir():
        raise IndexFileError(f"{images} is no folder; give the folder of the images")
    found = {row.name: path for row in rows if (path := _named(row.name, images)) is not None}
    missing = {row.name for row in rows} - found.keys()
    if missing:
        within = _deeper(missing, images)
        found |= {called: paths[0] for called, paths in within.items() if len(paths) == 1}
        if several is not None:
            several |= {called: tuple(sorted(paths)) for called, paths in within.items() if len(paths) > 1}
        missing -= found.keys()
    if any(_like_uid(name) for name in missing):
        for item in find_instances([images]):
            if isinstance(item, InstanceHeader) and item.sop_instance_uid in missing:
                found.setdefault(item.sop_instance_uid, item.path)
    return found


def _named(name: str, images: Path) -> Path | None:
    """The file in the folder that the name, from the folder or from one above it, leads to."""
    place, whole = name.replace("\\", "/"), images.absolute()
    if (images / place).is_file():
        return images / place
    above = (base / place for base in whole.parents)
    inside = (path for path in above if path.is_relative_to(whole) and path.is_file())
    return next((images / path.relative_to(whole) for path in inside), None)


def _deeper(wanted: set[str], images: Path) -> dict[str, list[Path]]:
    """The files within that each name has."""
    found: dict[str, list[Path]] = {}
    for parent, _, names in os.walk(images):
        for name in names:
            for called in {name, Path(name).stem} & wanted:
                found.setdefault(called, []).append(Path(parent, name))
    return found


def _like_uid(name: str) -> bool:
    return len(name) <= 64 and name.replace(".", "").isdigit() and "." in name
