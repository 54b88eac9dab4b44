"""What of an image is not the person: the frame of the film and the air beside the body."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from cxr_desktop.localization.thorax.grid import Mask, Plane, grown

FRAME = 0.025
"""Depth of the frame along every edge, as a share of the longer side: where paddings and film edges act."""

_AIR, _GRAY_AIR = 0.12, 0.20
_FLAT, _FLATTEST = 0.03, 0.012
_NEAR_FRAME = 0.025
_MOST_CENTRAL = 0.25


def frame(plane: Plane, *, depth: float = FRAME) -> Mask:
    """The outermost cells, and strips at the edges without any structure: collimation, padding, shutters."""
    cells = max(1, round(depth * max(plane.shape)))
    found = np.ones(plane.shape, dtype=bool)
    found[cells:-cells, cells:-cells] = False
    flat_rows, flat_columns = (np.ptp(plane, axis=axis) < _FLAT for axis in (1, 0))
    for lines, strip in ((flat_rows, found), (flat_columns, found.T)):
        begin, end = _leading(lines), _leading(lines[::-1])
        if begin + end < lines.size:
            strip[:begin] = True
            strip[lines.size - end :] = True
    return found


def air(plane: Plane, film: Mask) -> Mask:
    """Dark, structureless parts that reach the edge of the image: beams that met no body. Less dark, less structure.

    plane: 0..1, the lung darker than bone. film: the frame, to which they reach. Empty where the film shows none.
    """
    smooth = ndimage.gaussian_filter(plane, 1.0)
    steep = ndimage.gaussian_gradient_magnitude(plane, 1.0)
    dark = ((smooth < _AIR) & (steep < _FLAT)) | ((smooth < _GRAY_AIR) & (steep < _FLATTEST))
    parts, count = ndimage.label(ndimage.binary_opening(dark, iterations=1))
    edge = grown(film, max(1, round(_NEAR_FRAME * max(plane.shape))))
    found = np.zeros(plane.shape, dtype=bool)
    for number in range(1, count + 1):
        part = parts == number
        if (part & edge).any() and _central(part) < _MOST_CENTRAL:
            found |= part
    wider = grown(found, 2) & (smooth < 2 * _AIR)
    return _without_holes(found | wider)


def _leading(lines: Mask) -> int:
    """How many True come first."""
    return int(lines.size if lines.all() else np.argmin(lines))


def _central(part: Mask) -> float:
    """Share of a part that lies in the middle of the image, where lungs are."""
    rows, columns = part.shape
    middle = part[rows // 4 : rows - rows // 4, columns // 4 : columns - columns // 4]
    return float(middle.sum() / max(part.sum(), 1))


def _without_holes(mask: Mask) -> Mask:
    """Small holes, such as letters in the air, belong to what is round them."""
    parts, count = ndimage.label(~mask)
    if count < 2:
        return mask
    sizes = ndimage.sum_labels(~mask, parts, np.arange(1, count + 1))
    small = np.flatnonzero(sizes < 0.01 * mask.size) + 1
    return mask | np.isin(parts, small)
