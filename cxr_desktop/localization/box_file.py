"""Readers' boxes from CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from math import isfinite
from pathlib import Path, PurePosixPath

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.errors import BoxFileError

_NAMES = ("image", "label", "x", "y", "width", "height")
# The head of NIH's BBox_List_2017.csv, where the brackets of 'Bbox [x,y,w,h]' fall into four cells.
_NIH_NAMES = {
    "image index": "image",
    "finding label": "label",
    "bbox [x": "x",
    "w": "width",
    "h]": "height",
}


class BoxTable(Mapping[str, tuple[Box, ...]]):
    """Boxes by the `image` of their lines: a file's name or a SOP Instance UID."""

    def __init__(self, boxes: Mapping[str, Sequence[Box]]) -> None:
        self._boxes = {image: tuple(found) for image, found in boxes.items()}

    def __getitem__(self, image: str) -> tuple[Box, ...]:
        return self._boxes[image]

    def __iter__(self) -> Iterator[str]:
        return iter(self._boxes)

    def __len__(self) -> int:
        return len(self._boxes)

    def boxes_for(self, path: Path, sop_uid: str = "") -> tuple[Box, ...]:
        """Boxes of an image, told by its file name or its SOP Instance UID; empty where there are none."""
        by_uid = self._boxes.get(sop_uid, ()) if sop_uid else ()
        by_name = self._boxes.get(path.name, ())
        return tuple(dict.fromkeys((*by_name, *by_uid)))


def read_boxes(path: Path) -> BoxTable:
    """Read `image,label,x,y,width,height[,source|reader][,score]`, or the head of NIH's BBox_List_2017.

    Columns in any order and case; pixels of the stored image; comma, semicolon or tab; folders
    before a file's name do not count. Raises BoxFileError naming the line and column at fault.
    """
    lines = _lines(path)
    head_line, head = next(lines, (1, []))
    columns = _columns(path, head_line, head)
    boxes: dict[str, list[Box]] = {}
    for line, cells in lines:
        row = _Row(path, line, cells, columns)
        boxes.setdefault(row.image(), []).append(row.box())
    return BoxTable(boxes)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that holds anything."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BoxFileError(
            f"{path} cannot be read ({error.strerror}); check the path of the boxes"
        ) from error
    except UnicodeDecodeError as error:
        raise BoxFileError(f"{path} is no text in UTF-8 ({error}); save it as CSV in UTF-8") from error
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise BoxFileError(f"{path}, line {reader.line_num}: no CSV ({error})") from error


def _columns(path: Path, line: int, head: list[str]) -> dict[str, int]:
    names = [_NIH_NAMES.get(cell.casefold(), cell.casefold()) for cell in head]
    missing = [name for name in _NAMES if name not in names]
    if missing:
        raise BoxFileError(
            f"{path}, line {line}: the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} "
            f"{'are' if len(missing) > 1 else 'is'} missing; a file of boxes begins with {','.join(_NAMES)}"
        )
    return {name: names.index(name) for name in (*_NAMES, "source", "reader", "score") if name in names}


@dataclass(frozen=True, slots=True)
class _Row:
    path: Path
    line: int
    cells: list[str]
    columns: Mapping[str, int]

    def image(self) -> str:
        return PurePosixPath(self._required("image").replace("\\", "/")).name

    def box(self) -> Box:
        return Box(
            x=self._number("x"),
            y=self._number("y"),
            width=self._extent("width"),
            height=self._extent("height"),
            label=self._required("label"),
            score=self._number("score") if self._text("score") else None,
            source=self._text("source") or self._text("reader"),
        )

    def _text(self, name: str) -> str:
        index = self.columns.get(name, len(self.cells))
        return self.cells[index] if index < len(self.cells) else ""

    def _required(self, name: str) -> str:
        text = self._text(name)
        if not text:
            raise self._fault(name, "is empty")
        return text

    def _number(self, name: str) -> float:
        text = self._required(name)
        try:
            value = float(text.replace(",", "."))
        except ValueError as error:
            raise self._fault(name, f"{text!r} is no number") from error
        if not isfinite(value):
            raise self._fault(name, f"{text!r} is not a finite number")
        return value

    def _extent(self, name: str) -> float:
        value = self._number(name)
        if value <= 0:
            raise self._fault(name, f"{value:g} is not greater than 0")
        return value

    def _fault(self, name: str, what: str) -> BoxFileError:
        return BoxFileError(f"{self.path}, line {self.line}, column {name}: {what}; correct the line")
