"""The boxes that a map gives at many thresholds, held small: a study keeps those of all its maps to the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isnan

import numpy as np
from numpy.typing import NDArray

Edges = tuple[float, float, float, float]
"""A box as x, y, width and height in pixels of the stored image."""

Thresholds = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Cuts(Mapping[str, tuple[Edges | None, ...]]):
    """By threshold, as text, the predicted box for each comparison; None where nothing was cut.

    thresholds: one tuple for all maps that were cut alike. boxes: (thresholds, comparisons, 4) edges, NaN where
    there is no box; in the smaller type where that holds them exactly, as it does whole pixels.
    """

    thresholds: Thresholds
    boxes: NDArray[np.floating]

    @classmethod
    def of(cls, thresholds: Sequence[str], boxes: NDArray[np.float64]) -> Cuts:
        small = boxes.astype(np.float32)
        exact = np.array_equal(small, boxes, equal_nan=True)
        return cls(_shared(tuple(thresholds)), small if exact else boxes)

    @classmethod
    def read(cls, document: Mapping[str, Sequence[Sequence[float] | None]]) -> Cuts:
        """From what JSON made of the mapping."""
        if not document:
            return NO_CUTS
        rows = [[_NOWHERE if box is None else box for box in predicted] for predicted in document.values()]
        return cls.of(tuple(document), np.array(rows, dtype=np.float64).reshape(len(rows), -1, 4))

    def __getitem__(self, threshold: str) -> tuple[Edges | None, ...]:
        return tuple(_told(box) for box in self.boxes[self._place(threshold)].tolist())

    def __iter__(self) -> Iterator[str]:
        return iter(self.thresholds)

    def __len__(self) -> int:
        return len(self.thresholds)

    def __hash__(self) -> int:
        return hash(self.thresholds)

    def __reduce__(self) -> tuple[Callable[..., Cuts], tuple[Thresholds, NDArray[np.floating]]]:
        """Sent from process to process, the thresholds are one tuple again."""
        return _received, (self.thresholds, self.boxes)

    def corners(self, thresholds: Sequence[str]) -> NDArray[np.float64]:
        """(thresholds, comparisons, 4) left, top, right, bottom; NaN where there is no box.

        Raises KeyError for a threshold that was not cut at.
        """
        found = self.boxes[[self._place(threshold) for threshold in thresholds]].astype(np.float64)
        found[..., 2:] += found[..., :2]
        return found

    def _place(self, threshold: str) -> int:
        try:
            return self.thresholds.index(threshold)
        except ValueError:
            raise KeyError(threshold) from None


NO_CUTS = Cuts((), np.empty((0, 0, 4)))
_NOWHERE = (np.nan,) * 4


def _received(thresholds: Thresholds, boxes: NDArray[np.floating]) -> Cuts:
    return Cuts(_shared(thresholds), boxes)


@lru_cache(maxsize=64)
def _shared(thresholds: Thresholds) -> Thresholds:
    return thresholds


def _told(box: Sequence[float]) -> Edges | None:
    x, y, width, height = box
    return None if isnan(x) else (x, y, width, height)
