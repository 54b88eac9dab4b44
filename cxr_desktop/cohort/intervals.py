"""Measured values with 95 % intervals by resampling whole images, as boxes of one image are no separate evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from cxr_desktop.cohort.plan import Interval

RESAMPLES = 2000
_SEED = 20170
_LIMITS = (2.5, 97.5)
_MOST_KEPT = 2**22
"""Numbers of draws held at once: 32 MiB."""

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
    """`auc` with the percentile bootstrap over images, positives and negatives drawn apart."""
    value = auc(scores, positive)
    if np.isnan(value):
        return Interval(value, value, value)
    high, low = scores[positive], scores[~positive]
    ordered = (high[:, None] > low[None, :]) + 0.5 * (high[:, None] == low[None, :])
    random = np.random.default_rng(_SEED)
    draws_high = random.multinomial(high.size, np.full(high.size, 1 / high.size), RESAMPLES)
    draws_low = random.multinomial(low.size, np.full(low.size, 1 / low.size), RESAMPLES)
    resampled = ((draws_high @ ordered) * draws_low).sum(axis=1) / (high.size * low.size)
    bounds = np.percentile(resampled, _LIMITS)
    return Interval(value, float(bounds[0]), float(bounds[1]))


def _draws(count: int) -> Iterable[Values]:
    """RESAMPLES rows of how often each image is drawn, in blocks; the same for the same count."""
    return _kept_draws(count) if count * RESAMPLES <= _MOST_KEPT else _blocks(count)


@lru_cache(maxsize=8)
def _kept_draws(count: int) -> tuple[Values, ...]:
    """A study has as many intervals of the same images as it has methods, pairs of them and measures."""
    return tuple(_blocks(count))


def _blocks(count: int) -> Iterator[Values]:
    """As many rows at a time as keep memory bounded; blocks follow one another as one draw of all would."""
    random, shares = np.random.default_rng(_SEED), np.full(count, 1 / count)
    rows = max(1, min(RESAMPLES, _MOST_KEPT // count))
    for begun in range(0, RESAMPLES, rows):
        yield random.multinomial(count, shares, min(rows, RESAMPLES - begun)).astype(np.float64)
