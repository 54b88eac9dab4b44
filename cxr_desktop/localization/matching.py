"""Which box of one set belongs to which of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from cxr_desktop.domain.box import Box
from cxr_desktop.localization.overlap import iou_matrix


@dataclass(frozen=True, slots=True)
class Match:
    """Places of two boxes in their sets, and their intersection over union."""

    a: int
    b: int
    iou: float


def match_boxes(a: Sequence[Box], b: Sequence[Box], minimum: float = 0.0) -> tuple[Match, ...]:
    """One-to-one pairs with the highest sum of IoU (Hungarian method), in order of `a`.

    Pairs that share nothing, or less than `minimum`, are no pairs, and take no partner from others.
    """
    return match_overlaps(iou_matrix(a, b), minimum)


def match_overlaps(overlaps: NDArray[np.float64], minimum: float = 0.0) -> tuple[Match, ...]:
    """`match_boxes` of regions whose IoU is known already. overlaps: (a, b)."""
    kept = np.where(overlaps < minimum, 0.0, overlaps)
    rows, columns = linear_sum_assignment(kept, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return tuple(Match(i, j, float(kept[i, j])) for i, j in pairs if kept[i, j] > 0)


def best_of(candidates: Sequence[Box], reference: Box) -> tuple[Box | None, float]:
    """The candidate with the highest IoU with the reference, and that IoU; (None, 0) without candidates.

    Where none overlaps, the first, which `boxes_from_map` scored highest.
    """
    if not candidates:
        return None, 0.0
    overlaps = iou_matrix(candidates, [reference])[:, 0]
    best = int(overlaps.argmax())
    return candidates[best], float(overlaps[best])
