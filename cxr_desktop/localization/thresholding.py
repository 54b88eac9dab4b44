"""Where a map is cut: at a percentile, a share of its maximum, a relevance, or between Otsu's two classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.localization import Threshold, ThresholdKind
from cxr_desktop.localization.overlap import Mask
from cxr_desktop.localization.smoothing import checked


def as_threshold(threshold: Threshold | float | str) -> Threshold:
    """A number is a relevance, a text one of the forms of `Threshold.parse`, which raises ValueError."""
    if isinstance(threshold, Threshold):
        return threshold
    if isinstance(threshold, str):
        return Threshold.parse(threshold)
    return Threshold(ThresholdKind.ABSOLUTE, float(threshold))


def cut_value(values: NDArray[np.floating], threshold: Threshold | float | str) -> float:
    """The relevance at which the map is cut; infinity for a map without pixels."""
    chosen = as_threshold(threshold)
    if chosen.kind is ThresholdKind.ABSOLUTE:
        return chosen.value
    if values.size == 0:
        return float("inf")
    match chosen.kind:
        case ThresholdKind.OTSU:
            return otsu(values)
        case ThresholdKind.RELATIVE:
            return chosen.value * float(values.max())
        case _:
            return percentile(values, chosen.value)


def mask_from_map(values: NDArray[np.floating], threshold: Threshold | float | str) -> Mask:
    """(rows, columns) True where the map is positive and reaches the cut.

    All False for a map that is the same everywhere: it points nowhere.
    Raises ValueError for values that are not finite.
    """
    plane = checked(values)
    if plane.size == 0 or plane.max() <= 0 or plane.min() == plane.max():
        return np.zeros(plane.shape, dtype=bool)
    return kept(plane, cut_value(plane, threshold))


def kept(values: NDArray[np.floating], cut: float) -> Mask:
    """True where a value is positive and reaches the cut."""
    return values >= cut if cut > 0 else values > 0


def percentile(values: NDArray[np.floating], share: float) -> float:
    """The value below which `share` per cent of the pixels lie, interpolated linearly as numpy does."""
    flat = values.ravel()
    position = share / 100 * (flat.size - 1)
    low = int(position)
    high = min(low + 1, flat.size - 1)
    ordered = np.partition(flat, (low, high))
    return float(ordered[low] + (position - low) * (float(ordered[high]) - float(ordered[low])))


def otsu(values: NDArray[np.floating], bins: int = 256) -> float:
    """The cut that parts the values into two classes with the most variance between them.

    Otsu, 'A threshold selection method from gray-level histograms', IEEE Trans. SMC 9, 1979; on
    a histogram of `bins` equal steps from minimum to maximum, the cut at a step's middle. The
    common value for a constant map.
    """
    low, high = float(values.min()), float(values.max())
    if not high > low:
        return low
    step = (high - low) / bins
    index = np.minimum((values.ravel() - np.float32(low)) * np.float32(1 / step), bins - 1).astype(np.uint16)
    counts = np.bincount(index, minlength=bins).astype(np.float64)
    centres = low + step * (np.arange(bins) + 0.5)
    below = np.cumsum(counts)
    moment = np.cumsum(counts * centres)
    above = below[-1] - below
    between = np.zeros(bins)
    split = (below > 0) & (above > 0)
    gap = moment[split] / below[split] - (moment[-1] - moment[split]) / above[split]
    between[split] = below[split] * above[split] * gap**2
    return float(centres[int(between.argmax())])
