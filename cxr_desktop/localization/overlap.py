"""How much two regions have in common: IoU and its kin, on boxes and on masks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box

Mask = NDArray[np.bool_]


def _share(part: float, whole: float) -> float:
    return min(part / whole, 1.0) if whole > 0 else 0.0


def iou(a: Box, b: Box) -> float:
    """Intersection over union, 0..1; 0 where both boxes are empty."""
    common = a.intersection_area(b)
    return _share(common, a.area + b.area - common)


def iobb(predicted: Box, reference: Box) -> float:
    """Intersection over the predicted box's area, 0..1 (IoBB of Wang et al., CVPR 2017); 0 for an empty one."""
    return _share(predicted.intersection_area(reference), predicted.area)


def dice(a: Box, b: Box) -> float:
    """Twice the intersection over the sum of areas, 0..1; 0 where both boxes are empty."""
    return _share(2 * a.intersection_area(b), a.area + b.area)


def corners(boxes: Sequence[Box]) -> NDArray[np.float64]:
    """(boxes, 4) left, top, right, bottom."""
    return np.array([(box.x, box.y, box.right, box.bottom) for box in boxes], dtype=np.float64).reshape(-1, 4)


def iou_matrix(a: Sequence[Box], b: Sequence[Box]) -> NDArray[np.float64]:
    """(len(a), len(b)) intersection over union of every pair; 0 where both are empty."""
    return corner_iou(corners(a), corners(b))


def corner_iou(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """`iou_matrix` of boxes given as (n, 4) and (m, 4) corners."""
    return aligned_iou(a[:, None], b[None])


def aligned_iou(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """(...) intersection over union of the boxes at the same places of (..., 4) corners, as numpy broadcasts.

    0 where both are empty, and where one has no corners: NaN.
    """
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., 2:], b[..., 2:])
    common = np.clip(high - low, 0.0, None).prod(axis=-1)
    areas = (a[..., 2:] - a[..., :2]).prod(axis=-1) + (b[..., 2:] - b[..., :2]).prod(axis=-1)
    union = areas - common
    return np.clip(np.divide(common, union, out=np.zeros_like(common), where=union > 0), 0.0, 1.0)


def mask_iou(a: Mask, b: Mask) -> float:
    """Intersection over union of two masks of one shape; 0 where both are empty."""
    if a.shape != b.shape:
        raise ValueError(f"masks of shapes {a.shape} and {b.shape} cannot be compared")
    common = float(np.count_nonzero(a & b))
    return _share(common, float(np.count_nonzero(a) + np.count_nonzero(b)) - common)


def mask_box_iou(mask: Mask, box: Box) -> float:
    """Intersection over union of a mask, (rows, columns) of unit squares, and a box with edges anywhere."""
    common = area_inside(mask, box)
    return _share(common, float(np.count_nonzero(mask)) + box.area - common)


def area_inside(values: NDArray[np.generic], box: Box) -> float:
    """Sum of the (rows, columns) values inside the box; pixels that its edges cut count by their share."""
    rows, columns = values.shape
    (top, down), (left, across) = _coverage(box.y, box.bottom, rows), _coverage(box.x, box.right, columns)
    inside = values[top : top + down.size, left : left + across.size]
    return float(down @ np.asarray(inside, dtype=np.float64) @ across)


def _coverage(low: float, high: float, size: int) -> tuple[int, NDArray[np.float64]]:
    """The first pixel that [low, high) touches, and the share of each touched pixel that lies in it."""
    first = int(np.clip(np.floor(low), 0, size))
    last = int(np.clip(np.ceil(high), first, size))
    starts = np.arange(first, last, dtype=np.float64)
    return first, np.clip(np.minimum(starts + 1, high) - np.maximum(starts, low), 0.0, 1.0)
