"""A row of small pictures of all methods, where the first page has room for it."""

from __future__ import annotations

from dataclasses import replace

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table

from cxr_desktop.domain import Analysis
from cxr_desktop.reports.marks import drawn, human_marks, network_marks
from cxr_desktop.reports.pdf.pictures import Picture
from cxr_desktop.reports.pdf.theme import CONTENT_WIDTH, LABEL, SMALL_BOLD, Heading, grid, text
from cxr_desktop.reports.rendering import clean, fitted, overlaid
from cxr_desktop.reports.wording import boxes_counted, method_title, number

ACROSS = 5
SIDE = 420
GAP = 3 * mm


class WhereRoom(Flowable):
    """A flowable that is left out where it and `reserve` points below it do not fit on the page."""

    def __init__(self, content: Flowable, reserve: float) -> None:
        super().__init__()
        self._content, self._reserve = content, reserve
        self.width = self.height = 0.0

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        wide, high = self._content.wrapOn(self.canv, width, height)
        fits = high + self._reserve <= height
        self.width, self.height = (wide, high) if fits else (0.0, 0.0)
        return self.width, self.height

    def draw(self) -> None:
        if self.height:
            self._content.drawOn(self.canv, 0, 0)


def method_strip(analysis: Analysis, reserve: float) -> list[Flowable]:
    """The first methods beside each other, for comparing at a glance; empty for fewer than two."""
    if len(analysis.maps) < 2:
        return []
    radiograph = analysis.radiograph
    stored = (radiograph.rows, radiograph.columns)
    base = clean(radiograph.display(), fitted(*stored, SIDE))
    side = (CONTENT_WIDTH - (ACROSS - 1) * GAP) / ACROSS
    people = human_marks(analysis)
    tiles: list[list[Flowable]] = []
    for found, localized in list(zip(analysis.maps, analysis.localized, strict=True))[:ACROSS]:
        marks = [replace(mark, tag="") for mark in (*people, *network_marks(localized))]
        ious = [one.iou for one in analysis.localizations if one.method == found.method]
        line = f"best IoU {number(max(ious))}" if ious else boxes_counted(localized)
        pixels = drawn(overlaid(base, found, localized), stored, marks)
        tiles.append(
            [
                Picture(pixels, side, side),
                Spacer(0, 1 * mm),
                text(method_title(found.method), SMALL_BOLD),
                text(line, LABEL),
            ]
        )
    return [WhereRoom(_row(tiles, side, len(analysis.maps)), reserve)]


def _row(tiles: list[list[Flowable]], side: float, count: int) -> Table:
    title = (
        "The same score under each method" if count <= ACROSS else f"The first {ACROSS} of {count} methods"
    )
    blank: list[list[Flowable]] = [[] for _ in range(ACROSS - len(tiles))]
    cells: list[list[object]] = [[Heading(title), *([] for _ in range(ACROSS - 1))], [*tiles, *blank]]
    table = grid(cells, [side + GAP] * (ACROSS - 1) + [side])
    table.setStyle(
        [
            ("SPAN", (0, 0), (-1, 0)),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ]
    )
    return table
