import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxr_desktop.localization import (
    Box,
    best_of,
    dice,
    iobb,
    iou,
    iou_matrix,
    mask_box_iou,
    mask_iou,
    match_boxes,
)

SIZE = 40
whole_boxes = st.builds(
    Box,
    x=st.integers(0, 25),
    y=st.integers(0, 25),
    width=st.integers(0, 15),
    height=st.integers(0, 15),
)


def painted(box: Box) -> np.ndarray:
    mask = np.zeros((SIZE, SIZE), dtype=bool)
    mask[int(box.y) : int(box.bottom), int(box.x) : int(box.right)] = True
    return mask


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


@given(whole_boxes, whole_boxes)
def test_box_measures_count_pixels(a: Box, b: Box) -> None:
    first, second = painted(a), painted(b)
    common, union = int((first & second).sum()), int((first | second).sum())
    assert iou(a, b) == pytest.approx(ratio(common, union))
    assert iobb(a, b) == pytest.approx(ratio(common, first.sum()))
    assert dice(a, b) == pytest.approx(ratio(2 * common, first.sum() + second.sum()))
    assert mask_iou(first, second) == pytest.approx(ratio(common, union))
    assert mask_box_iou(first, b) == pytest.approx(ratio(common, union))


@given(st.lists(whole_boxes, max_size=6), st.lists(whole_boxes, max_size=6))
def test_matrix_holds_every_pair(a: list[Box], b: list[Box]) -> None:
    matrix = iou_matrix(a, b)
    assert matrix.shape == (len(a), len(b))
    for i, first in enumerate(a):
        for j, second in enumerate(b):
            assert matrix[i, j] == pytest.approx(iou(first, second))


@given(whole_boxes, whole_boxes)
def test_iou_is_symmetric_and_bounded(a: Box, b: Box) -> None:
    assert iou(a, b) == iou(b, a)
    assert 0 <= iou(a, b) <= 1


def test_fractional_edges() -> None:
    mask = np.ones((2, 2), dtype=bool)
    assert mask_box_iou(mask, Box(0.5, 0.0, 1.0, 2.0)) == pytest.approx(0.5)
    assert mask_box_iou(mask, Box(-1.0, 0.0, 2.0, 2.0)) == pytest.approx(2 / 6)


def test_empty_regions_overlap_nothing() -> None:
    empty = Box(3, 3, 0, 0)
    assert iou(empty, empty) == iobb(empty, empty) == dice(empty, empty) == 0.0
    assert mask_iou(np.zeros((4, 4), bool), np.zeros((4, 4), bool)) == 0.0


def test_masks_of_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        mask_iou(np.zeros((2, 2), bool), np.zeros((2, 3), bool))


@given(st.lists(whole_boxes, max_size=4), st.lists(whole_boxes, max_size=4))
def test_matching_is_the_best_of_all_assignments(a: list[Box], b: list[Box]) -> None:
    from itertools import permutations

    short, long = sorted((a, b), key=len)
    best = max(
        sum(iou(x, y) for x, y in zip(short, order, strict=True)) for order in permutations(long, len(short))
    )
    pairs = match_boxes(a, b)
    assert sum(pair.iou for pair in pairs) == pytest.approx(best)
    assert len({pair.b for pair in pairs}) == len(pairs) == len({pair.a for pair in pairs})
    assert all(pair.iou == pytest.approx(iou(a[pair.a], b[pair.b])) for pair in pairs)


def test_matching_leaves_out_what_overlaps_too_little() -> None:
    a, b = [Box(0, 0, 10, 10)], [Box(9, 0, 10, 10)]
    assert len(match_boxes(a, b)) == 1
    assert match_boxes(a, b, minimum=0.1) == ()


def test_best_of_prefers_overlap_over_order() -> None:
    near, far = Box(0, 0, 10, 10), Box(50, 50, 5, 5)
    assert best_of([far, near], Box(1, 0, 10, 10))[0] is near
    assert best_of([], near) == (None, 0.0)
