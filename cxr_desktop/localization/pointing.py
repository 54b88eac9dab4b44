"""Where a map points, and how much of it lies where it should."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box
from cxr_desktop.localization.overlap import area_inside


def peak(values: NDArray[np.floating]) -> tuple[float, float] | None:
    """Centre (x, y) of the first pixel with the highest value; None for a map without a maximum.

    A map without pixels, or the same everywhere, has none.
    """
    if values.size == 0 or values.max() == values.min():
        return None
    row, column = divmod(int(values.argmax()), values.shape[1])
    return column + 0.5, row + 0.5


def pointing_hit(values: NDArray[np.floating], boxes: Iterable[Box]) -> bool:
    """Whether the map's maximum lies in one of the boxes.

    The pointing game of Zhang et al., 'Top-down neural attention by excitation backprop',
    ECCV 2016, without their tolerance round the box.
    """
    point = peak(values)
    return point is not None and any(box.contains(*point) for box in boxes)


def energy_inside(values: NDArray[np.floating], boxes: Iterable[Box]) -> float:
    """Share of the positive relevance that lies in the union of the boxes, 0..1; 0 where there is none.

    The energy-based pointing game of Wang et al., 'Score-CAM', CVPR-W 2020. Pixels count by
    their share in a box; where boxes overlap, the largest share counts.
    """
    positive = np.maximum(values, 0)
    total = float(positive.sum(dtype=np.float64))
    chosen = list(boxes)
    if total <= 0 or not chosen:
        return 0.0
    if len(chosen) == 1:
        return min(area_inside(positive, chosen[0]) / total, 1.0)
    top, left = (max(0, int(min(edge))) for edge in ([b.y for b in chosen], [b.x for b in chosen]))
    near = positive[
        top : max(0, ceil(max(b.bottom for b in chosen))), left : max(0, ceil(max(b.right for b in chosen)))
    ]
    covered = np.zeros(near.shape)
    for box in chosen:
        moved = Box(box.x - left, box.y - top, box.width, box.height)
        np.maximum(covered, coverage(moved, (near.shape[0], near.shape[1])), out=covered)
    return min(float((covered * near).sum()) / total, 1.0)


def coverage(box: Box, shape: tuple[int, int]) -> NDArray[np.float64]:
    """(rows, columns) share of each pixel that lies in the box."""
    down = line_coverage(box.y, box.bottom, shape[0])
    across = line_coverage(box.x, box.right, shape[1])
    return down[:, None] * across[None, :]


def line_coverage(low: float, high: float, size: int) -> NDArray[np.float64]:
    """(size,) share of each unit step that lies in [low, high)."""
    starts = np.arange(size, dtype=np.float64)
    return np.clip(np.minimum(starts + 1, high) - np.maximum(starts, low), 0.0, 1.0)
