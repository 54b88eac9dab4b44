"""Agreement of categories against scikit-learn and the examples of those who published the measures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from cxr_desktop.localization.agreement import Metric, cohen_kappa, fleiss_kappa, krippendorff_alpha

# Fleiss 1971, as reproduced in the article 'Fleiss' kappa': 14 raters, 10 subjects, 5 categories.
FLEISS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip

_ = float("nan")
# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): section C, and binary data of section A.
FOUR_OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]
BINARY = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]

ratings = st.integers(2, 40).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 3), min_size=n, max_size=n)] * 2)
)


@settings(max_examples=60, deadline=None)
@given(ratings)
def test_cohen_is_that_of_scikit_learn(pair):
    first, second = pair
    found = cohen_kappa(first, second)
    if len({*first, *second}) == 1:
        assert not found.defined
    else:
        assert found.value == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)


def test_cohens_interval_is_seeded_and_holds_the_value():
    first = [True, False] * 20
    second = [True, True, False, False] * 5 + [True, False] * 10
    found = cohen_kappa(first, second)
    assert found == cohen_kappa(first, second)
    assert found.low < found.value < found.high
    assert found.high - found.low > 0.2


def test_cohen_refuses_ratings_that_do_not_pair():
    with pytest.raises(ValueError, match="2 and 1 ratings"):
        cohen_kappa([1, 2], [1])


def test_fleiss_published_example():
    assert fleiss_kappa(FLEISS).value == pytest.approx(0.20993, abs=5e-6)


def test_fleiss_of_two_raters_who_always_agree_is_one():
    assert fleiss_kappa([[2, 0], [0, 2], [2, 0]]).value == pytest.approx(1)


def test_fleiss_wants_the_same_number_of_raters():
    with pytest.raises(ValueError, match="same two or more raters"):
        fleiss_kappa([[2, 0], [1, 0]])


@pytest.mark.parametrize(("metric", "published"), [(Metric.NOMINAL, 0.743), (Metric.INTERVAL, 0.849)])
def test_alpha_of_krippendorffs_four_observers(metric, published):
    assert krippendorff_alpha(FOUR_OBSERVERS, metric).value == pytest.approx(published, abs=5e-4)


def test_alpha_of_krippendorffs_binary_data():
    assert krippendorff_alpha(BINARY).value == pytest.approx(0.095, abs=5e-4)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.0, _]), min_size=3, max_size=3), min_size=2, max_size=12),
    st.sampled_from(list(Metric)),
)
def test_alpha_is_that_of_its_definition_over_pairs(units, metric):
    """Observed: mean difference of pairs within a unit; expected: of all pairs of pairable values."""
    kept = [[value for value in unit if value == value] for unit in units]
    kept = [unit for unit in kept if len(unit) >= 2]
    values = [value for unit in kept for value in unit]

    def delta(a, b):
        return float(a != b) if metric is Metric.NOMINAL else (a - b) ** 2

    found = krippendorff_alpha(np.array(units).T, metric)
    if len(set(values)) < 2:
        assert not found.defined
        return
    observed = sum(
        delta(a, b) / (len(unit) - 1)
        for unit in kept
        for i, a in enumerate(unit)
        for j, b in enumerate(unit)
        if i != j
    ) / len(values)
    expected = sum(delta(a, b) for i, a in enumerate(values) for j, b in enumerate(values) if i != j) / (
        len(values) * (len(values) - 1)
    )
    assert found.value == pytest.approx(1 - observed / expected, abs=1e-9)
