import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from cxr_desktop.cohort import intervals
from cxr_desktop.cohort.intervals import auc, auc_interval, mean_by_image


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40))
def test_auc_is_scikit_learns(pairs: list[tuple[int, bool]]) -> None:
    scores = np.array([score for score, _ in pairs], dtype=np.float64)
    positive = np.array([truth for _, truth in pairs])
    if positive.all() or not positive.any():
        assert np.isnan(auc(scores, positive))
    else:
        assert auc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


def test_auc_interval_has_the_width_of_hanley_and_mcneil() -> None:
    random = np.random.default_rng(0)
    positive = np.arange(400) < 150
    scores = random.normal(size=400) + positive
    found = auc_interval(scores, positive)
    a = found.value
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    variance = (a * (1 - a) + 149 * (q1 - a * a) + 249 * (q2 - a * a)) / (150 * 250)
    assert found.high - found.low == pytest.approx(2 * 1.96 * variance**0.5, rel=0.12)
    assert found.low < a < found.high


def test_interval_of_a_mean_has_its_standard_error() -> None:
    values = np.random.default_rng(1).normal(0.4, 0.1, 300)
    found = mean_by_image(values, np.arange(300))
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 300**0.5, rel=0.1)


def test_boxes_of_one_image_are_drawn_together() -> None:
    once = np.random.default_rng(2).random(50)
    apart = mean_by_image(once, np.arange(50))
    repeated = mean_by_image(np.repeat(once, 4), np.repeat(np.arange(50), 4))
    assert (repeated.low, repeated.high) == pytest.approx((apart.low, apart.high))


def test_one_image_has_no_spread_and_none_has_no_value() -> None:
    one = mean_by_image(np.array([0.2, 0.6]), np.array([0, 0]))
    assert (one.value, one.low, one.high) == pytest.approx((0.4, 0.4, 0.4))
    assert np.isnan(mean_by_image(np.array([]), np.array([], dtype=np.intp)).value)


def test_draws_in_blocks_are_the_draws_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    values, images = np.random.default_rng(5).random(90), np.repeat(np.arange(30), 3)
    whole = mean_by_image(values, images)
    monkeypatch.setattr(intervals, "_MOST_KEPT", 30 * 7)
    parted = mean_by_image(values, images)
    assert (parted.low, parted.high) == pytest.approx((whole.low, whole.high), rel=1e-12)


def test_the_normal_limit_of_an_auc_is_what_resampling_tends_to(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(6)
    positive = np.arange(1500) < 400
    scores = np.round(random.normal(size=1500) + positive, 1)
    drawn = auc_interval(scores, positive)
    monkeypatch.setattr(intervals, "MOST_PAIRS", 0)
    limit = auc_interval(scores, positive)
    assert limit.value == drawn.value
    assert (limit.low, limit.high) == pytest.approx((drawn.low, drawn.high), abs=0.003)
    perfect = auc_interval(positive.astype(np.float64), positive)
    assert (perfect.low, perfect.high) == (1.0, 1.0)


def test_draws_kept_as_bytes_are_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    values, images = np.random.default_rng(7).random(60), np.arange(60)
    kept = mean_by_image(values, images)
    monkeypatch.setattr(intervals, "_MOST_COUNTS", 0)
    assert mean_by_image(values, images) == kept


def test_an_auc_of_many_images_takes_little_memory() -> None:
    positive = np.arange(4000) < 1000
    scores = np.random.default_rng(8).normal(size=4000) + positive
    tracemalloc.start()
    try:
        auc_interval(scores, positive)
        assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    finally:
        tracemalloc.stop()
