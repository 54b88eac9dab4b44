"""How far the maps can be trusted, on pages of their own."""

from __future__ import annotations

from collections.abc import Iterable

from reportlab.lib.colors import Color
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from cxr_desktop.domain import Analysis
from cxr_desktop.domain.trust import MapTrust
from cxr_desktop.reports.pdf.tables import section
from cxr_desktop.reports.pdf.theme import (
    ACCENT,
    BOLD,
    CARD_TITLE,
    COLUMN_WIDTH,
    CONTENT_WIDTH,
    INK,
    LABEL,
    MUTED,
    REGULAR,
    RULE,
    Heading,
    fact_table,
    side_by_side,
    text,
)
from cxr_desktop.reports.trust_plots import LinePlot, across_ticks, plots_of, ticks
from cxr_desktop.reports.trust_table import agreement_table
from cxr_desktop.reports.trust_words import LIMITS, sentences
from cxr_desktop.reports.wording import method_title

HEIGHT = 38 * mm
LEFT, BOTTOM, TOP, RIGHT = 26.0, 22.0, 22.0, 6.0
"""Room around the axes in points, for titles and numbers."""


def trust_pages(analysis: Analysis) -> list[Flowable]:
    """A part for each map that was measured, then the methods' agreement; empty where none was."""
    if not analysis.trust.measured:
        return []
    made: list[Flowable] = [CondPageBreak(110 * mm), Heading("How far the maps can be trusted")]
    made += [text(LIMITS, LABEL), Spacer(0, 3 * mm)]
    for trust in analysis.trust.maps:
        made += [KeepTogether(_part(trust)), Spacer(0, 4 * mm)]
    table = agreement_table(analysis.trust)
    return made + (section(table, _widths(len(table.head))) if table.rows else [])


def _part(trust: MapTrust) -> list[Flowable]:
    plots = [Plot(plot, COLUMN_WIDTH) for plot in plots_of(trust)]
    rows = [plots[place : place + 2] for place in range(0, len(plots), 2)]
    return [
        text(method_title(trust.method), CARD_TITLE),
        fact_table(sentences(trust), CONTENT_WIDTH, 31 * mm, padding=0.6),
        Spacer(0, 2 * mm),
        *(side_by_side([row[0]], [row[1]] if len(row) > 1 else []) for row in rows),
    ]


def _widths(columns: int) -> list[float]:
    return [36.0, *[140.0 / max(columns - 1, 1)] * (columns - 1)]


class Plot(Flowable):
    """Lines over axes with round numbers, the legend in the title's line."""

    def __init__(self, plot: LinePlot, width: float, height: float = HEIGHT) -> None:
        super().__init__()
        self._plot, self.width, self.height = plot, width, height

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        self._axes()
        x = self.width - RIGHT
        for line in reversed(self._plot.lines):
            colour = MUTED if line.baseline else ACCENT
            self._line([self._place(*point) for point in line.points], colour, line.baseline)
            if len(self._plot.lines) > 1:
                x = self._named(line.name, x, colour, line.baseline)

    def _axes(self) -> None:
        canvas, plot = self.canv, self._plot
        canvas.setFont(BOLD, 7.2)
        canvas.setFillColor(INK)
        canvas.drawString(LEFT, self.height - 10, plot.title)
        canvas.setFont(REGULAR, 6.2)
        canvas.setLineWidth(0.4)
        for value in ticks(*plot.y_range, about=3):
            _, y = self._place(plot.x_range[0], value)
            canvas.setStrokeColor(RULE)
            canvas.line(LEFT, y, self.width - RIGHT, y)
            canvas.setFillColor(MUTED)
            canvas.drawRightString(LEFT - 3, y - 2, f"{value:g}")
        for value, name in across_ticks(plot):
            x, _ = self._place(value, plot.y_range[0])
            canvas.drawCentredString(x, BOTTOM - 8, name)
        canvas.drawCentredString((LEFT + self.width - RIGHT) / 2, BOTTOM - 17, plot.across)

    def _named(self, name: str, right: float, colour: Color, dashed: bool) -> float:
        left = right - stringWidth(name, REGULAR, 6.2)
        self.canv.setFont(REGULAR, 6.2)
        self.canv.setFillColor(MUTED)
        y = self.height - 10
        self.canv.drawString(left, y, name)
        self._line([(left - 15, y + 2), (left - 3, y + 2)], colour, dashed)
        return left - 22

    def _line(self, points: Iterable[tuple[float, float]], colour: Color, dashed: bool) -> None:
        path = self.canv.beginPath()
        for number, (x, y) in enumerate(points):
            (path.lineTo if number else path.moveTo)(x, y)
        self.canv.saveState()
        self.canv.setStrokeColor(colour)
        self.canv.setLineWidth(0.8 if dashed else 1.4)
        self.canv.setLineJoin(1)
        if dashed:
            self.canv.setDash(3, 2)
        self.canv.drawPath(path)
        self.canv.restoreState()

    def _place(self, x: float, y: float) -> tuple[float, float]:
        (x0, x1), (y0, y1) = self._plot.x_range, self._plot.y_range
        across = (x - x0) / ((x1 - x0) or 1.0)
        up = (y - y0) / ((y1 - y0) or 1.0)
        return (
            LEFT + across * (self.width - RIGHT - LEFT),
            BOTTOM + up * (self.height - TOP - BOTTOM),
        )
