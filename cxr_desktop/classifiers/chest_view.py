"""Does this image show a frontal chest, upright, with bright bone? A linear discriminant, no network.

Features after Dalal & Triggs, 'Histograms of oriented gradients', CVPR 2005, with signed
directions (so that polarity counts) on a 64 x 64 rank image (so that the window does not), and
the rank image itself at 16 x 16. Weights: `packaging/input_check/make.py`; what was measured of
them: `resources/input_check/README.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from cxr_desktop.domain.errors import CxrError
from cxr_desktop.domain.grayscale import Gray
from cxr_desktop.resources import resource

SIDE = 64
CELLS = 8
DIRECTIONS = 8
COARSE = 16
FEATURES = COARSE * COARSE + CELLS * CELLS * DIRECTIONS

Plane = NDArray[np.float64]


class View(StrEnum):
    """What an image shows, in the order of the discriminant's outputs; turns are counter-clockwise."""

    FRONTAL = "frontal"
    QUARTER_TURN = "quarter turn"
    UPSIDE_DOWN = "upside down"
    THREE_QUARTER_TURN = "three-quarter turn"
    INVERTED = "inverted"
    OTHER = "other"


@dataclass(frozen=True, slots=True, eq=False)
class ViewDiscriminant:
    """weights: (FEATURES + 1, views), the last row the bias."""

    weights: Plane

    def probabilities(self, gray: Gray) -> dict[View, float]:
        """How likely each view is; sums to 1. gray: (rows, columns) as a monitor shows it."""
        scores = np.append(features(gray), 1.0) @ self.weights
        shares = np.exp(scores - scores.max())
        return dict(zip(View, (shares / shares.sum()).tolist(), strict=True))


@cache
def view_discriminant() -> ViewDiscriminant:
    """The bundled discriminant. Raises CxrError where the installation lacks it."""
    weights = np.load(resource("input_check", "frontal_chest.npy"), allow_pickle=False)
    if weights.shape != (FEATURES + 1, len(View)):
        raise CxrError(f"input_check/frontal_chest.npy has the shape {weights.shape}; reinstall CXR Desktop")
    return ViewDiscriminant(weights.astype(np.float64))


def features(gray: Gray) -> Plane:
    """(FEATURES,) of an image; independent of its size, aspect and any rising gray curve."""
    image = Image.fromarray(np.ascontiguousarray(gray)).resize((SIDE, SIDE), Image.Resampling.BOX)
    ranks = _ranks(np.asarray(image, dtype=np.float64))
    block = SIDE // COARSE
    coarse = ranks.reshape(COARSE, block, COARSE, block).mean(axis=(1, 3))
    return np.concatenate([1.5 * coarse.ravel(), _oriented_gradients(ranks).ravel()])


def _ranks(plane: Plane) -> Plane:
    """The share of pixels below each, ties halved, centred on 0."""
    values = np.sort(plane, axis=None)
    below = np.searchsorted(values, plane, side="left")
    up_to = np.searchsorted(values, plane, side="right")
    return (below + up_to) / (2 * plane.size) - 0.5


def _oriented_gradients(plane: Plane) -> Plane:
    """(CELLS, CELLS, DIRECTIONS): root of gradient magnitude by direction, cells near unit length."""
    gy, gx = np.gradient(gaussian_filter(plane, 0.7, mode="nearest"))
    magnitude = np.hypot(gx, gy)
    direction = (np.arctan2(gy, gx) / (2 * np.pi) * DIRECTIONS) % DIRECTIONS
    lower = np.floor(direction).astype(np.intp) % DIRECTIONS
    share = direction - np.floor(direction)
    cell = np.arange(SIDE) // (SIDE // CELLS)
    index = (cell[:, None] * CELLS + cell) * DIRECTIONS
    length = CELLS * CELLS * DIRECTIONS
    histogram = np.bincount((index + lower).ravel(), (magnitude * (1 - share)).ravel(), length)
    histogram += np.bincount((index + (lower + 1) % DIRECTIONS).ravel(), (magnitude * share).ravel(), length)
    root = np.sqrt(histogram).reshape(CELLS, CELLS, DIRECTIONS)
    norms = np.sqrt((root**2).sum(axis=-1, keepdims=True))
    return root / (norms + 0.5 * norms.mean() + 1e-6)
