"""Closed outlines out of the segments of a contour. No Qt; stored pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain import Box, Finding, Polygon
from cxr_desktop.domain.region_overlap import overlap

TOLERANCE = 1.0
"""How far a simplified outline may lie from the contour, in widths of the map's cells."""


def outline_under(segments: NDArray[np.float32], box: Box, step: float = 1.0) -> Polygon | None:
    """The outline that shares most with a box or finding; None where none does.

    segments: as `contour_segments` makes them. step: stored pixels per cell of the map.
    """
    best, most = None, 0.0
    for loop in loops(segments):
        (left, top), (right, bottom) = loop.min(axis=0), loop.max(axis=0)
        if left >= box.right or right <= box.x or top >= box.bottom or bottom <= box.y:
            continue
        kept = simplified(loop, TOLERANCE * step)
        if len(kept) < 3:
            continue
        outline = Polygon(tuple((float(x), float(y)) for x, y in kept))
        shared = overlap(box, Finding.around(outline)).iou
        if shared > most:
            best, most = outline, shared
    return best


def loops(segments: NDArray[np.float32]) -> list[NDArray[np.float64]]:
    """(n, 2) each: segments x0, y0, x1, y1 chained end to start until they close."""
    following = {(x0, y0): (x1, y1) for x0, y0, x1, y1 in segments.tolist() if (x0, y0) != (x1, y1)}
    found = []
    while following:
        start, place = following.popitem()
        path = [start]
        while place != start and place in following:
            path.append(place)
            place = following.pop(place)
        if place == start and len(path) >= 3:
            found.append(np.array(path, np.float64))
    return found


def simplified(loop: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """A closed line with fewer vertices, none of those left out farther away than `tolerance`.

    Source: Douglas and Peucker, Cartographica 1973, from two vertices far apart.
    """
    far = int(np.linalg.norm(loop - loop[0], axis=1).argmax())
    closed = np.vstack([loop, loop[:1]])
    kept = np.zeros(len(closed), bool)
    kept[[0, far, len(loop)]] = True
    waiting = [(0, far), (far, len(loop))]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        away = _distances(closed[first + 1 : last], closed[first], closed[last])
        worst = int(away.argmax())
        if away[worst] > tolerance:
            middle = first + 1 + worst
            kept[middle] = True
            waiting += [(first, middle), (middle, last)]
    return closed[:-1][kept[:-1]]


def _distances(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of points from the line between two others."""
    along = end - start
    length = float(np.hypot(*along))
    offset = points - start
    if length == 0:
        return np.asarray(np.hypot(offset[:, 0], offset[:, 1]))
    return np.asarray(np.abs(along[0] * offset[:, 1] - along[1] * offset[:, 0]) / length)
