"""Measured values with 95 % intervals: whole images are resampled, as boxes of one image are no separate evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 20170
LIMITS = (2.5, 97.5)

Values = NDArray[np.float64]
Statistic = Callable[[Values], Values]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its 95 % percentile bootstrap interval; NaN where the data do not define one."""

    value: float
    low: float = nan
    high: float = nan

    @property
    def defined(self) -> bool:
        return not isnan(self.value)


def draws(images: int, resamples: int = RESAMPLES, seed: int = SEED) -> Values:
    """(resamples, images) how often each image is drawn; the same for the same arguments."""
    drawn = np.random.default_rng(seed).multinomial(images, np.full(images, 1 / images), resamples)
    return drawn.astype(np.float64)


def from_sums(
    per_image: Values, statistic: Statistic, resamples: int = RESAMPLES, seed: int = SEED
) -> Estimate:
    """A statistic of sums over images, with the percentile bootstrap over images (Efron 1979).

    per_image: (images, k). statistic: (..., k) sums -> (...) values, NaN where undefined. One
    image gives a value without an interval. Resamples on which it is undefined do not count.
    """
    if len(per_image) == 0:
        return Estimate(nan)
    value = float(statistic(per_image.sum(axis=0)))
    if len(per_image) < 2 or isnan(value):
        return Estimate(value)
    return interval(value, statistic(draws(len(per_image), resamples, seed) @ per_image))


def interval(value: float, resampled: Values) -> Estimate:
    """The value with the limits of what resampling gave."""
    known = resampled[~np.isnan(resampled)]
    if known.size == 0:
        return Estimate(value)
    low, high = np.percentile(known, LIMITS)
    return Estimate(value, float(low), float(high))


def ratio(part: Values, whole: Values) -> Values:
    """part / whole, NaN where the whole is 0."""
    part, whole = np.broadcast_arrays(np.asarray(part, np.float64), np.asarray(whole, np.float64))
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)
