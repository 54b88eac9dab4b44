"""Charts of a document on paper: bars with intervals, points by kind."""

from __future__ import annotations

from math import isnan

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from cxr_desktop.domain.document import Bar, BarChart, ScatterPlot
from cxr_desktop.reports.fonts import printable
from cxr_desktop.reports.pdf.score_bars import cut_to
from cxr_desktop.reports.pdf.theme import ACCENT, CAUTION, CONTENT_WIDTH, INK, MUTED, PALE, REGULAR, RULE

KINDS = tuple(HexColor(code) for code in ("#15803D", "#C2410C", "#7C3AED", "#BE185D", "#5F6B7A", "#0E7490"))
LABEL, NUMBERS, STEP, THICK = 44 * mm, 46 * mm, 13.0, 7.0
SIDE, LEFT, BOTTOM, TOP = 84 * mm, 30.0, 24.0, 6.0
SIZE, SMALL_SIZE = 7.2, 6.4


class Bars(Flowable):
    """A bar per entry with a whisker for its interval and its numbers in words."""

    def __init__(self, chart: BarChart) -> None:
        super().__init__()
        self._bars = [bar for bar in chart.bars if not isnan(bar.value)]
        self._mark = chart.mark
        self.width, self.height = CONTENT_WIDTH, STEP * len(self._bars) + 12

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        canvas.setFont(REGULAR, SMALL_SIZE)
        canvas.setLineWidth(0.4)
        for tenth in range(0, 11, 2):
            x = self._x(tenth / 10)
            canvas.setStrokeColor(RULE)
            canvas.line(x, 10, x, self.height)
            canvas.setFillColor(MUTED)
            canvas.drawCentredString(x, 2, f"{tenth / 10:g}")
        for place, bar in enumerate(self._bars):
            self._bar(bar, self.height - (place + 1) * STEP)
        if self._mark is not None and not isnan(self._mark):
            canvas.setStrokeColor(CAUTION)
            canvas.setDash(3, 2)
            canvas.line(self._x(self._mark), 10, self._x(self._mark), self.height)
            canvas.setDash()

    def _bar(self, bar: Bar, base: float) -> None:
        canvas, middle = self.canv, base + STEP / 2
        canvas.setFont(REGULAR, SIZE)
        canvas.setFillColor(INK)
        canvas.drawRightString(LABEL - 6, middle - 2.5, cut_to(printable(bar.name), REGULAR, SIZE, LABEL - 8))
        canvas.setFillColor(PALE if bar.baseline else ACCENT)
        canvas.rect(LABEL, middle - THICK / 2, self._x(bar.value) - LABEL, THICK, stroke=0, fill=1)
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.7)
        low, high = self._x(bar.low), self._x(bar.high)
        canvas.line(low, middle, high, middle)
        for x in (low, high):
            canvas.line(x, middle - 2, x, middle + 2)
        told = f"{bar.value:.2f} ({bar.low:.2f} to {bar.high:.2f})" + (
            f", {bar.detail}" if bar.detail else ""
        )
        canvas.setFillColor(INK)
        canvas.drawString(CONTENT_WIDTH - NUMBERS + 6, middle - 2.5, cut_to(told, REGULAR, SIZE, NUMBERS - 6))

    def _x(self, value: float) -> float:
        return LABEL + (CONTENT_WIDTH - LABEL - NUMBERS) * min(max(value, 0.0), 1.0)


class Scatter(Flowable):
    """Points on two scales from 0 to 1 with a legend that counts them."""

    def __init__(self, plot: ScatterPlot) -> None:
        super().__init__()
        self._plot = plot
        self.width, self.height = CONTENT_WIDTH, SIDE + BOTTOM + TOP

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas, plot = self.canv, self._plot
        self._axes()
        canvas.setDash(3, 2)
        canvas.setStrokeColor(CAUTION)
        if plot.across is not None:
            canvas.line(*self._place(plot.across, 0), *self._place(plot.across, 1))
        if plot.up is not None:
            canvas.line(*self._place(0, plot.up), *self._place(1, plot.up))
        canvas.setDash()
        for mark in plot.marks:
            self._dot(*self._place(mark.x, mark.y), KINDS[mark.kind])
        for number, name in enumerate(plot.kinds):
            count = sum(mark.kind == number for mark in plot.marks)
            y = self.height - TOP - 8 - 14 * number
            self._dot(LEFT + SIDE + 18, y, KINDS[number])
            canvas.setFillColor(INK)
            canvas.setFont(REGULAR, SIZE)
            canvas.drawString(LEFT + SIDE + 26, y - 2.5, printable(f"{name}: {count}"))

    def _axes(self) -> None:
        canvas, plot = self.canv, self._plot
        canvas.setFont(REGULAR, SMALL_SIZE)
        canvas.setLineWidth(0.4)
        for tenth in range(0, 11, 2):
            x, y = self._place(tenth / 10, tenth / 10)
            canvas.setStrokeColor(RULE)
            canvas.line(x, BOTTOM, x, BOTTOM + SIDE)
            canvas.line(LEFT, y, LEFT + SIDE, y)
            canvas.setFillColor(MUTED)
            canvas.drawCentredString(x, BOTTOM - 9, f"{tenth / 10:g}")
            canvas.drawRightString(LEFT - 4, y - 2, f"{tenth / 10:g}")
        canvas.drawCentredString(LEFT + SIDE / 2, 4, printable(plot.x_title))
        canvas.saveState()
        canvas.translate(9, BOTTOM + SIDE / 2)
        canvas.rotate(90)
        canvas.drawCentredString(0, 0, printable(plot.y_title))
        canvas.restoreState()

    def _dot(self, x: float, y: float, colour: Color) -> None:
        self.canv.setFillColor(colour)
        self.canv.circle(x, y, 2.1, stroke=0, fill=1)

    def _place(self, x: float, y: float) -> tuple[float, float]:
        across, up = (min(max(value, 0.0), 1.0) for value in (x, y))
        return LEFT + SIDE * across, BOTTOM + SIDE * up
