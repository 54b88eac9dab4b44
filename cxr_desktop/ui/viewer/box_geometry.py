"""What a hand can take hold of on a finding, and what dragging it does. No Qt; stored pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from cxr_desktop.domain import Box, Ellipse, Finding, Point, Polygon, region_of

SMALLEST_SIDE = 2.0


class Grip(StrEnum):
    """A part of a region; compass names for the edges and corners."""

    N = "n"
    NE = "ne"
    E = "e"
    SE = "se"
    S = "s"
    SW = "sw"
    W = "w"
    NW = "nw"
    BODY = "body"
    VERTEX = "vertex"


HANDLES = (Grip.NW, Grip.NE, Grip.SE, Grip.SW, Grip.N, Grip.E, Grip.S, Grip.W)


@dataclass(frozen=True, slots=True)
class Hold:
    """A grip on the box at `index` of a reading. vertex: which one, of a polygon held there."""

    index: int
    grip: Grip
    vertex: int = -1


def handle_position(box: Box, grip: Grip) -> tuple[float, float]:
    """Where a handle lies, in stored pixels."""
    x = {"w": box.x, "e": box.right}.get(grip.value[-1], box.centre[0])
    y = {"n": box.y, "s": box.bottom}.get(grip.value[0], box.centre[1])
    return x, y


def handles(box: Box) -> list[tuple[float, float]]:
    """Where the hand can take hold of a region: corners and edges, a polygon's vertices, none of a point."""
    region = region_of(box)
    if isinstance(region, Polygon):
        return list(region.vertices)
    return [] if isinstance(region, Point) else [handle_position(box, grip) for grip in HANDLES]


def grip_at(box: Box, x: float, y: float, reach_x: float, reach_y: float) -> Grip | None:
    """The part of a box at a point; edges and corners reach a little beyond their line."""
    if not _near(box, x, y, reach_x, reach_y):
        return None
    vertical = _nearer(y, box.y, box.bottom, reach_y, "n", "s")
    horizontal = _nearer(x, box.x, box.right, reach_x, "w", "e")
    return Grip(vertical + horizontal) if vertical or horizontal else Grip.BODY


def hold_at(
    boxes: Sequence[Box], selected: int | None, x: float, y: float, reach_x: float, reach_y: float
) -> Hold | None:
    """What lies under a point: the selected box before others, a smaller box before a larger one."""
    near = [index for index, box in enumerate(boxes) if _near(box, x, y, reach_x, reach_y)]
    for index in sorted(near, key=lambda i: (i != selected, boxes[i].area)):
        hold = _hold(boxes[index], index, index == selected, (x, y), (reach_x, reach_y))
        if hold is not None:
            return hold
    return None


def dragged(box: Box, grip: Grip, dx: float, dy: float, columns: int, rows: int) -> Box:
    """The box after its grip moved by (dx, dy); it stays on the image, and edges may cross over."""
    if grip is Grip.BODY:
        return replace(
            box,
            x=min(max(box.x + dx, 0.0), max(columns - box.width, 0.0)),
            y=min(max(box.y + dy, 0.0), max(rows - box.height, 0.0)),
        )
    left, right = box.x + dx * ("w" in grip.value), box.right + dx * ("e" in grip.value)
    top, bottom = box.y + dy * ("n" in grip.value), box.bottom + dy * ("s" in grip.value)
    return reshaped(box, Box.from_corners(left, top, right, bottom).clipped(columns, rows))


def with_vertex_moved(box: Box, number: int, dx: float, dy: float, columns: int, rows: int) -> Box:
    """A polygon after one vertex moved by (dx, dy); it stays on the image."""
    region = region_of(box)
    assert isinstance(region, Polygon)
    x, y = region.vertices[number]
    moved = (min(max(x + dx, 0.0), columns), min(max(y + dy, 0.0), rows))
    vertices = (*region.vertices[:number], moved, *region.vertices[number + 1 :])
    return Finding.around(Polygon(vertices), box)


def reshaped(box: Box, like: Box) -> Box:
    """What is said of a box, in the place and outline of another."""
    placed = replace(box, x=like.x, y=like.y, width=like.width, height=like.height)
    if isinstance(placed, Finding) and isinstance(like, Finding):
        return replace(placed, shape=like.shape, vertices=like.vertices)
    return placed


def is_drawable(box: Box) -> bool:
    """Whether a region is large enough to have been meant."""
    if isinstance(region_of(box), Point):
        return True
    return box.width >= SMALLEST_SIDE and box.height >= SMALLEST_SIDE


def _hold(
    box: Box, index: int, selected: bool, at: tuple[float, float], reach: tuple[float, float]
) -> Hold | None:
    region = region_of(box)
    if isinstance(region, Point):
        return Hold(index, Grip.BODY)
    if isinstance(region, Polygon):
        for number, (x, y) in enumerate(region.vertices):
            if abs(x - at[0]) <= reach[0] and abs(y - at[1]) <= reach[1]:
                return Hold(index, Grip.VERTEX, number)
    elif isinstance(region, Box) or selected:
        grip = grip_at(box, *at, *reach)
        if grip is not Grip.BODY or isinstance(region, Box):
            return None if grip is None else Hold(index, grip)
    return Hold(index, Grip.BODY) if _covers(region, *at) else None


def _covers(region: Box | Ellipse | Polygon, x: float, y: float) -> bool:
    if isinstance(region, Box):
        return region.contains(x, y)
    return bool(region.covers(np.array([x]), np.array([y]))[0])


def _near(box: Box, x: float, y: float, reach_x: float, reach_y: float) -> bool:
    return (
        box.x - reach_x <= x <= box.x + box.width + reach_x
        and box.y - reach_y <= y <= box.y + box.height + reach_y
    )


def _nearer(value: float, low: float, high: float, reach: float, at_low: str, at_high: str) -> str:
    to_low, to_high = abs(value - low), abs(value - high)
    if min(to_low, to_high) > reach:
        return ""
    return at_low if to_low <= to_high else at_high
