"""The smoothed map of the last cut, so that a moving threshold does not smooth it again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    values: Map
    sign: str
    smooth: float
    evidence: Map


class LastEvidence:
    """One map's evidence. Threads may share it: at worst it is made twice."""

    def __init__(self) -> None:
        self._made: _Made | None = None

    def of(self, values: Map, sign: str, smooth: float) -> Map:
        """Evidence of a map that nobody changes, made at the first call of several in a row."""
        made = self._made
        if made is None or made.values is not values or (made.sign, made.smooth) != (sign, smooth):
            from cxr_desktop.localization.smoothing import evidence

            made = self._made = _Made(values, sign, smooth, evidence(values, sign, smooth))
        return made.evidence
