"""Where a map is cut: at a percentile, a share of its maximum, a relevance, or between Otsu's two classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.localization import Threshold, ThresholdKind
from cxr_desktop.localization.overlap import Mask
from cxr_desktop.localization.smoothing import checked

_SAMPLING = 61


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
            return percentiles(values, (chosen.value,))[0]


def mask_from_map(values: NDArray[np.floating], threshold: Threshold | float | str) -> Mask:
    """`mask_at` the map's `cut_value`. Raises ValueError for values that are not finite."""
    plane = checked(values)
    return mask_at(plane, cut_value(plane, threshold))


def mask_at(values: NDArray[np.floating], cut: float) -> Mask:
    """(rows, columns) True where the map is positive and reaches the cut.

    All False for a map that is the same everywhere: it points nowhere.
    """
    if values.size == 0 or values.min() == values.max():
        return np.zeros(values.shape, dtype=bool)
    return values >= cut if cut > 0 else values > 0


def cut_values(values: NDArray[np.floating], thresholds: Sequence[Threshold]) -> list[float]:
    """`cut_value` of each; the pixels are put in order once for all percentiles."""
    shares = [t.value for t in thresholds if t.kind is ThresholdKind.PERCENTILE and values.size]
    found = iter(percentiles(values, shares))
    return [
        next(found) if t.kind is ThresholdKind.PERCENTILE and values.size else cut_value(values, t)
        for t in thresholds
    ]


def percentiles(values: NDArray[np.floating], shares: Sequence[float]) -> list[float]:
    """The values below which each share per cent of the pixels lies, interpolated linearly as numpy does."""
    if not shares:
        return []
    flat = values.ravel()
    positions = [share / 100 * (flat.size - 1) for share in shares]
    lows = [int(position) for position in positions]
    highs = [min(low + 1, flat.size - 1) for low in lows]
    upper = _upper_part(flat, flat.size - min(lows))
    skipped = flat.size - upper.size
    ordered = np.sort(upper)
    found = []
    for position, low, high in zip(positions, lows, highs, strict=True):
        below, above = float(ordered[low - skipped]), float(ordered[high - skipped])
        found.append(below + (position - low) * (above - below))
    return found


def _upper_part(flat: NDArray[np.floating], needed: int) -> NDArray[np.floating]:
    """At least the `needed` largest values, found by a bound guessed from a sample; quicker to sort than all."""
    sample = np.sort(flat[::_SAMPLING])
    bound = sample[max(sample.size - 1 - int(1.25 * needed / _SAMPLING) - 8, 0)]
    upper = flat[flat >= bound]
    return upper if upper.size >= needed else flat


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
    position = np.asarray(values, dtype=np.float32).ravel() * np.float32(1 / step)
    position -= np.float32(low / step)
    np.clip(position, 0, bins - 1, out=position)
    counts = np.bincount(position.astype(np.intp), minlength=bins).astype(np.float64)
    centres = low + step * (np.arange(bins) + 0.5)
    below = np.cumsum(counts)
    moment = np.cumsum(counts * centres)
    above = below[-1] - below
    between = np.zeros(bins)
    split = (below > 0) & (above > 0)
    gap = moment[split] / below[split] - (moment[-1] - moment[split]) / above[split]
    between[split] = below[split] * above[split] * gap**2
    return float(centres[int(between.argmax())])
