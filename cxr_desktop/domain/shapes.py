"""Regions other than rectangles, in pixels of the stored image."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, pi

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box

Mask = NDArray[np.bool_]
Plane = NDArray[np.floating]
Vertex = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Ellipse:
    """The ellipse that touches the four sides of a rectangle; x, y: its left and top edge."""

    x: float
    y: float
    width: float
    height: float

    @property
    def bounding_box(self) -> Box:
        return Box(self.x, self.y, self.width, self.height)

    @property
    def area(self) -> float:
        return pi / 4 * self.width * self.height

    def covers(self, x: Plane, y: Plane) -> Mask:
        """Which of the points (arrays that broadcast) lie within."""
        if self.width == 0 or self.height == 0:
            return np.zeros(np.broadcast_shapes(x.shape, y.shape), bool)
        across = (x - self.x - self.width / 2) / (self.width / 2)
        down = (y - self.y - self.height / 2) / (self.height / 2)
        return across**2 + down**2 < 1

    def mask(self, rows: int, columns: int) -> Mask:
        """(rows, columns): the pixels whose centres lie within."""
        return pixel_mask(self, rows, columns)


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed line through vertices (x, y); where it crosses itself, the even-odd rule decides.

    Raises ValueError for fewer than three vertices, or one that is not finite.
    """

    vertices: tuple[Vertex, ...]

    def __post_init__(self) -> None:
        if len(self.vertices) < 3:
            raise ValueError(f"a polygon has at least three vertices, not {len(self.vertices)}")
        if not all(isfinite(value) for vertex in self.vertices for value in vertex):
            raise ValueError("a vertex of the polygon is not a finite number")

    @property
    def bounding_box(self) -> Box:
        across, down = zip(*self.vertices, strict=True)
        return Box.from_corners(min(across), min(down), max(across), max(down))

    @property
    def area(self) -> float:
        """By the shoelace formula; of one that crosses itself, the difference of its parts."""
        x, y = np.array(self.vertices, np.float64).T
        return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)

    def covers(self, x: Plane, y: Plane) -> Mask:
        """Which of the points (arrays that broadcast) lie within."""
        inside = np.zeros(np.broadcast_shapes(x.shape, y.shape), bool)
        for (x0, y0), (x1, y1) in zip(self.vertices, self.vertices[1:] + self.vertices[:1], strict=True):
            if y0 == y1:
                continue
            crossed = (y0 <= y) != (y1 <= y)
            share = np.where(crossed, y - y0, 0) / (y1 - y0)  # at most 1, however level the edge
            inside ^= crossed & (x < x0 + share * (x1 - x0))
        return inside

    def mask(self, rows: int, columns: int) -> Mask:
        """(rows, columns): the pixels whose centres lie within."""
        return pixel_mask(self, rows, columns)


@dataclass(frozen=True, slots=True)
class Point:
    """A place without extent."""

    x: float
    y: float

    @property
    def bounding_box(self) -> Box:
        return Box(self.x, self.y, 0, 0)

    @property
    def area(self) -> float:
        return 0.0

    def covers(self, x: Plane, y: Plane) -> Mask:
        """None of the points: a place covers nothing."""
        return np.zeros(np.broadcast_shapes(x.shape, y.shape), bool)

    def mask(self, rows: int, columns: int) -> Mask:
        """(rows, columns): the pixel that the point lies in."""
        found = np.zeros((rows, columns), bool)
        if 0 <= self.x < columns and 0 <= self.y < rows:
            found[int(self.y), int(self.x)] = True
        return found


Shape = Ellipse | Polygon | Point


def pixel_mask(shape: Ellipse | Polygon, rows: int, columns: int) -> Mask:
    """(rows, columns): the pixels whose centres the shape covers; only its bounding box is looked at."""
    found = np.zeros((rows, columns), bool)
    box = shape.bounding_box.clipped(columns, rows)
    left, top = int(box.x), int(box.y)
    right, bottom = min(int(box.right) + 1, columns), min(int(box.bottom) + 1, rows)
    x = np.arange(left, right, dtype=np.float64)[None, :] + 0.5
    y = np.arange(top, bottom, dtype=np.float64)[:, None] + 0.5
    found[top:bottom, left:right] = shape.covers(x, y)
    return found
