"""Two readers on one image: pairs, what one alone has, and the questions that are left."""

from __future__ import annotations

from itertools import permutations
from math import isnan, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxr_desktop.domain import Box, Ellipse, Finding, Polygon
from cxr_desktop.localization import iou
from cxr_desktop.localization.agreement import Accord, Disagreement, accords, disagreements, side_by_side

boxes = st.lists(
    st.builds(Box, *[st.integers(0, 30)] * 2, *[st.integers(1, 20)] * 2, st.sampled_from("MN")), max_size=4
)


def same(a, b):
    return a == b


def best_sum(first, second):
    """The highest sum of IoU over all one-to-one pairings, by trying every one."""
    few, many = sorted((first, second), key=len)
    sums = (sum(iou(a, b) for a, b in zip(few, order, strict=True)) for order in permutations(many, len(few)))
    return max(sums, default=0)


@given(boxes, boxes)
def test_pairs_are_the_best_of_all_pairings_and_nothing_is_left_out(first, second):
    sides = side_by_side(first, second)
    assert sum(match.iou for match in sides.matches) == pytest.approx(best_sum(first, second))
    assert sorted([m.a for m in sides.matches] + list(sides.extras)) == list(range(len(first)))
    assert sorted([m.b for m in sides.matches] + list(sides.misses)) == list(range(len(second)))
    assert isnan(sides.mean_iou) == (not sides.matches)


@given(boxes, boxes)
def test_every_box_is_agreed_upon_or_asked_about(first, second):
    asked = disagreements(first, second, same, 0.5)
    taken = [box for one in asked for box in one.boxes]
    fused = accords(first, second, same, 0.5)
    assert len(taken) + 2 * len(fused) == len(first) + len(second)


def test_what_is_asked_and_what_both_see():
    one, near = Box(0, 0, 10, 10, "Mass"), Box(0, 0, 10, 8, "Mass", 0.3)
    apart, named = Box(50, 50, 10, 10, "Mass"), Box(20, 20, 10, 10, "Nodule")
    first, second = (one, Box(20, 20, 10, 10, "Mass"), Box(80, 0, 10, 10, "Mass")), (near, named, apart)
    assert disagreements(first, second, same) == (
        Disagreement(first[1], named, 1.0),
        Disagreement(first[2], None),
        Disagreement(None, apart),
    )
    assert accords(first, second, same) == (Accord(one, near, Box(0, 0, 10, 9, "Mass", source="consensus")),)
    assert len(disagreements(first, second, lambda a, b: True)) == 2


def test_shapes_are_compared_as_they_were_drawn():
    frame = Box(0, 0, 100, 100, "Mass")
    ellipse = Finding.around(Ellipse(0, 0, 100, 100), frame)
    corner = Finding.around(Polygon(((0, 0), (14, 0), (0, 14))), frame)
    sides = side_by_side([ellipse], [frame, corner])
    assert sides.overlaps[0].tolist() == pytest.approx([pi / 4, 0], abs=1e-3)
    assert [(match.a, match.b) for match in sides.matches] == [(0, 0)]
    (accord,) = accords([ellipse], [frame], same)
    assert accord.fused == ellipse
