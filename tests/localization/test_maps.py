import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import gaussian_filter
from skimage.filters import threshold_otsu
from skimage.measure import label, regionprops

from cxr_desktop.domain import Threshold
from cxr_desktop.localization import (
    Box,
    Sign,
    boxes_from_map,
    cut_into_boxes,
    cut_value,
    energy_inside,
    evidence,
    iou_curve,
    mask_from_map,
    otsu,
    pointing_hit,
    random_map,
    smoothed,
)
from cxr_desktop.localization.thresholding import cut_values

KINDS = ("percentile:95", "relative:0.5", "absolute:0.2", "otsu")
maps = arrays(np.float32, (24, 31), elements=st.floats(-1, 1, width=32))


def block() -> np.ndarray:
    values = np.zeros((100, 120), dtype=np.float32)
    values[20:40, 30:60] = 1.0
    return values


@pytest.mark.parametrize("seed", range(8))
def test_otsu_agrees_with_scikit_image(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = np.concatenate([random.normal(0, 1, 3000), random.normal(6, 2, 800)]).astype(np.float32)
    step = float(np.ptp(values)) / 256
    assert otsu(values.reshape(-1, 50)) == pytest.approx(threshold_otsu(values), abs=1.01 * step)


@given(maps, st.floats(0, 100))
def test_percentile_is_numpys(values: np.ndarray, share: float) -> None:
    found = cut_value(values, Threshold(value=share))
    assert found == pytest.approx(float(np.percentile(values.astype(np.float64), share)), abs=1e-6)


@pytest.mark.parametrize("share", [0.0, 3.0, 50.0, 95.0, 99.9, 100.0])
def test_percentile_of_a_large_map(share: float) -> None:
    values = np.random.default_rng(1).exponential(size=(611, 503)).astype(np.float32)
    assert cut_value(values, Threshold(value=share)) == pytest.approx(np.percentile(values, share), rel=1e-5)


@settings(max_examples=60)
@given(maps)
def test_pieces_are_scikit_images(values: np.ndarray) -> None:
    assume(values.min() < values.max())  # a map that is the same everywhere points nowhere
    found = boxes_from_map(values, 0.6, min_area=0.0, max_boxes=10_000)
    regions = regionprops(label(values >= np.float32(0.6), connectivity=2))
    expected = {(r.bbox[1], r.bbox[0], r.bbox[3], r.bbox[2]) for r in regions}
    assert {(b.x, b.y, b.right, b.bottom) for b in found} == expected
    assert len(found) == len(regions)


def test_scores_are_shares_in_falling_order() -> None:
    values = np.zeros((100, 100), dtype=np.float32)
    values[10:20, 10:20] = 1
    values[60:80, 60:80] = 1
    found = boxes_from_map(values, 0.5)
    assert [box.score for box in found] == pytest.approx([0.8, 0.2])
    assert found[0].x == 60


def test_pieces_that_touch_at_a_corner_are_one() -> None:
    values = np.zeros((40, 40), dtype=np.float32)
    values[5:10, 5:10] = values[10:15, 10:15] = 1
    assert boxes_from_map(values, 0.5) == (Box(5, 5, 10, 10, score=1.0),)


@pytest.mark.parametrize("threshold", ["relative:0.5", 0.5])
def test_a_block_is_framed(threshold: str | float) -> None:
    (box,) = boxes_from_map(block(), threshold)
    assert (box.x, box.y, box.width, box.height) == (30, 20, 30, 20)


def test_smoothed_edges_cost_a_pixel_where_the_cut_is_below_half() -> None:
    (box,) = boxes_from_map(block(), "otsu")
    assert (box.x, box.y, box.width, box.height) == pytest.approx((30, 20, 30, 20), abs=2)


@pytest.mark.parametrize("threshold", KINDS)
@pytest.mark.parametrize(
    "values",
    [np.zeros((9, 9)), np.full((9, 9), 0.7), np.full((9, 9), -1.0), np.zeros((0, 5)), np.zeros((0, 0))],
    ids=["zero", "constant", "negative", "no rows", "nothing"],
)
def test_a_map_that_points_nowhere_gives_no_box(values: np.ndarray, threshold: str) -> None:
    assert boxes_from_map(values, threshold) == ()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(bad: float) -> None:
    values = block()
    values[3, 4] = bad
    with pytest.raises(ValueError, match="1 values that are not finite"):
        boxes_from_map(values)


def test_unreadable_threshold() -> None:
    with pytest.raises(ValueError, match="percentil:95"):
        boxes_from_map(block(), "percentil:95")


def test_sign_chooses_what_counts() -> None:
    values = block()
    values[70:90, 80:110] = -2.0
    (positive,) = boxes_from_map(values, "relative:0.5")
    (negative,) = boxes_from_map(values, "relative:0.5", sign=Sign.NEGATIVE)
    assert positive.x == 30
    assert negative.x == 80
    assert len(boxes_from_map(values, "relative:0.4", sign="absolute")) == 2


def test_small_pieces_are_grain_and_the_count_is_bounded() -> None:
    values = np.zeros((100, 100), dtype=np.float32)
    for place in range(10):
        values[10 * place : 10 * place + 2, 10:30] = place + 1
    values[50, 80] = 99
    assert len(boxes_from_map(values, 0.5, max_boxes=20)) == 10
    assert len(boxes_from_map(values, 0.5, max_boxes=3)) == 3


def test_cut_and_boxes_belong_together() -> None:
    values = random_map(3, (90, 70))
    cut, boxes = cut_into_boxes(values, "percentile:90")
    assert cut == pytest.approx(cut_value(evidence(values), "percentile:90"))
    assert boxes == boxes_from_map(values, "percentile:90")
    assert mask_from_map(evidence(values), "percentile:90").mean() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("shape", [(300, 300), (640, 480), (487, 701)])
@pytest.mark.parametrize("share", [0.003, 0.015, 0.05])
def test_smoothing_is_scipys_gaussian(shape: tuple[int, int], share: float) -> None:
    values = gaussian_filter(np.random.default_rng(0).normal(size=shape), 4).astype(np.float32)
    expected = gaussian_filter(values.astype(np.float64), share * max(shape), mode="reflect")
    found = smoothed(values, share)
    assert np.abs(found - expected).max() < 0.03 * np.abs(expected).max()
    assert found.dtype == np.float32
    assert found.flags.c_contiguous


def test_smoothing_keeps_the_sum_and_the_place() -> None:
    values = np.zeros((600, 600), dtype=np.float32)
    values[200:203, 400:403] = 1
    found = smoothed(values, 0.03)
    rows, columns = np.indices(found.shape)
    assert found.sum() == pytest.approx(9, rel=1e-3)
    assert (found * rows).sum() / found.sum() == pytest.approx(201, abs=1.0)
    assert (found * columns).sum() / found.sum() == pytest.approx(401, abs=1.0)


def test_pointing_game() -> None:
    values = block()
    values[25, 50] = 3
    assert pointing_hit(values, [Box(50, 25, 1, 1)])
    assert not pointing_hit(values, [Box(51, 25, 9, 9)])
    assert not pointing_hit(np.ones((5, 5)), [Box(0, 0, 5, 5)])
    assert not pointing_hit(np.zeros((0, 5)), [Box(0, 0, 5, 5)])


@given(maps)
def test_energy_counts_positive_pixels_once(values: np.ndarray) -> None:
    boxes = [Box(2, 3, 10, 8), Box(6, 5, 12, 9)]
    inside = np.zeros(values.shape, dtype=bool)
    inside[3:11, 2:12] = inside[5:14, 6:18] = True
    positive = np.maximum(values.astype(np.float64), 0)
    expected = positive[inside].sum() / positive.sum() if positive.sum() > 0 else 0.0
    assert energy_inside(values, boxes) == pytest.approx(expected, abs=1e-9)
    assert energy_inside(values, [Box(0, 0, 31, 24)]) == pytest.approx(float(positive.sum() > 0))


def test_curve_is_the_boxes_at_every_threshold() -> None:
    values = random_map(5, (128, 96))
    references = [Box(20, 30, 25, 25), Box(50, 60, 30, 20)]
    curve = iou_curve(values, references)
    from cxr_desktop.localization import best_of

    for place, threshold in enumerate(curve.thresholds):
        boxes = boxes_from_map(values, threshold)
        assert curve.overlaps[place] == pytest.approx([best_of(boxes, r)[1] for r in references])
    assert curve.best[1] == pytest.approx(curve.mean.max())
    assert (curve.upper_bounds >= curve.overlaps).all()


def test_random_maps_repeat() -> None:
    assert np.array_equal(random_map(7, (50, 60)), random_map(7, (50, 60)))
    assert not np.array_equal(random_map(7, (50, 60)), random_map(8, (50, 60)))


def test_cuts_at_several_thresholds_are_those_of_each_alone() -> None:
    values = np.random.default_rng(3).random((90, 110), np.float32)
    thresholds = [
        Threshold.parse(text) for text in ("percentile:99.5", "otsu", "percentile:0", "relative:0.5")
    ]
    thresholds += [
        Threshold.parse("percentile:61.7"),
        Threshold.parse("absolute:0.2"),
        Threshold.parse("percentile:100"),
    ]
    assert cut_values(values, thresholds) == [cut_value(values, threshold) for threshold in thresholds]
    expected = np.percentile(values.astype(np.float64), 61.7)
    assert cut_values(values, thresholds)[4] == pytest.approx(expected, abs=1e-12)
    assert cut_values(np.zeros((0, 4), np.float32), thresholds[:2]) == [float("inf")] * 2
