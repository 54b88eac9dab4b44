"""How well a map's order of pixels parts those inside the boxes from the rest, with no threshold chosen."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box

MOST_PIXELS = 2**18


def average_precision(values: NDArray[np.floating], boxes: Iterable[Box]) -> float:
    """Area under the precision-recall curve of the pixels ranked by relevance, 0..1.

    Pixels whose centre lies in a box are the ones to find. AP = sum_n (R_n - R_(n-1)) P_n over the distinct
    values, as scikit-learn has it. Of a map of more than `MOST_PIXELS` pixels a regular grid of that many
    is ranked. NaN where no ranked pixel lies in a box.
    """
    step = max(1, ceil(sqrt(values.size / MOST_PIXELS)))
    rows = np.arange(values.shape[0])[step // 2 :: step]
    columns = np.arange(values.shape[1])[step // 2 :: step]
    inside = np.zeros((rows.size, columns.size), dtype=bool)
    for box in boxes:
        down = (rows + 0.5 >= box.y) & (rows + 0.5 < box.bottom)
        across = (columns + 0.5 >= box.x) & (columns + 0.5 < box.right)
        inside |= down[:, None] & across[None, :]
    if not inside.any():
        return float("nan")
    grid = values[np.ix_(rows, columns)]
    ranked, wanted = np.sort(grid, axis=None), np.sort(grid[inside])
    # Recall rises at the values inside alone; sorting twice is much quicker than sorting with the places.
    level = np.unique(wanted)[::-1]
    found = wanted.size - np.searchsorted(wanted, level, "left")
    seen = ranked.size - np.searchsorted(ranked, level, "left")
    return float(np.sum(np.diff(found / wanted.size, prepend=0.0) * found / seen))
