"""Measured values with 95 % intervals by resampling whole images, as boxes of one image are no separate evidence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from cxr_desktop.cohort.plan import Interval

RESAMPLES = 2000
_SEED = 20170
_LIMITS = (2.5, 97.5)
_NORMAL = 1.959964
_MOST_KEPT = 2**19
"""Numbers of draws held at once as floating point: 4 MiB."""
_MOST_COUNTS = 2**25
"""Draws kept for the next interval of as many images, a byte each: 32 MiB."""
MOST_PAIRS = 2**22
"""Pairs of a positive and a negative image up to which an AUC is resampled."""

Values = NDArray[np.float64]


def mean_by_image(values: Values, images: NDArray[np.intp]) -> Interval:
    """Mean over the boxes, with the percentile bootstrap over images (Efron 1979).

    values: (boxes,). images: (boxes,) the image of each, counted from 0. NaN for no boxes.
    """
    if values.size == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    sums = np.bincount(images, weights=values)
    counts = np.bincount(images).astype(np.float64)
    drawn = np.concatenate([block @ np.stack([sums, counts], axis=1) for block in _draws(counts.size)])
    totals = drawn[:, 1]
    means = np.divide(drawn[:, 0], totals, out=np.full(len(drawn), np.nan), where=totals > 0)
    low, high = np.nanpercentile(means, _LIMITS)
    return Interval(float(values.mean()), float(low), float(high))


def auc(scores: Values, positive: NDArray[np.bool_]) -> float:
    """Share of (positive, negative) pairs in the right order, ties half (Mann-Whitney); NaN without pairs."""
    positives = int(positive.sum())
    pairs = positives * (positive.size - positives)
    if pairs == 0:
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / pairs)


def auc_interval(scores: Values, positive: NDArray[np.bool_]) -> Interval:
    """`auc` with the percentile bootstrap over images, positives and negatives drawn apart.

    Of more pairs than `MOST_PAIRS`, which no memory would hold, with the normal limit of its distribution instead.
    """
    value = auc(scores, positive)
    if np.isnan(value):
        return Interval(value, value, value)
    high, low = scores[positive], scores[~positive]
    if high.size * low.size > MOST_PAIRS:
        return _normal_limit(value, high, low)
    bounds = np.percentile(_resampled_aucs(high, low), _LIMITS)
    return Interval(value, float(bounds[0]), float(bounds[1]))


def _resampled_aucs(high: Values, low: Values) -> Values:
    """(RESAMPLES,) in blocks of draws, so that memory is bounded; of halves alone, so that each sum is exact."""
    ordered = (high[:, None] > low).astype(np.float32)
    ordered += np.float32(0.5) * (high[:, None] == low)
    random, rows = np.random.default_rng(_SEED), _rows(max(high.size, low.size))
    after = np.random.default_rng(_SEED)
    for _ in _blocks(after, high.size, rows):
        pass  # negatives are drawn after all positives
    drawn = zip(_blocks(random, high.size, rows), _blocks(after, low.size, rows), strict=True)
    sums = [((p.astype(np.float32) @ ordered) * n).sum(axis=1) for p, n in drawn]
    return np.concatenate(sums) / (high.size * low.size)


def _normal_limit(value: float, high: Values, low: Values) -> Interval:
    """From the variances of the placement values (DeLong, DeLong and Clarke-Pearson, Biometrics 1988)."""
    above, below = _placement(high, low), 1 - _placement(low, high)
    spread = float(np.sqrt(above.var() / high.size + below.var() / low.size))
    return Interval(value, max(0.0, value - _NORMAL * spread), min(1.0, value + _NORMAL * spread))


def _placement(values: Values, others: Values) -> Values:
    """For each value the share of the others that lie below it, those equal half."""
    ordered = np.sort(others)
    below, up_to = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    return (below + up_to) / (2 * ordered.size)


def _draws(count: int) -> Iterator[Values]:
    """RESAMPLES rows of how often each image is drawn, in blocks; the same for the same count."""
    if count * RESAMPLES > _MOST_COUNTS:
        return _drawn(count)
    kept, rows = _kept_draws(count), _rows(count)
    return (kept[begun : begun + rows].astype(np.float64) for begun in range(0, RESAMPLES, rows))


@lru_cache(maxsize=2)
def _kept_draws(count: int) -> NDArray[np.uint8]:
    """A study has as many intervals of the same images as it has methods, pairs of them and measures."""
    return np.concatenate([block.astype(np.uint8) for block in _drawn(count)])


def _drawn(count: int) -> Iterator[Values]:
    return _blocks(np.random.default_rng(_SEED), count, _rows(count))


def _blocks(random: np.random.Generator, count: int, rows: int) -> Iterator[Values]:
    """So many of the RESAMPLES at a time; blocks follow one another as one draw of all would."""
    shares = np.full(count, 1 / count)
    for begun in range(0, RESAMPLES, rows):
        yield random.multinomial(count, shares, min(rows, RESAMPLES - begun)).astype(np.float64)


def _rows(count: int) -> int:
    return max(1, min(RESAMPLES, _MOST_KEPT // count))
