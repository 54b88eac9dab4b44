"""Krippendorff's alpha: agreement of any number of readers, with readings missing."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from cxr_desktop.localization.agreement.estimate import Estimate, Values, from_sums, ratio


class Metric(StrEnum):
    """When two values differ, and how much."""

    NOMINAL = "nominal"
    INTERVAL = "interval"


def krippendorff_alpha(values: ArrayLike, metric: Metric = Metric.NOMINAL) -> Estimate:
    """1 - observed over expected disagreement (Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011).

    values: (readers, images), NaN where a reader did not read an image. An image with fewer
    than two readings pairs with nothing. NaN where all readings are alike or none can be paired.
    """
    table = np.asarray(values, dtype=np.float64)
    levels = np.unique(table[~np.isnan(table)])
    counts = (table[:, :, None] == levels).sum(axis=0).astype(np.float64)
    counts = counts[counts.sum(axis=1) >= 2]
    if counts.size == 0:
        return Estimate(float("nan"))
    difference = _difference(levels, metric)
    return from_sums(_coincidences(counts), lambda sums: _alpha(sums, difference))


def _coincidences(counts: Values) -> Values:
    """(images, levels²) each image's share of the coincidence matrix; counts: (images, levels)."""
    pairs = counts[:, :, None] * counts[:, None, :]
    diagonal = np.arange(counts.shape[1])
    pairs[:, diagonal, diagonal] -= counts
    pairs /= (counts.sum(axis=1) - 1)[:, None, None]
    return pairs.reshape(len(counts), -1)


def _difference(levels: Values, metric: Metric) -> Values:
    if metric is Metric.NOMINAL:
        return 1.0 - np.eye(levels.size)
    return (levels[:, None] - levels[None, :]) ** 2


def _alpha(sums: Values, difference: Values) -> Values:
    size = len(difference)
    coincidence = sums.reshape(*sums.shape[:-1], size, size)
    margins = coincidence.sum(axis=-1)
    total = margins.sum(axis=-1)
    observed = (coincidence * difference).sum(axis=(-2, -1))
    expected = ratio((margins @ difference * margins).sum(axis=-1), total - 1)
    return 1 - ratio(observed, np.where(expected > 1e-12, expected, 0.0))
