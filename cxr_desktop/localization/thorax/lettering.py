"""Lettering, side markers and metal: brighter than any bone near them, with sharp edges, and small."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from cxr_desktop.localization.thorax.grid import Mask, Plane, grown, opened, spread, without_holes

_WIDEST = 0.03
_STAND_OUT = 0.25
_SHARP = 0.10
_LONGEST = 0.14
_LEAST = 4e-5
_BLUR = 0.8
_BESIDE = 4


def lettering(plane: Plane) -> Mask:
    """Cells of what was laid on the film or on the person, with a rim of a cell.

    plane: 0..1, so fine that letters keep their strokes. Faint lines, as of tubes, are not told from bone.
    """
    size = max(3, round(_WIDEST * max(plane.shape))) | 1
    relief = plane - opened(plane, size)
    strong = relief > _STAND_OUT
    joined, count = ndimage.label(grown(strong, 2))
    area = np.bincount(joined[strong], minlength=count + 1)[1:]
    found = np.zeros_like(strong)
    for part, (frame, cells) in enumerate(
        zip(ndimage.find_objects(joined), area.tolist(), strict=True), start=1
    ):
        if cells < _LEAST * plane.size or max(s.stop - s.start for s in frame) > _LONGEST * max(plane.shape):
            continue
        inside = joined[frame] == part
        if np.percentile(_steepness(plane, frame)[inside], 90) >= _SHARP:
            found[frame] |= inside & strong[frame]
    closed = ~grown(~grown(np.pad(found, 4), 2), 2)
    return without_holes(closed)[4:-4, 4:-4]


def _steepness(plane: Plane, frame: tuple[slice, slice]) -> Plane:
    """scipy's `gaussian_gradient_magnitude` of the plane, in a part of it alone."""
    begin = [max(0, s.start - _BESIDE) for s in frame]
    near = plane[tuple(slice(low, s.stop + _BESIDE) for low, s in zip(begin, frame, strict=True))]
    whole = ndimage.gaussian_gradient_magnitude(near, _BLUR)
    return whole[tuple(slice(s.start - low, s.stop - low) for low, s in zip(begin, frame, strict=True))]


def without(plane: Plane, letters: Mask) -> Plane:
    """A plane with the gray of the neighbourhood where letters are. letters: on any grid of the same image."""
    shape = (plane.shape[0], plane.shape[1])
    gone = grown(np.asarray(spread(letters, shape)), 1)
    weight = (~gone).astype(np.float32)
    near = ndimage.gaussian_filter(weight, 3.0)
    mean = ndimage.gaussian_filter(plane * weight, 3.0) / np.maximum(near, 1e-3)
    return np.where(gone & (near > 0.05), mean, plane).astype(np.float32)
