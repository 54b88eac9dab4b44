"""Charts of a document as inline SVG, coloured by the page's style sheet."""

from __future__ import annotations

from html import escape
from math import isnan

from cxr_desktop.domain.document import Bar, BarChart, ScatterPlot

_LABEL, _PLOT, _NUMBER, _STEP = 210, 420, 220, 30
_SIDE, _LEFT, _BOTTOM, _KEY, _RADIUS = 420, 52, 46, 230, 4.5


def bar_chart(chart: BarChart) -> str:
    """A bar per entry on a scale from 0 to 1, a whisker for its interval, its numbers in words. '' for no bars."""
    drawn = [bar for bar in chart.bars if not isnan(bar.value)]
    if not drawn:
        return ""
    height = _STEP * len(drawn) + 26
    width = _LABEL + _PLOT + _NUMBER
    parts = [
        f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<title>{escape(chart.title)}</title>",
        *_scale(height),
        *(line for place, bar in enumerate(drawn) for line in _bar(bar, place * _STEP)),
    ]
    if chart.mark is not None and not isnan(chart.mark):
        x = _x(chart.mark)
        parts.append(f'<line class="mark" x1="{x}" x2="{x}" y1="0" y2="{height - 22}"/>')
    return "".join(parts) + "</svg>"


def scatter(plot: ScatterPlot) -> str:
    """Points by kind, with a legend that counts them; each point names its image."""
    width, height = _LEFT + _SIDE + _KEY, _SIDE + _BOTTOM + 10
    parts = [
        f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<title>{escape(plot.title)}</title>",
    ]
    for tenth in range(0, 11, 2):
        x, y = _place(tenth / 10, tenth / 10)
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="10" y2="{_SIDE + 10}"/>')
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + _SIDE}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="tick middle" x="{x}" y="{_SIDE + 26}">{tenth / 10:g}</text>')
        parts.append(f'<text class="tick name" x="{_LEFT - 8}" y="{y + 4:g}">{tenth / 10:g}</text>')
    if plot.across is not None:
        x, _ = _place(plot.across, 0)
        parts.append(f'<path class="mark" d="M{x} 10V{_SIDE + 10}"/>')
    if plot.up is not None:
        _, y = _place(0, plot.up)
        parts.append(f'<path class="mark" d="M{_LEFT} {y}H{_LEFT + _SIDE}"/>')
    middle = _LEFT + _SIDE / 2
    parts.append(f'<text class="middle" x="{middle}" y="{_SIDE + 46}">{escape(plot.x_title)}</text>')
    turned = f'transform="translate(13 {_SIDE / 2 + 10:g}) rotate(-90)"'
    parts.append(f'<text class="middle" {turned}>{escape(plot.y_title)}</text>')
    for mark in plot.marks:
        x, y = _place(mark.x, mark.y)
        parts.append(
            f'<circle class="dot k{mark.kind}" cx="{x}" cy="{y}" r="{_RADIUS}">'
            f"<title>{escape(mark.name)}</title></circle>"
        )
    for number, name in enumerate(plot.kinds):
        count = sum(mark.kind == number for mark in plot.marks)
        y, x = 26 + 24 * number, _LEFT + _SIDE + 20
        parts.append(f'<circle class="dot k{number}" cx="{x}" cy="{y - 4}" r="{_RADIUS + 1}"/>')
        parts.append(f'<text x="{x + 14}" y="{y}">{escape(name)}: {count}</text>')
    return "".join(parts) + "</svg>"


def _scale(height: int) -> list[str]:
    ticks = []
    for tenth in range(0, 11, 2):
        x = _x(tenth / 10)
        ticks.append(f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="{height - 22}"/>')
        ticks.append(f'<text class="tick middle" x="{x}" y="{height - 6}">{tenth / 10:g}</text>')
    return ticks


def _bar(bar: Bar, top: int) -> list[str]:
    middle = top + _STEP / 2
    kind = "baseline" if bar.baseline else "method"
    low, high = _x(bar.low), _x(bar.high)
    numbers = f"{bar.value:.2f} ({bar.low:.2f} to {bar.high:.2f})" + (f", {bar.detail}" if bar.detail else "")
    return [
        f'<text class="name" x="{_LABEL - 10}" y="{middle + 4:g}">{escape(bar.name)}</text>',
        f'<rect class="{kind}" x="{_LABEL}" y="{top + 6}" width="{_x(bar.value) - _LABEL:.1f}" '
        f'height="{_STEP - 12}"/>',
        f'<path class="whisker" d="M{low} {middle - 4:g}v8M{low} {middle:g}H{high}M{high} {middle - 4:g}v8"/>',
        f'<text x="{_LABEL + _PLOT + 10}" y="{middle + 4:g}">{escape(numbers)}</text>',
    ]


def _x(value: float) -> float:
    return round(_LABEL + _PLOT * min(max(value, 0.0), 1.0), 1)


def _place(x: float, y: float) -> tuple[float, float]:
    across, up = (min(max(value, 0.0), 1.0) for value in (x, y))
    return round(_LEFT + _SIDE * across, 1), round(10 + _SIDE * (1 - up), 1)
