"""Weighted box fusion against what the authors' own code gives, and majorities."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxr_desktop.domain import Box
from cxr_desktop.localization.agreement import majority, weighted_box_fusion


def corner_box(x0, y0, x1, y1, score, label):
    return Box.from_corners(x0, y0, x1, y1, score=score, label=label)


# The example in the README of ensemble-boxes 1.0.9, weights (2, 1), IoU 0.5.
FIRST = [
    corner_box(0.00, 0.51, 0.81, 0.91, 0.9, "0"),
    corner_box(0.10, 0.31, 0.71, 0.61, 0.8, "1"),
    corner_box(0.01, 0.32, 0.83, 0.93, 0.2, "0"),
    corner_box(0.02, 0.53, 0.11, 0.94, 0.4, "1"),
    corner_box(0.03, 0.24, 0.12, 0.35, 0.7, "1"),
]
SECOND = [
    corner_box(0.04, 0.56, 0.84, 0.92, 0.5, "1"),
    corner_box(0.12, 0.33, 0.72, 0.64, 0.8, "1"),
    corner_box(0.38, 0.66, 0.79, 0.95, 0.7, "1"),
    corner_box(0.08, 0.49, 0.21, 0.89, 0.3, "0"),
]
PUBLISHED = [
    ((0.106667, 0.316667, 0.713333, 0.62), 0.8, "1"),
    ((0.001818, 0.475455, 0.813636, 0.913636), 0.733333, "0"),
    ((0.03, 0.24, 0.12, 0.35), 0.466667, "1"),
    ((0.02, 0.53, 0.11, 0.94), 0.266667, "1"),
    ((0.38, 0.66, 0.79, 0.95), 0.233333, "1"),
    ((0.04, 0.56, 0.84, 0.92), 0.166667, "1"),
    ((0.08, 0.49, 0.21, 0.89), 0.1, "0"),
]


def test_fusion_gives_what_its_authors_code_gives():
    fused = weighted_box_fusion([FIRST, SECOND], 0.5, (2, 1))
    assert [
        (*(pytest.approx(v, abs=1e-6) for v in (f.box.x, f.box.y, f.box.right, f.box.bottom)), f.box.label)
        for f in fused
    ] == [(*edges, label) for edges, _, label in PUBLISHED]
    assert [f.box.score for f in fused] == pytest.approx([score for _, score, _ in PUBLISHED], abs=1e-6)


def test_equal_boxes_fuse_into_themselves_with_full_score():
    box = Box(10, 20, 30, 40, "Mass")
    (fused,) = weighted_box_fusion([[box], [box], [box]])
    assert (fused.box.x, fused.box.y, fused.box.width, fused.box.height) == pytest.approx((10, 20, 30, 40))
    assert fused.box.score == pytest.approx(1)
    assert fused.readers == {0, 1, 2}


def test_labels_are_not_mixed():
    assert len(weighted_box_fusion([[Box(0, 0, 9, 9, "Mass")], [Box(0, 0, 9, 9, "Nodule")]])) == 2


def test_a_majority_is_more_than_half():
    box, other = Box(0, 0, 10, 10, "Mass"), Box(80, 80, 10, 10, "Mass")
    fused = weighted_box_fusion([[box, other], [box], []])
    assert [one.box.x for one in majority(fused, 3)] == [0]
    assert len(majority(weighted_box_fusion([[box], []]), 2)) == 0


@pytest.mark.parametrize("weights", [(1,), (1, 0)])
def test_weights_that_do_not_fit_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        weighted_box_fusion([[], []], weights=weights)


drawn = st.builds(
    Box, st.integers(0, 40), st.integers(0, 40), st.integers(1, 30), st.integers(1, 30), st.sampled_from("ab")
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(drawn, max_size=4), min_size=1, max_size=4))
def test_every_box_goes_into_one_cluster_and_fused_edges_lie_between_its_members(sets):
    fused = weighted_box_fusion(sets)
    members = [box for one in fused for box in one.members]
    assert sorted(map(repr, members)) == sorted(repr(box) for boxes in sets for box in boxes)
    for one in fused:
        for edge in ("x", "y", "right", "bottom"):
            values = [getattr(box, edge) for box in one.members]
            assert min(values) - 1e-9 <= getattr(one.box, edge) <= max(values) + 1e-9
        assert 0 < (one.box.score or 0) <= 1
