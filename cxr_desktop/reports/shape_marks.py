"""Ellipses, outlines and points on a figure, in the line styles of boxes."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

from PIL import ImageDraw

from cxr_desktop.domain import Box
from cxr_desktop.domain.palette import CASING, LineStyle
from cxr_desktop.reports.said import corners_of

ARM = 5
"""Length of a point's arms, in widths of the line."""
Place = tuple[float, float]
Path = list[Place]


def draw_shape(draw: ImageDraw.ImageDraw, box: Box, scale: Place, style: LineStyle, width: int) -> None:
    """A region that is no rectangle. scale: pixels of the figure per stored pixel, across and down."""
    corners = [(x * scale[0], y * scale[1]) for x, y in corners_of(box)]
    if corners:
        _line(draw, [*corners, corners[0]], style, width)
        return
    x, y, arm = box.x * scale[0], box.y * scale[1], ARM * width
    for stroke in ([(x - arm, y), (x + arm, y)], [(x, y - arm), (x, y + arm)]):
        draw.line(stroke, fill=CASING, width=width + 2)
    for stroke in ([(x - arm, y), (x + arm, y)], [(x, y - arm), (x, y + arm)]):
        draw.line(stroke, fill=style.colour, width=width)


def _line(draw: ImageDraw.ImageDraw, path: Path, style: LineStyle, width: int) -> None:
    draw.line(path, fill=CASING, width=width + 2, joint="curve")
    if not style.dash:
        draw.line(path, fill=style.colour, width=width, joint="curve")
        return
    lengths = [step * width for step in style.dash]
    for stroke in _dashed(path, lengths):
        draw.line(stroke, fill=style.colour, width=width, joint="curve")


def _dashed(path: Path, lengths: list[int]) -> list[Path]:
    """The stretches of a line that are drawn: the first of the lengths, not the second, and so on."""
    strokes: list[Path] = [[path[0]]]
    turn, left = 0, float(lengths[0])
    for (x0, y0), (x1, y1) in pairwise(path):
        whole = hypot(x1 - x0, y1 - y0)
        done = 0.0
        while whole - done > left:
            done += left
            at = (x0 + (x1 - x0) * done / whole, y0 + (y1 - y0) * done / whole)
            if turn % 2 == 0:
                strokes[-1].append(at)
            else:
                strokes.append([at])
            turn += 1
            left = float(lengths[turn % len(lengths)])
        left -= whole - done
        if turn % 2 == 0:
            strokes[-1].append((x1, y1))
    return [stroke for stroke in strokes if len(stroke) > 1]
