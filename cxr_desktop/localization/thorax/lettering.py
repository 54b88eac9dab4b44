"""Lettering, side markers and metal: brighter than any bone near them, with sharp edges, and small."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from cxr_desktop.localization.thorax.grid import Mask, Plane, opened, spread, without_holes

_WIDEST = 0.03
_STAND_OUT = 0.25
_SHARP = 0.10
_LONGEST = 0.14
_LEAST = 4e-5


def lettering(plane: Plane) -> Mask:
    """Cells of what was laid on the film or on the person, with a rim of a cell.

    plane: 0..1, so fine that letters keep their strokes. Faint lines, as of tubes, are not told from bone.
    """
    size = max(3, round(_WIDEST * max(plane.shape))) | 1
    relief = plane - opened(plane, size)
    strong = relief > _STAND_OUT
    joined, count = ndimage.label(ndimage.binary_dilation(strong, iterations=2))
    if count == 0:
        return strong
    area = np.bincount(joined[strong], minlength=count + 1)[1:]
    reach = np.array([max(s.stop - s.start for s in found) for found in ndimage.find_objects(joined)])
    numbers = np.flatnonzero((area >= _LEAST * plane.size) & (reach <= _LONGEST * max(plane.shape))) + 1
    if numbers.size == 0:
        return np.zeros_like(strong)
    edges = ndimage.gaussian_gradient_magnitude(plane, 0.8)
    sharp = ndimage.labeled_comprehension(edges, joined, numbers, lambda v: np.percentile(v, 90), float, 0.0)
    kept = sharp >= _SHARP
    found = strong & np.isin(joined, numbers[kept])
    return without_holes(ndimage.binary_closing(np.pad(found, 4), iterations=2))[4:-4, 4:-4]


def without(plane: Plane, letters: Mask) -> Plane:
    """A plane with the gray of the neighbourhood where letters are. letters: on any grid of the same image."""
    shape = (plane.shape[0], plane.shape[1])
    gone = ndimage.binary_dilation(spread(letters, shape), iterations=1)
    weight = (~gone).astype(np.float32)
    near = ndimage.gaussian_filter(weight, 3.0)
    mean = ndimage.gaussian_filter(plane * weight, 3.0) / np.maximum(near, 1e-3)
    return np.where(gone & (near > 0.05), mean, plane).astype(np.float32)
