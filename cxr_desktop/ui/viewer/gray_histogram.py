"""How often modality values occur, and the window of an image's central part. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain import Radiograph, Window

BINS = 256
MOST_SAMPLES = 250_000
CENTRAL_SHARE = 0.6
CENTRAL_PERCENTILES = (1.0, 99.0)
CENTRAL_NAME = "central part, 1 to 99 %"
LUNG_NAME = "lung field, 1 to 99 %"


@dataclass(frozen=True, slots=True, eq=False)
class GrayHistogram:
    """counts: (n,) over equal steps from low to high, n at most BINS, of evenly strewn samples, padding left out.

    Of whole values a step holds as many as the next, each in its middle: with any other step bars of whole
    images would stand out or be missing.
    """

    counts: NDArray[np.int64]
    low: float
    high: float

    @classmethod
    def of(cls, radiograph: Radiograph) -> GrayHistogram:
        values = _samples(radiograph, 1.0)
        if not values.size:
            return cls(np.zeros(BINS, np.int64), 0.0, 1.0)
        count, low, high = _steps(values)
        counts, _ = np.histogram(values, count, (low, high))
        return cls(counts, low, high)


def _steps(values: NDArray[Any]) -> tuple[int, float, float]:
    """How many steps, and where the first begins and the last ends."""
    low, high = float(values.min()), float(values.max())
    if values.dtype.kind == "f":
        return BINS, low, high if high > low else low + 1.0
    if low == high:
        return 3, low - 1.5, low + 1.5  # a bar with room beside it, not a full pane
    width = -(-(high - low + 1) // BINS)
    count = -(-(high - low + 1) // width)
    return int(count), low - 0.5, low - 0.5 + count * width


def central_window(radiograph: Radiograph) -> Window | None:
    """From the 1st to the 99th percentile of the middle 60 % of rows and columns.

    On a frontal chest radiograph that part is lung and mediastinum, without collimator and arms; it
    is no segmentation. None where all of it is padding or of one value.
    """
    values = _samples(radiograph, CENTRAL_SHARE)
    if not values.size:
        return None
    low, high = np.percentile(values, CENTRAL_PERCENTILES)
    return Window.spanning(float(low), float(high), CENTRAL_NAME) if high > low else None


def lung_window(radiograph: Radiograph, field: NDArray[np.bool_]) -> Window | None:
    """From the 1st to the 99th percentile of the lung field.

    field: (rows, columns) True on both lungs. None where it is empty or of one value.
    """
    step = max(1, int(np.sqrt(field.size / (4 * MOST_SAMPLES))))
    inside = field[::step, ::step]
    if radiograph.valid is not None:
        inside = inside & radiograph.valid[::step, ::step]
    values = radiograph.pixels[::step, ::step][inside]
    values = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if not values.size:
        return None
    low, high = np.percentile(values, CENTRAL_PERCENTILES)
    return Window.spanning(float(low), float(high), LUNG_NAME) if high > low else None


def _samples(radiograph: Radiograph, share: float) -> NDArray[Any]:
    rows, columns = radiograph.pixels.shape
    top, left = round(rows * (1 - share) / 2), round(columns * (1 - share) / 2)
    step = max(1, int(np.sqrt(rows * columns * share**2 / MOST_SAMPLES)))
    part = (slice(top, rows - top, step), slice(left, columns - left, step))
    values = radiograph.pixels[part]
    if radiograph.valid is not None:
        values = values[radiograph.valid[part]]
    values = np.ravel(values)
    return values[np.isfinite(values)] if values.dtype.kind == "f" else values
