"""A map that knows nothing: the floor under every method."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from cxr_desktop.localization.smoothing import Map, interpolated

GRAIN = 0.05
"""Standard deviation of the noise's Gaussian, as a share of the longer side: spots the size of lesions."""

_CELLS = 5.0


def random_map(seed: int, shape: tuple[int, int]) -> Map:
    """(rows, columns) float32 Gaussian noise smoothed to spots; the same for the same seed and shape.

    Drawn for cells of a fifth of the deviation, as the means of independent pixels are independent too.
    """
    deviation = GRAIN * max(shape)
    step = max(1, int(deviation / _CELLS))
    cells = [-(-size // step) + 2 for size in shape]  # one beside each edge to interpolate to
    noise = np.random.default_rng(seed).standard_normal(cells, dtype=np.float32)
    return interpolated(gaussian_filter(noise, deviation / step), shape, step, step)
