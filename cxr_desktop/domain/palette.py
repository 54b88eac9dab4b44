"""Colours and line styles of marks, told apart by hue, by lightness and by dash, so by the colour-blind too.

Hues are of Okabe and Ito's set ('Color Universal Design', 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

Rgb = tuple[int, int, int]

CASING: Rgb = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class LineStyle:
    """How a kind of box is drawn. dash: lengths on and off in line widths, empty for a solid line."""

    title: str
    colour: Rgb
    dash: tuple[int, ...] = ()


NETWORK = LineStyle("Network", (86, 180, 233))
REFERENCE = LineStyle("Reference", (255, 255, 255), (5, 3))
READER = LineStyle("Reader", (240, 228, 66), (6, 2, 1, 2))
