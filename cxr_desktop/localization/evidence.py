"""What one map says for its target, asked for many times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.localization import Threshold
from cxr_desktop.localization.map_boxes import boxes_at_cuts, smoothing_for
from cxr_desktop.localization.smoothing import Map, evidence
from cxr_desktop.localization.thresholding import cut_values


@dataclass(frozen=True, slots=True)
class Cut:
    """value: the relevance at which the smoothed map was cut. boxes: round its pieces, the highest score first."""

    value: float
    boxes: tuple[Box, ...]


class Evidence:
    """Each smoothing of a map is made once, and so is each cut.

    values: (rows, columns), not changed as long as this is used.
    """

    def __init__(self, values: NDArray[np.floating]) -> None:
        self.values = values
        self._smoothed: dict[float, Map] = {}
        self._cuts: dict[Threshold, Cut] = {}

    def smoothed_by(self, smooth: float) -> Map:
        """`evidence` of the positive sign. Raises ValueError for values that are not finite."""
        if smooth not in self._smoothed:
            self._smoothed[smooth] = evidence(self.values, smooth=smooth)
        return self._smoothed[smooth]

    def at(self, threshold: Threshold) -> Cut:
        """As `cut_into_boxes` cuts. Raises ValueError for values that are not finite."""
        return self.at_each((threshold,))[0]

    def at_each(self, thresholds: Sequence[Threshold]) -> list[Cut]:
        """`at` for each; many at a time take little longer than one."""
        missing: dict[float, list[Threshold]] = {}
        for threshold in thresholds:
            if threshold not in self._cuts:
                missing.setdefault(smoothing_for(threshold), []).append(threshold)
        for smooth, wanted in missing.items():
            found = self.smoothed_by(smooth)
            values = cut_values(found, wanted)
            boxes = boxes_at_cuts(found, values)
            self._cuts.update(zip(wanted, map(Cut, values, boxes), strict=True))
        return [self._cuts[threshold] for threshold in thresholds]
