"""Readers' boxes from CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from math import isfinite
from pathlib import Path, PurePosixPath
from typing import Any

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.localization.csv_flavours import Flavour, flavour_of
from cxr_desktop.localization.table_text import table_text

_OPTIONAL = ("source", "reader", "score")
_NOTHING = "no finding"
_LONG = 3


class BoxTable(Mapping[str, tuple[Box, ...]]):
    """Boxes by the `image` of their lines: a file's name, with or without its suffix, or a SOP Instance UID.

    CheXpert's names, whose files lie in folders of the patient and the study, are those three joined. Where files
    of one name lie in several folders, their boxes are kept by folder and name, up to three parts.
    blank: image -> readers who read it and found nothing; a reader is '' where the file names none.
    """

    def __init__(
        self, boxes: Mapping[str, Sequence[Box]], blank: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self._boxes = {image: tuple(found) for image, found in boxes.items()}
        self.blank = {image: frozenset(readers) for image, readers in (blank or {}).items()}

    def __getitem__(self, image: str) -> tuple[Box, ...]:
        return self._boxes[image]

    def __iter__(self) -> Iterator[str]:
        return iter(self._boxes)

    def __len__(self) -> int:
        return len(self._boxes)

    def boxes_for(self, path: Path, sop_uid: str = "") -> tuple[Box, ...]:
        """Boxes of an image, told by its file name or its SOP Instance UID; empty where there are none."""
        by_uid = self._boxes.get(sop_uid, ()) if sop_uid else ()
        by_name = next((self._boxes[name] for name in names_of(path) if self._boxes.get(name)), ())
        return tuple(dict.fromkeys((*by_name, *by_uid)))

    def spelled_alike(self) -> BoxTable:
        """With labels that differ in case alone brought to the spelling that comes first."""
        first: dict[str, str] = {}
        for found in self._boxes.values():
            for box in found:
                first.setdefault(box.label.casefold(), box.label)
        boxes = {
            image: [replace(box, label=first[box.label.casefold()]) for box in found]
            for image, found in self._boxes.items()
        }
        return BoxTable(boxes, self.blank)


def names_of(path: Path) -> tuple[str, ...]:
    """What lists call the image in a file, the likeliest first; see `BoxTable`."""
    bare = path.with_suffix("").parts
    below = range(min(_LONG, len(bare)), 1, -1)
    in_folders = (
        name for depth in below for name in ("/".join(path.parts[-depth:]), "/".join(bare[-depth:]))
    )
    return *in_folders, path.name, path.stem, "_".join(bare[-_LONG:])


def read_csv_boxes(path: Path, flavour: Flavour | None = None, problems: list[str] | None = None) -> BoxTable:
    """Read `image,label,x,y,width,height[,source|reader][,score]`, or a list of NIH, RSNA or VinDr.

    Columns in any order and case; corners in the place of width and height; pixels of the stored image; comma,
    semicolon or tab, packed by gzip or not; folders before a file's name do not count. flavour: whose list it is,
    None to be told by its head. problems: takes a sentence for each line that cannot be used. Raises BoxFileError
    naming the line and column at fault.
    """
    lines = csv_lines(path)
    head_line, head = next(lines, (1, []))
    flavour = flavour_of(head, flavour)
    columns = _columns(path, head_line, head, flavour)
    boxes: dict[str, list[Box]] = {}
    blank: dict[str, list[str]] = {}
    seen: dict[tuple[str, Box], int] = {}
    for line, cells in lines:
        row = _Row(path, line, cells, columns, flavour)
        try:
            if row.is_blank():
                blank.setdefault(row.image(), []).append(row.reader())
                continue
            image, box = row.image(), row.box()
            boxes.setdefault(image, []).append(box)
            earlier = seen.setdefault((image, box), line)
            if problems is not None and earlier != line:
                problems.append(f"{path}, line {line}: says the same as line {earlier}; the box counts once")
        except BoxFileError as error:
            if problems is None:
                raise
            problems.append(str(error))
    short = short_names((*boxes, *blank))
    return BoxTable(_renamed(boxes, short), _renamed(blank, short))


def _renamed(found: Mapping[str, list[Any]], short: Mapping[str, str]) -> dict[str, list[Any]]:
    renamed: dict[str, list[Any]] = {}
    for image, entries in found.items():
        renamed.setdefault(short[image], []).extend(entries)
    return renamed


def short_names(images: Iterable[str]) -> dict[str, str]:
    """Each image without its folders, or with them where two folders have files of that name."""
    paths = {image: PurePosixPath(image) for image in images}
    folders: dict[str, set[PurePosixPath]] = {}
    for path in paths.values():
        folders.setdefault(path.name, set()).add(path.parent)
    return {
        image: path.name if len(folders[path.name]) == 1 else "/".join(path.parts[-_LONG:])
        for image, path in paths.items()
    }


def csv_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that holds anything."""
    try:
        text = table_text(path)
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


def _columns(path: Path, line: int, head: list[str], flavour: Flavour) -> dict[str, int]:
    names = [flavour.names.get(cell.casefold(), cell.casefold()) for cell in head]
    missing = [name for name in flavour.required if name not in names]
    if missing:
        raise BoxFileError(
            f"{path}, line {line}: the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} "
            f"{'are' if len(missing) > 1 else 'is'} missing; a file of boxes begins with {','.join(flavour.required)}"
        )
    return {name: names.index(name) for name in (*flavour.required, *_OPTIONAL) if name in names}


@dataclass(frozen=True, slots=True)
class _Row:
    path: Path
    line: int
    cells: list[str]
    columns: Mapping[str, int]
    flavour: Flavour

    def image(self) -> str:
        return self._required("image").replace("\\", "/")

    def reader(self) -> str:
        return self._text("source") or self._text("reader")

    def is_blank(self) -> bool:
        """Whether the line says that nothing was found."""
        nothing = self._text("label").casefold() == _NOTHING
        return self._text("target") == "0" or (nothing and (self.flavour.corners or not self._text("x")))

    def box(self) -> Box:
        x, y = self._number("x"), self._number("y")
        width, height = self._extents(x, y)
        return Box(
            x=x,
            y=y,
            width=width,
            height=height,
            label=self.flavour.label or self._required("label"),
            score=self._number("score") if self._text("score") else None,
            source=self.reader(),
        )

    def _extents(self, x: float, y: float) -> tuple[float, float]:
        if not self.flavour.corners:
            return self._extent("width"), self._extent("height")
        return self._beyond("x_max", x), self._beyond("y_max", y)

    def _beyond(self, name: str, low: float) -> float:
        value = self._number(name)
        if value <= low:
            raise self._fault(name, f"{value:g} is not greater than {low:g}")
        return value - low

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
