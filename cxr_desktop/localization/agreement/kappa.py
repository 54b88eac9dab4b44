"""Agreement of categories beyond chance: Cohen's and Fleiss' kappa."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.localization.agreement.estimate import Estimate, Values, from_sums, ratio

Codes = NDArray[np.intp]


def cohen_kappa(first: Sequence[object], second: Sequence[object]) -> Estimate:
    """Two raters on the same images (Cohen, Educational and Psychological Measurement 20, 1960).

    first, second: a category an image. NaN where both used one and the same category alone.
    Raises ValueError for ratings of different length.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} ratings cannot be paired")
    codes, size = _coded([first, second])
    pairs = np.zeros((len(first), size, size))
    pairs[np.arange(len(first)), codes[0], codes[1]] = 1
    return from_sums(
        pairs.reshape(len(first), -1), lambda sums: _cohen(sums.reshape(*sums.shape[:-1], size, size))
    )


def fleiss_kappa(counts: Values | Sequence[Sequence[float]]) -> Estimate:
    """Several raters (Fleiss, Psychological Bulletin 76, 1971).

    counts: (images, categories) how many raters chose each. Every image must have the same
    number of raters, two or more, else ValueError. NaN where one category alone was used.
    """
    table = np.asarray(counts, dtype=np.float64)
    raters = np.unique(table.sum(axis=1))
    if raters.size != 1 or raters[0] < 2:
        raise ValueError(
            f"Fleiss' kappa needs the same two or more raters on each image, not {raters.tolist()}"
        )
    (n,) = raters
    agreed = (table * (table - 1)).sum(axis=1) / (n * (n - 1))
    return from_sums(np.column_stack([agreed, np.ones(len(table)), table]), _fleiss)


def _cohen(confusion: Values) -> Values:
    total = confusion.sum(axis=(-2, -1))
    observed = ratio(np.trace(confusion, axis1=-2, axis2=-1), total)
    chance = ratio((confusion.sum(axis=-1) * confusion.sum(axis=-2)).sum(axis=-1), total**2)
    return _beyond_chance(observed, chance)


def _fleiss(sums: Values) -> Values:
    shares = ratio(sums[..., 2:], sums[..., 2:].sum(axis=-1, keepdims=True))
    return _beyond_chance(ratio(sums[..., 0], sums[..., 1]), (shares**2).sum(axis=-1))


def _beyond_chance(observed: Values, chance: Values) -> Values:
    room = 1 - chance
    return ratio(observed - chance, np.where(room > 1e-12, room, 0.0))


def _coded(ratings: Sequence[Sequence[object]]) -> tuple[list[Codes], int]:
    """Ratings as places in the list of categories, and how many categories there are."""
    places: dict[object, int] = {}
    coded = [
        np.array([places.setdefault(value, len(places)) for value in values], dtype=np.intp)
        for values in ratings
    ]
    return coded, max(len(places), 1)
