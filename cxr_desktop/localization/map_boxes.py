"""From a map to boxes: smooth, cut, find the connected pieces, frame them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.localization import Threshold, ThresholdKind
from cxr_desktop.localization.overlap import Mask
from cxr_desktop.localization.pieces import (
    MOST_LEVELS,
    Pieces,
    levels_of,
    nested_pieces,
    pieces_of,
)
from cxr_desktop.localization.smoothing import DEFAULT_SMOOTH, Map, Sign, evidence
from cxr_desktop.localization.thresholding import as_threshold, cut_value, mask_at

DEFAULT_MIN_AREA = 0.0005
"""Smallest piece that becomes a box, as a share of the image: 23 x 23 pixels of 1024 x 1024."""

DEFAULT_MAX_BOXES = 8

_LEAST = float(np.finfo(np.float32).smallest_subnormal)


def boxes_from_map(
    values: NDArray[np.floating],
    threshold: Threshold | float | str | None = None,
    *,
    min_area: float = DEFAULT_MIN_AREA,
    max_boxes: int = DEFAULT_MAX_BOXES,
    sign: Sign | str = Sign.POSITIVE,
    smooth: float | None = None,
) -> tuple[Box, ...]:
    """Boxes round the connected pieces of a (rows, columns) map that reach the threshold.

    threshold: a number is a relevance, a text one of 'percentile:95', 'relative:0.5',
    'absolute:0.01', 'otsu'; None for percentile 95. min_area: pieces with fewer pixels, as a
    share of the image, are grain. smooth: see `smoothing_for`. Each box's score is its piece's
    share of the relevance in all pieces; the highest comes first. A map that is empty, the
    same everywhere, or nowhere of that sign gives no box.
    Raises ValueError for values that are not finite or a threshold that cannot be read.
    """
    return cut_into_boxes(
        values, threshold, min_area=min_area, max_boxes=max_boxes, sign=sign, smooth=smooth
    )[1]


def cut_into_boxes(
    values: NDArray[np.floating],
    threshold: Threshold | float | str | None = None,
    *,
    min_area: float = DEFAULT_MIN_AREA,
    max_boxes: int = DEFAULT_MAX_BOXES,
    sign: Sign | str = Sign.POSITIVE,
    smooth: float | None = None,
) -> tuple[float, tuple[Box, ...]]:
    """The relevance at which the smoothed map was cut, and `boxes_from_map` of it."""
    chosen = Threshold() if threshold is None else as_threshold(threshold)
    found = evidence(values, sign, smoothing_for(chosen) if smooth is None else smooth)
    cut = cut_value(found, chosen)
    return cut, boxes_from_mask(mask_at(found, cut), found, min_area=min_area, max_boxes=max_boxes)


def smoothing_for(threshold: Threshold) -> float:
    """How much a map is smoothed before such a cut, as a share of the longer side.

    The default Gaussian, as maps that reach down to the pixels are grainy; none before an
    absolute cut, which speaks of the pixels' own relevance.
    """
    return 0.0 if threshold.kind is ThresholdKind.ABSOLUTE else DEFAULT_SMOOTH


def boxes_from_mask(
    mask: Mask,
    weights: Map,
    *,
    min_area: float = DEFAULT_MIN_AREA,
    max_boxes: int = DEFAULT_MAX_BOXES,
) -> tuple[Box, ...]:
    """Boxes round the pieces of a mask, pixels that touch at a corner included.

    weights: (rows, columns), not negative; a box's score is its piece's share of their sum over the mask.
    """
    found = pieces_of(mask, weights)
    return _boxes(found, slice(None), min_area * mask.size, max_boxes)


def boxes_at_cuts(
    values: Map,
    cuts: Sequence[float],
    *,
    min_area: float = DEFAULT_MIN_AREA,
    max_boxes: int = DEFAULT_MAX_BOXES,
) -> list[tuple[Box, ...]]:
    """`boxes_from_mask` of the map's mask at each cut; many at a time take little longer than one.

    values: (rows, columns), not negative.
    """
    if values.size == 0 or values.min() == values.max():
        return [()] * len(cuts)
    # A cut at zero leaves what is above it.
    levels = sorted({max(cut, _LEAST) for cut in cuts})
    boxes: dict[float, tuple[Box, ...]] = {}
    for first in range(0, len(levels), MOST_LEVELS):
        some = levels[first : first + MOST_LEVELS]
        found = nested_pieces(levels_of(values, some), len(some), values)
        ends = np.searchsorted(found.level, np.arange(len(some) + 1), "right").tolist()
        for cut, begin, end in zip(some, ends[:-1], ends[1:], strict=True):
            boxes[cut] = _boxes(found, slice(begin, end), min_area * values.size, max_boxes)
    return [boxes[max(cut, _LEAST)] for cut in cuts]


def _boxes(found: Pieces, chosen: slice, least: float, most: int) -> tuple[Box, ...]:
    """least: pixels. most: boxes."""
    sums = found.sums[chosen]
    total = float(sums.sum())
    large = np.flatnonzero(found.areas[chosen] >= least)
    left, top, right, bottom = (
        edge[chosen][large] for edge in (found.left, found.top, found.right, found.bottom)
    )
    order = np.lexsort((left, top, -sums[large]))[:most]
    return tuple(
        Box(
            x=int(left[piece]),
            y=int(top[piece]),
            width=int(right[piece] - left[piece]),
            height=int(bottom[piece] - top[piece]),
            score=float(sums[large[piece]]) / total if total > 0 else 0.0,
        )
        for piece in order
    )
