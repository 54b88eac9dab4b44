"""Lengths, angles and areas in the units that the file allows. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cxr_desktop.domain import Radiograph
from cxr_desktop.ui.translation import later
from cxr_desktop.ui.viewer.measurement import Measurement, MeasurementKind, Point

UNCALIBRATED = later("pixels only: the file states no pixel size")


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far rows and columns lie apart, in `unit`, and who says so.

    unit: 'mm', or 'px' (widths of a stored pixel) where no size is known.
    """

    row: float = 1.0
    column: float = 1.0
    unit: str = "px"
    origin: str = UNCALIBRATED

    @classmethod
    def of(cls, radiograph: Radiograph) -> Calibration:
        spacing = radiograph.spacing
        if spacing is None:
            return cls(row=radiograph.pixel_aspect)
        return cls(spacing.row, spacing.column, "mm", spacing.origin)

    def vector(self, start: Point, end: Point) -> Point:
        return (end[0] - start[0]) * self.column, (end[1] - start[1]) * self.row

    def length(self, start: Point, end: Point) -> float:
        return math.hypot(*self.vector(start, end))

    def angle(self, first: Point, vertex: Point, second: Point) -> float:
        """Between two arms, in degrees from 0 to 180; 0 for an arm without length."""
        ax, ay = self.vector(vertex, first)
        bx, by = self.vector(vertex, second)
        return math.degrees(math.atan2(abs(ax * by - ay * bx), ax * bx + ay * by))

    def area(self, measurement: Measurement) -> float:
        """Of an ellipse or rectangle, in the unit's square."""
        across, down = self.vector(*measurement.points)
        whole = abs(across * down)
        return whole * math.pi / 4 if measurement.kind is MeasurementKind.ELLIPSE else whole


@dataclass(frozen=True, slots=True)
class CardiothoracicRatio:
    """Widths in the calibration's unit. feet: the heart's borders, each dropped onto the thorax's line."""

    heart: float
    thorax: float
    feet: tuple[Point, Point]

    @property
    def ratio(self) -> float:
        return self.heart / self.thorax


def cardiothoracic(measurement: Measurement, calibration: Calibration) -> CardiothoracicRatio | None:
    """The heart's width along the line across the thorax, over that line's length.

    None while the heart has not been placed, or where the line has no length. Source: Danzer,
    Am J Med Sci 1919; both widths are taken in one direction, whatever the patient's tilt.
    """
    if not measurement.complete:
        return None
    start, end, *borders = measurement.points
    thorax = calibration.length(start, end)
    if thorax == 0:
        return None
    dx, dy = calibration.vector(start, end)
    along = []
    for border in borders:
        bx, by = calibration.vector(start, border)
        along.append((bx * dx + by * dy) / thorax**2)
    feet = tuple((start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])) for t in along)
    return CardiothoracicRatio(abs(along[1] - along[0]) * thorax, thorax, (feet[0], feet[1]))
