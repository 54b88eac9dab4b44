"""A map without its grain: which neighbourhoods, not which single pixels, took part in a score."""

from __future__ import annotations

from enum import StrEnum
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Map = NDArray[np.float32]

DEFAULT_SMOOTH = 0.015
"""Standard deviation of the default Gaussian, as a share of the image's longer side."""

_COARSE_DEVIATION = 5.0


class Sign(StrEnum):
    """Which relevance counts: what speaks for the target, against it, or both."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    ABSOLUTE = "absolute"


def checked(values: NDArray[np.floating]) -> Map:
    """The map as (rows, columns) float32. Raises ValueError for another shape and for values not finite."""
    if values.ndim != 2:
        raise ValueError(f"a map has rows and columns; this one has the shape {values.shape}")
    if values.size and not np.isfinite(values.sum(dtype=np.float64)):
        faulty = int(np.count_nonzero(~np.isfinite(values)))
        raise ValueError(f"the map holds {faulty} values that are not finite numbers; it cannot be localised")
    return np.asarray(values, dtype=np.float32)


def evidence(
    values: NDArray[np.floating], sign: Sign | str = Sign.POSITIVE, smooth: float = DEFAULT_SMOOTH
) -> Map:
    """(rows, columns), not negative: how much each neighbourhood speaks for what `sign` asks.

    Relevance adds up, so positive and negative take the net of a neighbourhood, after smoothing;
    absolute smooths magnitudes. smooth: share of the longer side, 0 for none.
    Raises ValueError for values that are not finite.
    """
    plane = checked(values)
    match Sign(sign):
        case Sign.ABSOLUTE:
            return smoothed(np.abs(plane), smooth)
        case Sign.NEGATIVE:
            return np.maximum(-smoothed(plane, smooth), 0)
        case _:
            return np.maximum(smoothed(plane, smooth), 0)


def smoothed(values: NDArray[np.floating], share: float = DEFAULT_SMOOTH) -> Map:
    """Gaussian smoothing with a standard deviation of `share` times the longer side; the sum is kept.

    Wide Gaussians run on a coarser grid, where the averaging over its cells and the interpolation
    back count towards the deviation. No pixel's share lands further away than half a cell, a
    tenth of the deviation.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"smoothing by {share:g} of the longer side is not between 0 and 1")
    plane = np.asarray(values, dtype=np.float32)
    deviation = share * max(plane.shape, default=0)
    if plane.size == 0 or deviation == 0:
        return plane
    factor = int(deviation / _COARSE_DEVIATION)
    if factor <= 1:
        return gaussian_filter(plane, deviation, mode="reflect")
    # Mirrored margins make the coarse grid's edges as good as the image's own.
    margin = int(4 * deviation / factor + 1) * factor
    coarse = gaussian_filter(
        _cell_means(plane, factor, margin), sqrt((deviation / factor) ** 2 - 1 / 12 - 1 / 6)
    )
    return interpolated(coarse, (plane.shape[0], plane.shape[1]), margin, factor)


def interpolated(cells: Map, shape: tuple[int, int], margin: int, factor: int) -> Map:
    """Bilinear between the centres of cells of `factor` pixels. margin: pixels of the cells above and left of it."""
    down, across = (_between(size, margin, factor) for size in shape)
    wide = np.ascontiguousarray(_mix(np.ascontiguousarray(cells.T), *across).T)
    return _mix(wide, *down)


def _cell_means(plane: Map, factor: int, margin: int) -> Map:
    padded = np.pad(plane, [(margin, margin + -size % factor) for size in plane.shape], mode="symmetric")
    # Adding strided slices takes a tenth of the time of a mean over short axes.
    bands = sum(padded[start::factor] for start in range(1, factor)) + padded[0::factor]
    cells = sum(bands[:, start::factor] for start in range(1, factor)) + bands[:, 0::factor]
    return np.ascontiguousarray(cells * np.float32(1 / factor**2))


def _between(size: int, margin: int, factor: int) -> tuple[NDArray[np.intp], Map]:
    """For each fine pixel the first of the two cells that its centre lies between, and the second's weight."""
    position = (np.arange(size) + margin + 0.5) / factor - 0.5
    first = position.astype(np.intp)
    return first, (position - first).astype(np.float32)


def _mix(plane: Map, first: NDArray[np.intp], weight: Map) -> Map:
    low = plane[first]
    mixed = plane[first + 1]
    mixed -= low
    mixed *= weight[:, None]
    mixed += low
    return mixed
