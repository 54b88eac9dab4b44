"""Modality values inside an ellipse or rectangle. No Qt."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain import Radiograph
from cxr_desktop.ui.viewer.measurement import Measurement, MeasurementKind

_BLOCK_ROWS = 128


@dataclass(frozen=True, slots=True)
class RegionStatistics:
    """count: of stored pixels whose centre lies inside, padding left out. deviation: of the population."""

    count: int
    mean: float
    deviation: float
    smallest: float
    largest: float


def pixel_window(measurement: Measurement, radiograph: Radiograph) -> tuple[int, int, int, int]:
    """Pixels (x0, y0, x1, y1), half-open, whose centres lie within the measurement's bounds."""
    left, top, right, bottom = measurement.bounds
    return (
        max(math.ceil(left - 0.5), 0),
        max(math.ceil(top - 0.5), 0),
        min(math.ceil(right - 0.5), radiograph.columns),
        min(math.ceil(bottom - 0.5), radiograph.rows),
    )


def region_statistics(
    measurement: Measurement, radiograph: Radiograph, check: Callable[[], object] = lambda: None
) -> RegionStatistics | None:
    """None where no pixel lies inside. check: called between blocks; may raise to break off."""
    x0, y0, x1, y1 = pixel_window(measurement, radiograph)
    count, mean, squares = 0, 0.0, 0.0
    smallest, largest = math.inf, -math.inf
    for start in range(y0, y1, _BLOCK_ROWS):
        check()
        end = min(start + _BLOCK_ROWS, y1)
        values = _inside(measurement, radiograph, (x0, start, x1, end))
        if not values.size:
            continue
        block = values.astype(np.float64)
        there = float(block.mean())
        block -= there
        # Pairwise update of Chan et al., 1979: large offsets do not cancel
        total, shift = count + values.size, there - mean
        squares += float(block @ block) + shift**2 * count * values.size / total
        mean += shift * values.size / total
        count = total
        smallest, largest = min(smallest, float(values.min())), max(largest, float(values.max()))
    if not count:
        return None
    return RegionStatistics(count, mean, math.sqrt(squares / count), smallest, largest)


def _inside(
    measurement: Measurement, radiograph: Radiograph, window: tuple[int, int, int, int]
) -> NDArray[np.generic]:
    x0, y0, x1, y1 = window
    values = radiograph.pixels[y0:y1, x0:x1]
    inside = None if radiograph.valid is None else radiograph.valid[y0:y1, x0:x1]
    if measurement.kind is MeasurementKind.ELLIPSE:
        left, top, right, bottom = measurement.bounds
        x = (np.arange(x0, x1) + 0.5 - (left + right) / 2) / max((right - left) / 2, 1e-9)
        y = (np.arange(y0, y1) + 0.5 - (top + bottom) / 2) / max((bottom - top) / 2, 1e-9)
        ellipse = x[None, :] ** 2 + y[:, None] ** 2 <= 1
        inside = ellipse if inside is None else inside & ellipse
    return values.ravel() if inside is None else values[inside]
