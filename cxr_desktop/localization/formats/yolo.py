"""YOLO's lines: 'class centre-x centre-y width height [confidence]', shares of the image's size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.localization.formats.document import Annotated, Problems, faults, read_text, solid

_NAMES = ("classes.txt", "obj.names", "labels.txt")
_OWN = ".yolo.names"
_LINE = re.compile(r"\s*\d+(\s+[-+.\deE]+){4,5}\s*")
_IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


def is_yolo(path: Path) -> bool:
    """A list of class names of ours, or a text file whose first line is a label."""
    if path.name.casefold() in _NAMES or path.suffix.casefold() not in (".txt", ".names"):
        return False
    if path.suffix.casefold() == ".names":
        return path.name.endswith(_OWN)
    first = next((line for line in read_text(path).splitlines() if line.strip()), "")
    return bool(_LINE.fullmatch(first))


def read_yolo(path: Path, problems: Problems = None) -> Annotated:
    """Boxes of a label file, or of everyone whose labels lie beside `<stem>.yolo.names`.

    Class names come from that file, or from classes.txt or obj.names in the folder or above it.
    Raises BoxFileError, among others where the image whose size is needed does not lie beside
    the labels or in a folder `images` beside theirs.
    """
    if not path.name.endswith(_OWN):
        return list(_labels(path, path.stem, _class_names(path), "", problems))
    stem, names = path.name.removesuffix(_OWN), read_text(path).splitlines()
    found: list[tuple[str, Box]] = []
    for labels in sorted(path.parent.glob("*.yolo.txt")):
        if labels.name.startswith(f"{stem}."):
            source = labels.name.removeprefix(f"{stem}.").removesuffix("yolo.txt").rstrip(".")
            found += _labels(labels, stem, names, source, problems)
    return found


def _labels(
    path: Path, stem: str, names: list[str], source: str, problems: Problems
) -> Iterator[tuple[str, Box]]:
    lines = [line.split() for line in read_text(path).splitlines()]
    if not any(lines):
        return
    columns, rows = _size(path, stem)
    for place, cells in enumerate(lines, start=1):
        if cells:
            with faults(path, f"line {place}", problems):
                number = int(cells[0])
                if not 0 <= number < len(names):
                    raise ValueError(f"class {number} has no name; {len(names)} classes are named")
                x, y, width, height = (float(cell) for cell in cells[1:5])
                box = Box(
                    *((x - width / 2) * columns, (y - height / 2) * rows, width * columns, height * rows),
                    label=names[number],
                    score=float(cells[5]) if len(cells) > 5 else None,
                    source=source,
                )
                yield stem, solid(box)


def _class_names(path: Path) -> list[str]:
    for folder in (path.parent, path.parent.parent):
        for name in _NAMES:
            if (folder / name).is_file():
                return [line.strip() for line in read_text(folder / name).splitlines() if line.strip()]
    raise BoxFileError(
        f"{path}: the names of its classes are missing; put {_NAMES[0]} beside it, a name a line"
    )


def _size(path: Path, stem: str) -> tuple[int, int]:
    from PIL import Image, UnidentifiedImageError

    for folder in (path.parent, path.parent.parent / "images", path.parent.parent):
        for suffix in _IMAGES:
            image = folder / f"{stem}{suffix}"
            if image.is_file():
                try:
                    with Image.open(image) as opened:
                        return opened.size
                except (OSError, UnidentifiedImageError) as error:
                    raise BoxFileError(f"{path}: the size of {image} cannot be read ({error})") from error
    raise BoxFileError(
        f"{path}: YOLO's lines are shares of the image, and {stem} with one of {', '.join(_IMAGES)} lies neither "
        "beside it nor in a folder images; put it there, or convert the labels to COCO or CSV"
    )
