"""Lines where a plane crosses a value: marching squares with linear interpolation, in numpy. No Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Corners of a cell: bit 1 top left, 2 top right, 4 bottom right, 8 bottom left. Edges: 0 top, 1 right,
# 2 bottom, 3 left. Saddles (5, 10) are split so that high corners stay apart.
_SEGMENTS: tuple[tuple[int, int, int], ...] = (
    (1, 3, 0), (2, 0, 1), (3, 3, 1), (4, 1, 2), (5, 3, 0), (5, 1, 2), (6, 0, 2), (7, 3, 2),
    (8, 2, 3), (9, 2, 0), (10, 0, 1), (10, 2, 3), (11, 2, 1), (12, 1, 3), (13, 1, 0), (14, 0, 3),
)  # fmt: skip


def contour_segments(plane: NDArray[np.float32], level: float, step: float = 1.0) -> NDArray[np.float32]:
    """(n, 4) segments x0, y0, x1, y1 of the line where `plane` reaches `level`.

    step: stored pixels per plane pixel; results are in stored pixels, a plane pixel's value lying at
    its centre. The plane is taken as below `level` outside, so that lines close at its border.
    """
    outside = np.float32(min(float(plane.min(initial=0.0)), level) - 1e-6 - abs(level))
    padded = np.pad(plane, 1, constant_values=outside)
    high = padded >= level
    cases = high[:-1, :-1] + 2 * high[:-1, 1:] + 4 * high[1:, 1:] + 8 * high[1:, :-1]
    found = []
    for case, first, second in _SEGMENTS:
        row, column = np.nonzero(cases == case)
        if row.size:
            ends = [_crossing(padded, level, row, column, edge) for edge in (first, second)]
            found.append(np.hstack(ends))
    if not found:
        return np.empty((0, 4), np.float32)
    return (np.vstack(found) * np.float32(step)).astype(np.float32)


def _crossing(
    padded: NDArray[np.float32], level: float, row: NDArray[np.intp], column: NDArray[np.intp], edge: int
) -> NDArray[np.float32]:
    """(n, 2) x, y in plane pixels where the edges of the cells cross the level."""
    r0, c0 = (row + (edge == 2), column + (edge == 1))
    down = edge in (1, 3)
    a = padded[r0, c0]
    b = padded[r0 + down, c0 + (not down)]
    share = np.clip((np.float32(level) - a) / np.where(a == b, np.float32(1), b - a), 0.0, 1.0)
    x = c0 + (0 if down else share) - 0.5
    y = r0 + (share if down else 0) - 0.5
    return np.stack((x, y), axis=1).astype(np.float32)
