"""Spatial coordinates of structured reports as regions of the image (PS3.3 C.18.6)."""

from __future__ import annotations

import math

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.shapes import Ellipse, Point, Polygon

Corner = tuple[float, float]
_UPRIGHT = 1e-6
_SIDES = 72


def region_within(kind: str, flat: tuple[float, ...]) -> Box | Ellipse | Polygon | Point | None:
    """The region of a Graphic Type and its Graphic Data, column and row in turns; None for what is malformed.

    A line that is not closed counts as closed from four corners on: with fewer it is a length or an
    angle. An ellipse that lies aslant becomes a polygon of its outline.
    """
    if len(flat) % 2 or not all(map(math.isfinite, flat)):
        return None
    points = list(zip(flat[::2], flat[1::2], strict=True))
    if kind == "POINT" and len(points) == 1:
        return Point(*points[0])
    if kind in ("POLYLINE", "POLYGON"):
        return _enclosed(points)
    if kind == "CIRCLE" and len(points) == 2:
        (x, y), edge = points
        radius = math.dist(points[0], edge)
        return Ellipse(x - radius, y - radius, 2 * radius, 2 * radius)
    if kind == "ELLIPSE" and len(points) == 4:
        return _ellipse(points)
    return None


def _enclosed(points: list[Corner]) -> Box | Polygon | None:
    closed = len(points) > 3 and points[0] == points[-1]
    corners = points[:-1] if closed else points
    if len(corners) < (3 if closed else 4):
        return None
    across, down = {x for x, _ in corners}, {y for _, y in corners}
    if len(across) == 1 or len(down) == 1:
        return None
    if len(corners) == 4 and len(across) == len(down) == 2 and _alternate(corners):
        return Box.from_corners(min(across), min(down), max(across), max(down))
    return Polygon(tuple(corners))


def _alternate(corners: list[Corner]) -> bool:
    """Whether each side of the four is level or upright."""
    turned = [*corners[1:], corners[0]]
    return len(set(corners)) == 4 and all(
        (a[0] == b[0]) != (a[1] == b[1]) for a, b in zip(corners, turned, strict=True)
    )


def _ellipse(points: list[Corner]) -> Ellipse | Polygon:
    """From the ends of one axis, then of the other."""
    (a, b), (c, d) = points[:2], points[2:]
    x, y = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    first, second = ((b[0] - a[0]) / 2, (b[1] - a[1]) / 2), ((d[0] - c[0]) / 2, (d[1] - c[1]) / 2)
    size = max(map(abs, (*first, *second)), default=0.0)
    aslant = (
        min(abs(first[0]), abs(first[1])) > _UPRIGHT * size
        or min(abs(second[0]), abs(second[1])) > _UPRIGHT * size
    )
    if aslant:
        extremes = [math.atan2(second[axis], first[axis]) % math.pi for axis in (0, 1)]
        turns = sorted(
            {2 * math.pi * k / _SIDES for k in range(_SIDES)}
            | {turn + half for turn in extremes for half in (0.0, math.pi)}
        )
        return Polygon(tuple(_on_ellipse((x, y), first, second, turn) for turn in turns))
    wide, high = math.hypot(first[0], second[0]), math.hypot(first[1], second[1])
    return Ellipse(x - wide, y - high, 2 * wide, 2 * high)


def _on_ellipse(centre: Corner, first: Corner, second: Corner, turn: float) -> Corner:
    """The point of an ellipse with these half axes."""
    along, across = math.cos(turn), math.sin(turn)
    return (
        centre[0] + first[0] * along + second[0] * across,
        centre[1] + first[1] * along + second[1] * across,
    )
