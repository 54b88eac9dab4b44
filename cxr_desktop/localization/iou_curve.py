"""How the overlap with readers' boxes depends on where the map is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.localization import Threshold, ThresholdKind
from cxr_desktop.localization.evidence import Evidence
from cxr_desktop.localization.overlap import corner_iou, corners

SWEEP = tuple(
    Threshold(ThresholdKind.PERCENTILE, value)
    for value in (50, 60, 65, 70, 75, 80, 82.5, 85, 87.5, 90, 92.5, 94, 95, 96, 97, 98, 98.5, 99, 99.5)
)
"""Percentiles from half the image to a spot the size of a nodule."""


@dataclass(frozen=True, slots=True, eq=False)
class IouCurve:
    """overlaps: (thresholds, references) IoU of the best box at each threshold with each reference.

    predicted: (thresholds, references, 4) left, top, right and bottom of that box; NaN where nothing was cut.
    """

    thresholds: tuple[Threshold, ...]
    overlaps: NDArray[np.float64]
    predicted: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """(thresholds,) mean over the references."""
        return self.overlaps.mean(axis=1) if self.overlaps.size else np.zeros(len(self.thresholds))

    @property
    def best(self) -> tuple[Threshold, float]:
        """The threshold with the highest mean IoU, the first of equals, and that mean."""
        place = int(self.mean.argmax())
        return self.thresholds[place], float(self.mean[place])

    @property
    def upper_bounds(self) -> NDArray[np.float64]:
        """(references,) IoU if somebody who knows the reference chose the threshold for it alone."""
        return self.overlaps.max(axis=0)


def iou_curve(
    values: NDArray[np.floating] | Evidence,
    references: Sequence[Box],
    thresholds: Sequence[Threshold] = SWEEP,
) -> IouCurve:
    """Cut a (rows, columns) map at every threshold and compare its boxes with the references.

    values: or its evidence, where that was asked for before.
    Raises ValueError for values that are not finite or no threshold at all.
    """
    if not thresholds:
        raise ValueError("a curve needs at least one threshold")
    told = values if isinstance(values, Evidence) else Evidence(values)
    overlaps = np.zeros((len(thresholds), len(references)))
    predicted = np.full((*overlaps.shape, 4), np.nan)
    for place, cut in enumerate(told.at_each(thresholds)):
        if cut.boxes and references:
            edges = corners(cut.boxes)
            found = corner_iou(edges, corners(references))
            overlaps[place] = found.max(axis=0)
            predicted[place] = edges[found.argmax(axis=0)]
    return IouCurve(tuple(thresholds), overlaps, predicted)
