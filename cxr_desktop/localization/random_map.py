"""A map that knows nothing: the floor under every method."""

from __future__ import annotations

import numpy as np

from cxr_desktop.localization.smoothing import Map, smoothed

GRAIN = 0.05
"""Standard deviation of the noise's Gaussian, as a share of the longer side: spots the size of lesions."""


def random_map(seed: int, shape: tuple[int, int]) -> Map:
    """(rows, columns) float32 Gaussian noise smoothed to spots; the same for the same seed and shape."""
    noise = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
    return smoothed(noise, GRAIN)
