"""What a hand can take hold of on a box, and what dragging it does. No Qt; stored pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from cxr_desktop.domain import Box

SMALLEST_SIDE = 2.0


class Grip(StrEnum):
    """A part of a box; compass names for the edges and corners."""

    N = "n"
    NE = "ne"
    E = "e"
    SE = "se"
    S = "s"
    SW = "sw"
    W = "w"
    NW = "nw"
    BODY = "body"


HANDLES = (Grip.NW, Grip.NE, Grip.SE, Grip.SW, Grip.N, Grip.E, Grip.S, Grip.W)


@dataclass(frozen=True, slots=True)
class Hold:
    """A grip on the box at `index` of a reading."""

    index: int
    grip: Grip


def handle_position(box: Box, grip: Grip) -> tuple[float, float]:
    """Where a handle lies, in stored pixels."""
    x = {"w": box.x, "e": box.right}.get(grip.value[-1], box.centre[0])
    y = {"n": box.y, "s": box.bottom}.get(grip.value[0], box.centre[1])
    return x, y


def grip_at(box: Box, x: float, y: float, reach_x: float, reach_y: float) -> Grip | None:
    """The part of the box at a point; edges and corners reach a little beyond their line."""
    if not (box.x - reach_x <= x <= box.right + reach_x and box.y - reach_y <= y <= box.bottom + reach_y):
        return None
    vertical = _nearer(y, box.y, box.bottom, reach_y, "n", "s")
    horizontal = _nearer(x, box.x, box.right, reach_x, "w", "e")
    return Grip(vertical + horizontal) if vertical or horizontal else Grip.BODY


def hold_at(
    boxes: Sequence[Box], selected: int | None, x: float, y: float, reach_x: float, reach_y: float
) -> Hold | None:
    """What lies under a point: the selected box before others, a smaller box before a larger one."""
    order = sorted(range(len(boxes)), key=lambda i: (i != selected, boxes[i].area))
    for index in order:
        grip = grip_at(boxes[index], x, y, reach_x, reach_y)
        if grip is not None:
            return Hold(index, grip)
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
    kept = {"label": box.label, "score": box.score, "source": box.source}
    return Box.from_corners(left, top, right, bottom, **kept).clipped(columns, rows)


def is_drawable(box: Box) -> bool:
    """Whether a box is large enough to have been meant."""
    return box.width >= SMALLEST_SIDE and box.height >= SMALLEST_SIDE


def _nearer(value: float, low: float, high: float, reach: float, at_low: str, at_high: str) -> str:
    to_low, to_high = abs(value - low), abs(value - high)
    if min(to_low, to_high) > reach:
        return ""
    return at_low if to_low <= to_high else at_high
