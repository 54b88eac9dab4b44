"""Horizontal bars with intervals as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isnan

from cxr_desktop.cohort.plan import Interval

_LABEL, _PLOT, _NUMBER, _STEP = 180, 420, 150, 30


@dataclass(frozen=True, slots=True)
class Bar:
    """baseline: drawn paler, as something to beat."""

    name: str
    value: Interval
    baseline: bool = False


def bar_chart(title: str, bars: Sequence[Bar], mark: float | None = None) -> str:
    """An <svg> with a bar per entry on a scale from 0 to 1, a whisker for its interval, its numbers in words.

    mark: a value to hold the bars against, drawn as a dashed line. Nothing for no bars.
    """
    drawn = [bar for bar in bars if not isnan(bar.value.value)]
    if not drawn:
        return ""
    height = _STEP * len(drawn) + 26
    width = _LABEL + _PLOT + _NUMBER
    parts = [
        f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<title>{escape(title)}</title>",
        *_scale(height),
        *(line for place, bar in enumerate(drawn) for line in _bar(bar, place * _STEP)),
    ]
    if mark is not None and not isnan(mark):
        x = _x(mark)
        parts.append(f'<line class="mark" x1="{x}" x2="{x}" y1="0" y2="{height - 22}"/>')
    return "".join(parts) + "</svg>"


def _scale(height: int) -> list[str]:
    ticks = []
    for tenth in range(0, 11, 2):
        x = _x(tenth / 10)
        ticks.append(f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="{height - 22}"/>')
        ticks.append(f'<text class="tick" x="{x}" y="{height - 6}">{tenth / 10:g}</text>')
    return ticks


def _bar(bar: Bar, top: int) -> list[str]:
    middle = top + _STEP / 2
    kind = "baseline" if bar.baseline else "method"
    low, high = _x(bar.value.low), _x(bar.value.high)
    numbers = f"{bar.value.value:.2f} ({bar.value.low:.2f} to {bar.value.high:.2f})"
    return [
        f'<text class="name" x="{_LABEL - 10}" y="{middle + 4:g}">{escape(bar.name)}</text>',
        f'<rect class="{kind}" x="{_LABEL}" y="{top + 6}" width="{_x(bar.value.value) - _LABEL:.1f}" '
        f'height="{_STEP - 12}"/>',
        f'<path class="whisker" d="M{low} {middle - 4:g}v8M{low} {middle:g}H{high}M{high} {middle - 4:g}v8"/>',
        f'<text class="number" x="{_LABEL + _PLOT + 10}" y="{middle + 4:g}">{numbers}</text>',
    ]


def _x(value: float) -> float:
    return round(_LABEL + _PLOT * min(max(value, 0.0), 1.0), 1)
