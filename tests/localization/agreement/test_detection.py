"""Boxes of one reader against another's: counted by hand and by brute force."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxr_desktop.domain import Box
from cxr_desktop.localization import iou
from cxr_desktop.localization.agreement import detection, froc, from_sums, matched_iou
from cxr_desktop.localization.agreement.estimate import ratio

A = Box(0, 0, 10, 10)
HALF = Box(0, 0, 10, 5)
FAR = Box(50, 50, 10, 10)

scored = st.builds(
    lambda x, y, score: Box(x, y, 10, 10, score=score),
    st.integers(0, 12), st.integers(0, 12), st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]),
)  # fmt: skip
image_sets = st.lists(
    st.tuples(st.lists(scored, max_size=4), st.lists(scored, max_size=3)), min_size=1, max_size=5
)


def test_matched_iou_is_the_mean_over_pairs_not_over_images():
    found = matched_iou([[A, FAR], [A], []], [[HALF, FAR], [A], [A]])
    assert found.value == pytest.approx((0.5 + 1 + 1) / 3)
    assert found.low <= found.value <= found.high


def test_no_pairs_no_mean():
    assert isnan(matched_iou([[A]], [[FAR]]).value)
    assert isnan(matched_iou([], []).value)


def test_detection_counts():
    found = detection([[A, FAR], [A], []], [[HALF], [FAR], [A]], limit=0.5)
    assert (found.matched, found.extra, found.missed) == (1, 2, 2)
    assert (found.precision.value, found.recall.value, found.f1.value) == pytest.approx((1 / 3,) * 3)
    assert detection([[A]], [[HALF]], limit=0.51).f1.value == 0


@settings(max_examples=50, deadline=None)
@given(image_sets, st.sampled_from([0.3, 0.5, 0.7]))
def test_swapping_the_sets_swaps_precision_and_recall(sets, limit):
    first, second = zip(*sets, strict=True)
    one, other = detection(first, second, limit), detection(second, first, limit)
    assert one.f1.value == pytest.approx(other.f1.value, nan_ok=True)
    assert one.precision.value == pytest.approx(other.recall.value, nan_ok=True)


@pytest.mark.parametrize("limit", [0.0, 1.5])
def test_a_limit_that_is_no_iou_is_refused(limit):
    with pytest.raises(ValueError, match="IoU limit"):
        detection([[A]], [[A]], limit)


@settings(max_examples=60, deadline=None)
@given(image_sets, st.sampled_from([0.25, 0.5, 1.0, 2.0]))
def test_froc_is_the_best_threshold_that_keeps_to_the_rate(sets, rate):
    found, reference = zip(*sets, strict=True)
    answer = froc(found, reference, 0.5, (rate,)).sensitivity[0].value
    lesions = sum(len(boxes) for boxes in reference)
    if not lesions:
        assert isnan(answer)
        return
    best = 0.0
    for threshold in (0.05, 0.2, 0.4, 0.6, 0.8, 1.0):
        hits = false = 0
        for boxes, truths in sets:
            kept = [box for box in boxes if box.score >= threshold]
            hits += sum(any(iou(box, truth) >= 0.5 for box in kept) for truth in truths)
            false += sum(all(iou(box, truth) < 0.5 for truth in truths) for box in kept)
        if false / len(sets) <= rate:
            best = max(best, hits / lesions)
    assert answer == pytest.approx(best)


def test_the_bootstrap_resamples_whole_images():
    """One image with many boxes and many with one: the interval must be wide, not that of many boxes."""
    counts = np.array([[90.0, 100.0]] + [[0.0, 1.0]] * 9)
    found = from_sums(counts, lambda sums: ratio(sums[..., 0], sums[..., 1]))
    assert found.value == pytest.approx(90 / 109)
    assert found.low == 0
    assert found.high > 0.85


def test_one_image_has_a_value_and_no_interval():
    found = detection([[A]], [[A]]).f1
    assert found.value == 1
    assert isnan(found.low)
