"""A rectangle on the stored image."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import isfinite


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled rectangle in pixels of the stored image, edges half-open.

    x, y: left and top edge. width, height: extent, not negative. score: confidence in
    whatever unit its maker states, or None. source: who or what drew it.
    Raises ValueError for a value that is not finite or a negative extent.
    """

    x: float
    y: float
    width: float
    height: float
    label: str = ""
    score: float | None = None
    source: str = ""

    def __post_init__(self) -> None:
        for name in ("x", "y", "width", "height"):
            value = getattr(self, name)
            if not isfinite(value):
                raise ValueError(f"box {name} is {value!r}, not a finite number")
        if self.width < 0 or self.height < 0:
            raise ValueError(f"box extent {self.width:g} x {self.height:g} is negative")

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def contains(self, x: float, y: float) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def intersection_area(self, other: Box) -> float:
        width = min(self.right, other.right) - max(self.x, other.x)
        height = min(self.bottom, other.bottom) - max(self.y, other.y)
        return max(width, 0.0) * max(height, 0.0)

    def moved(self, dx: float, dy: float) -> Box:
        return replace(self, x=self.x + dx, y=self.y + dy)

    def clipped(self, columns: int, rows: int) -> Box:
        """The part of the box that lies on an image of that size; empty where none does."""
        left, top = min(max(self.x, 0.0), columns), min(max(self.y, 0.0), rows)
        right, bottom = min(max(self.right, left), columns), min(max(self.bottom, top), rows)
        return replace(self, x=left, y=top, width=right - left, height=bottom - top)

    @classmethod
    def from_corners(cls, x0: float, y0: float, x1: float, y1: float, **fields: object) -> Box:
        """The box between two opposite corners, in either order."""
        left, top = min(x0, x1), min(y0, y1)
        return cls(left, top, abs(x1 - x0), abs(y1 - y0), **fields)  # type: ignore[arg-type]


def with_label(boxes: Iterable[Box], label: str) -> tuple[Box, ...]:
    """Those of the boxes that carry the label, regardless of case."""
    wanted = label.casefold()
    return tuple(box for box in boxes if box.label.casefold() == wanted)
