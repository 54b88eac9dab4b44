"""Lung fields of a frontal radiograph: the usual outline laid on the image, then drawn to what is dark there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cxr_desktop.localization.thorax.grid import Mask, Plane, blurred, grown, without_holes
from cxr_desktop.localization.thorax.lung_shape import LEFT, RIGHT, LungFit, filled, fit_lungs

_NEIGHBOURHOOD = 0.16
_LEAST_CONTRAST = 0.72
_LEAST_DARKER = 0.65
_BAND = 0.16
_PRIOR, _EVIDENCE = 3.0, 3.0
_ROUNDS = 2
_REACH, _LEAST_REACH, _APEX = 0.10, 0.3, 0.35
_STRIDE = 2
_PASSES = 2
_TAIL = 0.02
_ABOVE = 0.04
_OWN = 0.3
_LEAST_AREA, _MOST_AREA = 0.025, 0.34
_LEAST_SHARED = 0.45


@dataclass(frozen=True, slots=True)
class LungFields:
    """Masks of the patient's right lung (the image's left), left lung, and what lies between them.

    reason: why no lungs were found, empty where they were; the masks are empty then.
    """

    right: Mask
    left: Mask
    between: Mask
    reason: str = ""


def find_lungs(plane: Plane, outside: Mask) -> LungFields:
    """plane: 0..1, air dark. outside: cells beside the body, which say nothing of lungs."""
    contrast = _contrast(plane, outside)
    coarse = contrast[::_STRIDE, ::_STRIDE]
    fit = fit_lungs(coarse).enlarged(_STRIDE)
    if fit.contrast < _LEAST_CONTRAST:
        return _nothing(plane, f"no two dark fields side by side (contrast {fit.contrast:.2f})")
    if fit_lungs(coarse[::-1]).contrast >= fit.contrast:
        return _nothing(plane, "the lungs would stand on their heads")
    for _ in range(_PASSES):
        right, left = (_placed(contrast, fit, corners, outside) for corners in (RIGHT, LEFT))
        right, left = right & ~left, left & ~right
        earlier, fit = fit, _lengthened(right | left, fit)
        if fit == earlier:
            break
    problem = _doubt(contrast, fit, right, left, outside)
    if problem:
        return _nothing(plane, problem)
    between = _between(right, left)
    return LungFields(right, left, between)


def _contrast(plane: Plane, outside: Mask) -> Plane:
    """Gray against the body's gray in the neighbourhood, in deviations; 0 beside the body."""
    weight = (~outside).astype(np.float32)
    sigma = _NEIGHBOURHOOD * max(plane.shape)
    near = np.maximum(blurred(weight, sigma), 1e-3)
    mean = blurred(plane * weight, sigma) / near
    difference = (plane - mean) * weight
    variance = blurred(difference**2, sigma) / near
    return np.asarray(np.clip(difference / np.sqrt(variance + 1e-4), -2.5, 2.5) * weight, np.float32)


def _placed(contrast: Plane, fit: LungFit, corners: tuple[tuple[float, float], ...], outside: Mask) -> Mask:
    """One lung on the whole grid, drawn on the part of it that the outline can reach."""
    reach = 2 * _BAND * fit.height
    low = np.maximum(fit.outline(corners).min(axis=0) - reach, 0).astype(int)
    high = np.ceil(fit.outline(corners).max(axis=0) + reach).astype(int)
    part = (slice(low[1], high[1]), slice(low[0], high[0]))
    moved = replace(fit, left=fit.left - low[0], top=fit.top - low[1])
    found = np.zeros(contrast.shape, dtype=bool)
    found[part] = _drawn(contrast[part], moved, corners, outside[part])
    return found


def _drawn(contrast: Plane, fit: LungFit, corners: tuple[tuple[float, float], ...], outside: Mask) -> Mask:
    """One lung: near the outline, the side of it is decided by how dark the cells are."""
    shape = filled(fit.outline(corners), contrast.shape)
    mask, smooth = shape, ndimage.gaussian_filter(contrast, 1.0)
    band, own = _BAND * fit.height, _depth(shape)
    never = outside | (own < -_reach(fit, contrast.shape[0])[:, None])
    never[: max(0, round(fit.top - _ABOVE * fit.height))] = True
    for turn in range(_ROUNDS):
        depth = (1 - _OWN) * own + _OWN * _depth(mask) if turn else own
        inside, around = depth > 0.15 * band, (depth < -0.15 * band) & (depth > -band) & ~outside
        if inside.sum() < 20 or around.sum() < 20:
            return np.zeros_like(shape)
        darker = _likelier(smooth, smooth[inside], smooth[around])
        belief = _PRIOR * np.clip(2 * depth / band, -2, 1.2) + _EVIDENCE * np.clip(darker, -1, 1)
        belief[never] = -_PRIOR
        mask = _largest(ndimage.gaussian_filter(belief, 1.2) > 0)
    return mask


def _reach(fit: LungFit, rows: int) -> Plane:
    """How far outside the outline a lung can go, row by row: little at the apex, beside which the neck is dark too."""
    down = (np.arange(rows) + 0.5 - fit.top) / (_APEX * fit.height)
    return (_REACH * fit.height * np.clip(down, _LEAST_REACH, 1)).astype(np.float32)


def _lengthened(lungs: Mask, fit: LungFit) -> LungFit:
    """The outline down to the lower of the two bases: one that an opacity hides reaches about as low."""
    rows = np.flatnonzero(lungs.sum(axis=1) >= _TAIL * lungs.shape[1])
    if rows.size == 0:
        return fit
    return replace(fit, height=max(fit.height, float(rows[-1] + 1 - fit.top)))


def _likelier(values: Plane, inside: Plane, around: Plane) -> Plane:
    """Log odds of two normal distributions with a common deviation, scaled to +-1 at the two means."""
    low, high = float(np.median(inside)), float(np.median(around))
    return ((low + high) / 2 - values) / max((high - low) / 2, 0.15)


def _doubt(contrast: Plane, fit: LungFit, right: Mask, left: Mask, outside: Mask) -> str:
    """Why what was found is not believed; empty where it is."""
    for name, mask, corners in (("right", right, RIGHT), ("left", left, LEFT)):
        area = mask.mean()
        if not _LEAST_AREA <= area <= _MOST_AREA:
            return f"the {name} lung would fill {area:.0%} of the image"
        shape = filled(fit.outline(corners), mask.shape)
        shared = (mask & shape).sum() / max((mask | shape).sum(), 1)
        if shared < _LEAST_SHARED:
            return f"the {name} lung would have no shape of a lung"
        ring = grown(mask, max(3, round(0.06 * fit.height))) & ~mask & ~outside
        darker = contrast[ring].mean() - contrast[mask].mean() if ring.any() else 0.0
        if darker < _LEAST_DARKER:
            return f"the {name} lung would hardly be darker than what is round it"
    return ""


def _between(right: Mask, left: Mask) -> Mask:
    """Heart and mediastinum: row by row what lies between the lungs, down to where the domes end at them."""
    rows = np.flatnonzero(right.any(axis=1) & left.any(axis=1))
    found = np.zeros_like(right)
    if rows.size == 0:
        return found
    columns = np.arange(right.shape[1])
    begin = _smooth(columns.size - np.argmax(right[rows, ::-1], axis=1))
    end = _smooth(np.argmax(left[rows], axis=1))
    between = (columns >= np.floor(begin)[:, None]) & (columns < np.ceil(end)[:, None])
    found[rows] = between & (rows <= max(_foot(right), _foot(left)))[:, None]
    return found & ~right & ~left


def _foot(lung: Mask) -> int:
    """The lowest row of the half of a lung that lies next to the heart, the lower tail left out."""
    widths = lung.sum(axis=1)
    return int(np.flatnonzero(widths >= 0.55 * widths.max())[-1])


def _smooth(edge: NDArray[np.intp]) -> Plane:
    return ndimage.median_filter(edge.astype(np.float32), size=7, mode="nearest")


def _depth(mask: Mask) -> Plane:
    """Distance to the edge, positive inside."""
    return ndimage.distance_transform_edt(mask) - ndimage.distance_transform_edt(~mask)


def _largest(mask: Mask) -> Mask:
    parts, count = ndimage.label(ndimage.binary_opening(mask))
    if count == 0:
        return mask & False
    sizes = np.bincount(parts.ravel())[1:]
    return without_holes(parts == int(np.argmax(sizes)) + 1)


def _nothing(plane: Plane, reason: str) -> LungFields:
    empty = np.zeros(plane.shape, dtype=bool)
    return LungFields(empty, empty, empty, reason)
