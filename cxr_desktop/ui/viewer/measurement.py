"""Measurements as points on the stored image: what can be taken hold of, and what dragging does. No Qt."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

Point = tuple[float, float]
SMALLEST = 2.0


class MeasurementKind(StrEnum):
    """What is measured."""

    LENGTH = "length"
    ANGLE = "angle"
    ELLIPSE = "ellipse"
    RECTANGLE = "rectangle"
    CARDIOTHORACIC = "cardiothoracic"


AREAS = (MeasurementKind.ELLIPSE, MeasurementKind.RECTANGLE)
_POINTS = {MeasurementKind.ANGLE: 3, MeasurementKind.CARDIOTHORACIC: 4}


@dataclass(frozen=True, slots=True)
class Measurement:
    """points: in stored pixels.

    Length: both ends. Angle: end of the first arm, vertex, end of the second. Ellipse and
    rectangle: two opposite corners. Cardiothoracic ratio: both ends of the thorax, then both
    borders of the heart. Angle and ratio lack their later points until those have been placed.
    """

    kind: MeasurementKind
    points: tuple[Point, ...]

    @property
    def complete(self) -> bool:
        return len(self.points) == _POINTS.get(self.kind, 2)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        xs, ys = zip(*self.points, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def continued(self, start: Point, end: Point) -> Measurement:
        """With the points that a second drag places."""
        added = (end,) if self.kind is MeasurementKind.ANGLE else (start, end)
        return replace(self, points=(*self.points[:2], *added))


@dataclass(frozen=True, slots=True)
class MeasurementHold:
    """The handle of the measurement at `index`, or all of it where `handle` is None."""

    index: int
    handle: int | None


def is_measurable(measurement: Measurement) -> bool:
    """Whether a drag was long enough to have been meant."""
    left, top, right, bottom = measurement.bounds
    if measurement.kind in AREAS:
        return min(right - left, bottom - top) >= SMALLEST
    return math.hypot(right - left, bottom - top) >= SMALLEST


def handles(measurement: Measurement) -> tuple[Point, ...]:
    """Where a hand can take hold: the points, or all four corners of an area."""
    if measurement.kind not in AREAS:
        return measurement.points
    (x0, y0), (x1, y1) = measurement.points
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def outline(measurement: Measurement) -> tuple[tuple[Point, Point], ...]:
    """Straight lines of the measurement; an ellipse's are a polygon on it."""
    points = measurement.points
    if measurement.kind is MeasurementKind.RECTANGLE:
        corners = handles(measurement)
        return tuple(zip(corners, (*corners[1:], corners[0]), strict=True))
    if measurement.kind is MeasurementKind.ELLIPSE:
        ring = _ring(points[0], points[1])
        return tuple(itertools.pairwise(ring))
    if measurement.kind is MeasurementKind.ANGLE:
        return tuple(itertools.pairwise(points))
    return tuple(zip(points[0::2], points[1::2], strict=True))


def measurement_at(
    measurements: Sequence[Measurement],
    selected: int | None,
    x: float,
    y: float,
    reach_x: float,
    reach_y: float,
) -> MeasurementHold | None:
    """What lies within reach: the selected one before others, the latest before earlier ones."""
    for index in sorted(range(len(measurements)), key=lambda i: (i != selected, -i)):
        near = [
            (math.hypot((px - x) / reach_x, (py - y) / reach_y), handle)
            for handle, (px, py) in enumerate(handles(measurements[index]))
        ]
        distance, handle = min(near)
        if distance <= 1:
            return MeasurementHold(index, handle)
        if any(_distance(line, x, y, reach_x, reach_y) <= 1 for line in outline(measurements[index])):
            return MeasurementHold(index, None)
    return None


def moved(
    measurement: Measurement, handle: int | None, dx: float, dy: float, columns: int, rows: int
) -> Measurement:
    """After a handle, or all of it, moved by (dx, dy); it stays on the image."""
    if handle is None:
        left, top, right, bottom = measurement.bounds
        dx = min(max(dx, -left), columns - right)
        dy = min(max(dy, -top), rows - bottom)
        return replace(measurement, points=tuple((x + dx, y + dy) for x, y in measurement.points))
    x, y = handles(measurement)[handle]
    placed = (min(max(x + dx, 0.0), float(columns)), min(max(y + dy, 0.0), float(rows)))
    if measurement.kind in AREAS:
        opposite = handles(measurement)[(handle + 2) % 4]
        return replace(measurement, points=(placed, opposite))
    points = list(measurement.points)
    points[handle] = placed
    return replace(measurement, points=tuple(points))


def _ring(corner: Point, opposite: Point, count: int = 48) -> list[Point]:
    cx, cy = (corner[0] + opposite[0]) / 2, (corner[1] + opposite[1]) / 2
    rx, ry = (opposite[0] - corner[0]) / 2, (opposite[1] - corner[1]) / 2
    turns = [2 * math.pi * k / count for k in range(count + 1)]
    return [(cx + rx * math.cos(turn), cy + ry * math.sin(turn)) for turn in turns]


def _distance(line: tuple[Point, Point], x: float, y: float, reach_x: float, reach_y: float) -> float:
    """From a point to a segment, in reaches."""
    (ax, ay), (bx, by) = line
    ux, uy = (bx - ax) / reach_x, (by - ay) / reach_y
    vx, vy = (x - ax) / reach_x, (y - ay) / reach_y
    squared = ux * ux + uy * uy
    along = min(max((ux * vx + uy * vy) / squared, 0.0), 1.0) if squared else 0.0
    return math.hypot(vx - along * ux, vy - along * uy)
