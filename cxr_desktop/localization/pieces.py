"""Connected pieces of a mask, found on its runs: a smooth map has a few thousand of them and a million pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from cxr_desktop.localization.overlap import Mask
from cxr_desktop.localization.smoothing import Map

Counts = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Pixels that touch at a side or a corner, in the order of their first pixels.

    top, left, bottom, right: (pieces,) their frames, half-open. areas: pixels. sums: of the weights in them.
    """

    top: Counts
    left: Counts
    bottom: Counts
    right: Counts
    areas: Counts
    sums: NDArray[np.float64]


def running_sum(weights: Map) -> NDArray[np.float64]:
    """(rows * columns + 1,) sum of all weights before each pixel: the sum of a run is a difference of two."""
    sums = np.empty(weights.size + 1)
    sums[0] = 0.0
    np.cumsum(weights, dtype=np.float64, out=sums[1:])
    return sums


def pieces_of(mask: Mask, sums: NDArray[np.float64]) -> Pieces:
    """mask: (rows, columns). sums: `running_sum` of the weights, one for all masks of a map."""
    row, start, stop = _runs(mask)
    count, piece = _joined(row, start, stop, mask.shape[1])
    top, left = (np.full(count, max(mask.shape)) for _ in range(2))
    bottom, right = (np.zeros(count, np.intp) for _ in range(2))
    for find, edge, values in (
        (np.minimum, top, row),
        (np.minimum, left, start),
        (np.maximum, bottom, row + 1),
        (np.maximum, right, stop),
    ):
        find.at(edge, piece, values)
    length = stop - start
    areas = np.zeros(count, np.intp)
    np.add.at(areas, piece, length)
    first = row * mask.shape[1] + start
    by_piece = np.bincount(piece, sums[first + length] - sums[first], count)
    return Pieces(top, left, bottom, right, areas, by_piece.astype(np.float64, copy=False))


def _runs(mask: Mask) -> tuple[Counts, Counts, Counts]:
    """Row, first column and the column behind the last of every run, row by row."""
    guarded = np.zeros((mask.shape[0], mask.shape[1] + 1), dtype=bool)
    guarded[:, :-1] = mask
    flat = guarded.ravel()
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    if flat.size and flat[0]:
        edges = np.concatenate(([0], edges))
    row, start = np.divmod(edges[0::2], guarded.shape[1])
    return row, start, edges[1::2] - row * guarded.shape[1]


def _joined(row: Counts, start: Counts, stop: Counts, columns: int) -> tuple[int, Counts]:
    """How many pieces there are, and each run's."""
    width = columns + 2  # so that a place in one row never reaches the next
    first = np.searchsorted(row * width + stop, (row + 1) * width + start, "left")
    behind = np.searchsorted(row * width + start, (row + 1) * width + stop, "right")
    touched = np.maximum(behind - first, 0)
    begins = np.concatenate(([0], np.cumsum(touched)))
    lower = np.arange(begins[-1]) + np.repeat(first - begins[:-1], touched)
    links = csr_array((np.ones(lower.size, bool), lower, begins), shape=(row.size, row.size))
    count, piece = connected_components(links, directed=False)
    return int(count), piece
