"""Connected pieces of masks, found on their runs: a smooth map has a few thousand of them and a million pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from cxr_desktop.localization.overlap import Mask
from cxr_desktop.localization.smoothing import Map

Counts = NDArray[np.intp]
Levels = NDArray[np.uint8]

_Number = TypeVar("_Number", np.uint8, np.float32)

MOST_LEVELS = 255
_BAND = 64


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Pixels of one level that touch at a side or a corner, by level and in the order of their first pixels.

    level: (pieces,) which of nested masks a piece belongs to, from 1. top, left, bottom, right: (pieces,) their
    frames, half-open. areas: pixels. sums: of the weights in them.
    """

    level: Counts
    top: Counts
    left: Counts
    bottom: Counts
    right: Counts
    areas: Counts
    sums: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """(runs,) level, row, first column and the column behind the last, sum of the weights.

    Level by level, row by row.
    """

    level: Counts
    row: Counts
    start: Counts
    stop: Counts
    sums: NDArray[np.float64]


def levels_of(values: Map, cuts: Sequence[float]) -> Levels:
    """(rows, columns) how many of the cuts each pixel reaches. cuts: at most `MOST_LEVELS`."""
    levels = np.zeros(values.shape, np.uint8)
    # In bands that stay in the processor's cache while every cut is held against them.
    for first in range(0, len(values), _BAND):
        band, counted = values[first : first + _BAND], levels[first : first + _BAND]
        for cut in cuts:
            counted += (band >= cut).view(np.uint8)
    return levels


def pieces_of(mask: Mask, weights: Map) -> Pieces:
    """mask, weights: (rows, columns)."""
    return nested_pieces(mask.view(np.uint8), 1, weights)


def nested_pieces(levels: Levels, count: int, weights: Map) -> Pieces:
    """The pieces of `count` masks, the first of the pixels whose level is at least 1, the next of those at 2, ...

    levels: (rows, columns), at most `count`. weights: (rows, columns). All masks at once take little longer than
    one.
    """
    runs = _runs(levels, count, weights)
    number, piece = _joined(runs, *levels.shape)
    level, top, left = (np.full(number, np.iinfo(np.intp).max) for _ in range(3))
    bottom, right = (np.zeros(number, np.intp) for _ in range(2))
    for find, edge, values in (
        (np.minimum, level, runs.level),
        (np.minimum, top, runs.row),
        (np.minimum, left, runs.start),
        (np.maximum, bottom, runs.row + 1),
        (np.maximum, right, runs.stop),
    ):
        find.at(edge, piece, values)
    areas = np.bincount(piece, runs.stop - runs.start, number).astype(np.intp)
    sums = np.bincount(piece, runs.sums, number).astype(np.float64, copy=False)
    return Pieces(level, top, left, bottom, right, areas, sums)


def _runs(levels: Levels, count: int, weights: Map) -> _Runs:
    width = levels.shape[1] + 1  # a column of zeros ends the runs of each row
    flat = _guarded(levels)
    before = np.concatenate((np.zeros(1, np.uint8), flat[:-1]))
    changes = np.flatnonzero(flat != before)
    before, after = before[changes], flat[changes]
    each = range(1, count + 1)
    starts = [np.flatnonzero((before < level) & (after >= level)) for level in each]
    stops = np.concatenate([np.flatnonzero((before >= level) & (after < level)) for level in each])
    level = np.repeat(np.arange(1, count + 1), [found.size for found in starts])
    begun = np.concatenate(starts)
    row, start = np.divmod(changes[begun], width)
    sums = _before(weights, changes)
    return _Runs(level, row, start, changes[stops] - row * width, sums[stops] - sums[begun])


def _before(weights: Map, changes: Counts) -> NDArray[np.float64]:
    """What lies between the first change and each, the end included: a run's sum is a difference of two."""
    stretches = np.add.reduceat(_guarded(weights), changes, dtype=np.float64) if changes.size else ()
    return np.concatenate(([0.0], np.cumsum(stretches)))


def _guarded(plane: NDArray[_Number]) -> NDArray[_Number]:
    """(rows * (columns + 1),) with a column of zeros behind the last."""
    guarded = np.zeros((plane.shape[0], plane.shape[1] + 1), plane.dtype)
    guarded[:, :-1] = plane
    return guarded.ravel()


def _joined(runs: _Runs, rows: int, columns: int) -> tuple[int, Counts]:
    """How many pieces there are, and each run's."""
    # Places in one row never reach the next, nor the last row of one level the first of another.
    line = (runs.level * (rows + 1) + runs.row) * (columns + 2)
    begin, end = line + runs.start, line + runs.stop
    first = np.searchsorted(end, begin + (columns + 2), "left")
    behind = np.searchsorted(begin, end + (columns + 2), "right")
    touched = np.maximum(behind - first, 0)
    begins = np.concatenate(([0], np.cumsum(touched)))
    lower = np.arange(begins[-1]) + np.repeat(first - begins[:-1], touched)
    links = csr_array((np.ones(lower.size, bool), lower, begins), shape=(begin.size, begin.size))
    count, piece = connected_components(links, directed=False)
    return int(count), piece
