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
_MOST_KEPT = 2**22
"""Numbers of draws held at once as floating point: 32 MiB."""
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
    ordered = (high[:, None] > low[None, :]) + 0.5 * (high[:, None] == low[None, :])
    random = np.random.default_rng(_SEED)
    draws_high = random.multinomial(high.size, np.full(high.size, 1 / high.size), RESAMPLES)
    draws_low = random.multinomial(low.size, np.full(low.size, 1 / low.size), RESAMPLES)
    resampled = ((draws_high @ ordered) * draws_low).sum(axis=1) / (high.size * low.size)
    bounds = np.percentile(resampled, _LIMITS)
    return Interval(value, float(bounds[0]), float(bounds[1]))


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
        return _blocks(count)
    kept, rows = _kept_draws(count), _rows(count)
    return (kept[begun : begun + rows].astype(np.float64) for begun in range(0, RESAMPLES, rows))


@lru_cache(maxsize=8)
def _kept_draws(count: int) -> NDArray[np.uint8]:
    """A study has as many intervals of the same images as it has methods, pairs of them and measures."""
    return np.concatenate([block.astype(np.uint8) for block in _blocks(count)])


def _blocks(count: int) -> Iterator[Values]:
    """As many rows at a time as keep memory bounded; blocks follow one another as one draw of all would."""
    random, shares, rows = np.random.default_rng(_SEED), np.full(count, 1 / count), _rows(count)
    for begun in range(0, RESAMPLES, rows):
        yield random.multinomial(count, shares, min(rows, RESAMPLES - begun)).astype(np.float64)


def _rows(count: int) -> int:
    return max(1, min(RESAMPLES, _MOST_KEPT // count))
