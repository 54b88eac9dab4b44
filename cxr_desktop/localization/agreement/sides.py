"""Two sets of boxes on one image side by side: which belong together, which only one of them has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box
from cxr_desktop.localization.matching import Match, match_boxes
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
    """minimum: IoU below which two boxes are no pair; those that share nothing never are."""
    return Sides(tuple(first), tuple(second), iou_matrix(first, second), match_boxes(first, second, minimum))
