"""A report of many images as plain parts, which pages of any kind draw in their own way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Paragraph:
    """muted: a remark on what stands above it."""

    text: str
    muted: bool = False


@dataclass(frozen=True, slots=True)
class DataTable:
    """texts: how many columns from the left hold words. pale: places of rows that are baselines or remarks."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: int = 1
    pale: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Bar:
    """A value with its interval. baseline: drawn paler. detail: beside the numbers, such as how many."""

    name: str
    value: float
    low: float
    high: float
    baseline: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars on a scale from 0 to 1. mark: a value to hold them against, drawn as a dashed line."""

    title: str
    bars: tuple[Bar, ...]
    mark: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a scatter. kind: a place in the legend. name: of the image."""

    x: float
    y: float
    kind: int
    name: str


@dataclass(frozen=True, slots=True)
class ScatterPlot:
    """Points on scales from 0 to 1. kinds: the legend. across, up: dashed lines at values of x and y."""

    title: str
    x_title: str
    y_title: str
    kinds: tuple[str, ...]
    marks: tuple[Mark, ...]
    across: float | None = None
    up: float | None = None


@dataclass(frozen=True, slots=True)
class CountMatrix:
    """Counts by row and column. good, bad: places (row, column) to tint."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    good: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    bad: frozenset[tuple[int, int]] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An example. jpeg: the file's bytes. width, height: in pixels."""

    caption: str
    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class PictureGrid:
    title: str
    pictures: tuple[Picture, ...]


Block = Paragraph | DataTable | BarChart | ScatterPlot | CountMatrix | PictureGrid


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """facts: names and values below the title, every parameter among them."""

    title: str
    subtitle: str
    sections: Sequence[Section]
    facts: tuple[tuple[str, str], ...] = ()
