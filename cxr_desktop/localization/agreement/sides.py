"""Two sets of findings on one image side by side: which belong together, which only one of them has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.finding import region_of
from cxr_desktop.domain.region_overlap import overlap
from cxr_desktop.localization.matching import Match, match_overlaps
from cxr_desktop.localization.overlap import iou_matrix


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """overlaps: (first, second) IoU of every pair. matches: one-to-one, the highest sum of IoU (Hungarian method)."""

    first: tuple[Box, ...]
    second: tuple[Box, ...]
    overlaps: NDArray[np.float64]
    matches: tuple[Match, ...]

    @property
    def extras(self) -> tuple[int, ...]:
        """Places of boxes that the first alone has."""
        matched = {match.a for match in self.matches}
        return tuple(place for place in range(len(self.first)) if place not in matched)

    @property
    def misses(self) -> tuple[int, ...]:
        """Places of boxes that the second alone has."""
        matched = {match.b for match in self.matches}
        return tuple(place for place in range(len(self.second)) if place not in matched)

    @property
    def mean_iou(self) -> float:
        """Of the matched pairs; NaN without any."""
        return sum(m.iou for m in self.matches) / len(self.matches) if self.matches else float("nan")


def side_by_side(first: Sequence[Box], second: Sequence[Box], minimum: float = 0.0) -> Sides:
    """minimum: IoU below which two regions are no pair; those that share nothing never are."""
    overlaps = region_iou(first, second)
    return Sides(tuple(first), tuple(second), overlaps, match_overlaps(overlaps, minimum))


def region_iou(first: Sequence[Box], second: Sequence[Box]) -> NDArray[np.float64]:
    """(first, second) IoU of what boxes and findings of any shape mark."""
    overlaps = iou_matrix(first, second)
    for row, a in enumerate(first):
        for column, b in enumerate(second):
            if overlaps[row, column] > 0 and not (_rectangle(a) and _rectangle(b)):
                overlaps[row, column] = overlap(a, b).iou
    return overlaps


def _rectangle(box: Box) -> bool:
    return isinstance(region_of(box), Box)
