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

IMAGE = "image"


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One image. name: as the index has it. columns: the other columns, stripped. lines: that name it."""

    name: str
    columns: Mapping[str, str]
    lines: int = 1


def read_index(path: Path, problems: list[str] | None = None) -> tuple[IndexRow, ...]:
    """Rows of a CSV with the column `image`; comma, semicolon or tab, blank lines left out.

    Of several lines of one image the first counts. problems: takes a sentence for each line without an image.
    Raises IndexFileError for a file that cannot be read as such, or, without `problems`, for such a line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
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
    place = next((i for i, name in enumerate(names) if name.casefold() == IMAGE), None)
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
        found[row.name] = row if earlier is None else replace(earlier, lines=earlier.lines + 1)
    return tuple(found.values())


def _row(names: list[str], place: int, cells: list[str]) -> IndexRow:
    padded = [cell.strip() for cell in cells] + [""] * (len(names) - len(cells))
    columns = {name: padded[i] for i, name in enumerate(names) if i != place and name}
    return IndexRow(padded[place], columns)


def locate(rows: tuple[IndexRow, ...], images: Path) -> dict[str, Path]:
    """The file of each row's image: named so in the folder, or, for a SOP Instance UID, found by its header.

    What is not right in the folder is looked for in the folders within, there without its suffix too; a
    name that several files have is none's. Images that are not there are left out.
    Raises IndexFileError where the folder does not exist.
    """
    if not images.is_dir():
        raise IndexFileError(f"{images} is no folder; give the folder of the images")
    found = {row.name: images / row.name for row in rows if (images / row.name).is_file()}
    missing = {row.name for row in rows} - found.keys()
    if missing:
        found |= _deeper(missing, images)
        missing -= found.keys()
    if any(_like_uid(name) for name in missing):
        for item in find_instances([images]):
            if isinstance(item, InstanceHeader) and item.sop_instance_uid in missing:
                found.setdefault(item.sop_instance_uid, item.path)
    return found


def _deeper(wanted: set[str], images: Path) -> dict[str, Path]:
    found: dict[str, list[Path]] = {}
    for parent, _, names in os.walk(images):
        for name in names:
            for called in {name, Path(name).stem} & wanted:
                found.setdefault(called, []).append(Path(parent, name))
    return {called: paths[0] for called, paths in found.items() if len(paths) == 1}


def _like_uid(name: str) -> bool:
    return len(name) <= 64 and name.replace(".", "").isdigit() and "." in name
