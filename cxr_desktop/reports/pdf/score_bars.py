"""A probability on a scale from 0 to 1 with the operating points that judge it."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from cxr_desktop.domain import OperatingPoint
from cxr_desktop.reports.fonts import printable
from cxr_desktop.reports.pdf.theme import (
    ACCENT,
    BOLD,
    CONTENT_WIDTH,
    INK,
    MUTED,
    PALE,
    PANEL,
    REGULAR,
    SLATE,
)

LABEL_WIDTH = 44 * mm
VALUE_WIDTH = 16 * mm
TRACK = 7.0
TICK_ROW = 8.4
TICK_SIZE = 6.4


class ScoreBar(Flowable):
    """A label, its bar with labelled ticks below, and the probability.

    believed: False greys the bar, for an input that was refused.
    """

    def __init__(self, label: str, score: float, points: Sequence[OperatingPoint], believed: bool) -> None:
        super().__init__()
        self._label, self._score, self._believed = printable(label), score, believed
        self._ticks = tick_rows(points, CONTENT_WIDTH - LABEL_WIDTH - VALUE_WIDTH)
        rows = max((row for _, _, row in self._ticks), default=-1) + 1
        self.width, self.height = CONTENT_WIDTH, 12 + rows * TICK_ROW + (2 if rows else 0)

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        base = self.height - 10
        wide = CONTENT_WIDTH - LABEL_WIDTH - VALUE_WIDTH
        canvas.setFont(BOLD, 8)
        canvas.setFillColor(INK)
        canvas.drawString(0, base + 0.8, cut_to(self._label, BOLD, 8, LABEL_WIDTH - 8))
        canvas.drawRightString(CONTENT_WIDTH, base + 0.8, f"{self._score:.3f}")
        canvas.setFillColor(PANEL)
        canvas.rect(LABEL_WIDTH, base, wide, TRACK, stroke=0, fill=1)
        canvas.setFillColor(ACCENT if self._believed else PALE)
        canvas.rect(LABEL_WIDTH, base, wide * min(max(self._score, 0.0), 1.0), TRACK, stroke=0, fill=1)
        for x, caption, row in self._ticks:
            self._tick(LABEL_WIDTH + x, base, caption, row, LABEL_WIDTH + wide)

    def _tick(self, x: float, base: float, caption: str, row: int, rightmost: float) -> None:
        canvas = self.canv
        below = base - 3 - row * TICK_ROW
        canvas.setStrokeColor(SLATE)
        canvas.setLineWidth(0.9)
        canvas.line(x, base + TRACK + 1.6, x, below - 4)
        canvas.setFont(REGULAR, TICK_SIZE)
        canvas.setFillColor(MUTED)
        width = stringWidth(caption, REGULAR, TICK_SIZE)
        if x + 3 + width > rightmost:
            canvas.drawRightString(x - 3, below - 4, caption)
        else:
            canvas.drawString(x + 3, below - 4, caption)


def tick_rows(points: Sequence[OperatingPoint], width: float) -> list[tuple[float, str, int]]:
    """(x, caption, row) of each operating point, captions that would touch put in further rows.

    Rows fill from the right, so that no tick runs through the caption of another.
    """
    placed: list[tuple[float, str, int]] = []
    free: list[float] = []
    for point in sorted(points, key=lambda one: one.threshold, reverse=True):
        x = width * min(max(point.threshold, 0.0), 1.0)
        caption = cut_to(printable(f"{point.name} {point.threshold:.2f}"), REGULAR, TICK_SIZE, 0.4 * width)
        length = stringWidth(caption, REGULAR, TICK_SIZE)
        left, right = (x - 3 - length, x) if x + 3 + length > width else (x, x + 3 + length)
        row = next((number for number, edge in enumerate(free) if right + 4 < edge), len(free))
        if row == len(free):
            free.append(left)
        free[row] = left
        placed.append((x, caption, row))
    return placed


def cut_to(content: str, font: str, size: float, width: float) -> str:
    """The text, cut with an ellipsis where it is wider than `width` points."""
    if stringWidth(content, font, size) <= width:
        return content
    while content and stringWidth(f"{content}…", font, size) > width:
        content = content[:-1]
    return f"{content.rstrip()}…"
