"""Colour to gray, and whether there was any colour to lose."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# ITU-R BT.601, as Pillow and dcmtk weigh them.
_WEIGHTS = (0.299, 0.587, 0.114)
# A gray image saved as colour JPEG strays by a few levels; markers in colour cover little.
_CHROMA = 24 / 255
_COLOURED_SHARE = 0.002


def luminance(rgb: NDArray[np.generic]) -> NDArray[np.generic]:
    """(rows, columns) luminance of (rows, columns, 3) unsigned integers, in the same integer type."""
    precise = np.float64 if rgb.dtype.itemsize > 2 else np.float32
    red, green, blue = (np.multiply(rgb[..., k], w, dtype=precise) for k, w in enumerate(_WEIGHTS))
    red += green
    red += blue
    return np.rint(red, out=red).astype(rgb.dtype)


def has_colour(rgb: NDArray[np.generic]) -> bool:
    """Whether more than a trace of the pixels has a hue; a gray image stored as RGB has none."""
    white = float(2 ** (8 * rgb.dtype.itemsize) - 1)
    step = max(1, int(np.sqrt(rgb.shape[0] * rgb.shape[1] / 250_000)))
    sample = rgb[::step, ::step]
    chroma = sample.max(axis=-1).astype(np.float32) - sample.min(axis=-1)
    return float((chroma > _CHROMA * white).mean()) > _COLOURED_SHARE
