"""A few numbers that stand for a map where the map itself is not kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELLS = 16
_DIGITS = 9


def sketch(values: NDArray[np.floating]) -> dict[str, object]:
    """The map's L2 norm and the means of a grid of at most 16 x 16 cells.

    values: (rows, columns), not empty. Returns `norm` and `means`, rows of cells from the top, in nine digits.
    """
    plane = np.nan_to_num(np.asarray(values, dtype=np.float64), posinf=0.0, neginf=0.0)
    down, across = (_starts(length) for length in plane.shape)
    sums = np.add.reduceat(np.add.reduceat(plane, down, axis=0), across, axis=1)
    areas = np.outer(np.diff([*down, plane.shape[0]]), np.diff([*across, plane.shape[1]]))
    means = [[_rounded(value) for value in row] for row in (sums / areas).tolist()]
    return {"norm": _rounded(float(np.linalg.norm(plane))), "means": means}


def _starts(length: int) -> list[int]:
    """Where each cell begins: as many cells as fit, at most CELLS, of nearly equal width."""
    cells = min(CELLS, length)
    return [place * length // cells for place in range(cells)]


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
