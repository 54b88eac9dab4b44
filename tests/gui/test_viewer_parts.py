"""The viewer's arithmetic, which knows no Qt, against independent references."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.measure import find_contours

from cxr_desktop.domain import (
    AttributionMap,
    Box,
    Grayscale,
    InstanceHeader,
    OperatingPoint,
    Radiograph,
    Threshold,
    ThresholdKind,
    VoiFunction,
    Window,
)
from cxr_desktop.domain.prediction import ModelIdentity
from cxr_desktop.ui.panels.findings_model import Confidence, confidence
from cxr_desktop.ui.panels.threshold_scale import ThresholdScale
from cxr_desktop.ui.viewer.box_geometry import HANDLES, dragged, grip_at, handle_position, hold_at
from cxr_desktop.ui.viewer.contour_lines import contour_segments
from cxr_desktop.ui.viewer.gray_pyramid import GrayPyramid, Presentation
from cxr_desktop.ui.viewer.heat_image import HeatImage, HeatLook, Sign, block_means
from cxr_desktop.ui.viewer.view_transform import ViewTransform

MODEL = ModelIdentity("m", "1", "0" * 64)


def radiograph(pixels, inverted=False, valid=None) -> Radiograph:
    header = InstanceHeader(Path("image.dcm"), rows=pixels.shape[0], columns=pixels.shape[1])
    return Radiograph(pixels, header, Grayscale(inverted=inverted), valid=valid)


windows = st.builds(
    Window,
    st.floats(-2000, 70000),
    st.floats(1, 70000),
    st.sampled_from((VoiFunction.LINEAR, VoiFunction.LINEAR_EXACT, VoiFunction.SIGMOID)),
)


@given(
    st.sampled_from((np.uint8, np.int16, np.uint16, np.int32)).flatmap(
        lambda dtype: arrays(dtype, (7, 9), elements=st.integers(0 if dtype != np.int16 else -900, 200))
    ),
    windows,
    st.booleans(),
)
def test_gray_of_whole_numbers_is_the_radiographs_own(pixels, window, inverted):
    image = radiograph(pixels, inverted)
    pyramid = GrayPyramid.build(image)
    presentation = Presentation(window)
    table = pyramid.lookup(image.grayscale, presentation)
    assert table is not None
    shown = pyramid.gray(0, (0, 0, 9, 7), table, image.grayscale, presentation)
    assert np.array_equal(shown, image.display(window))


def test_gray_of_fractions_is_the_radiographs_own():
    image = radiograph(np.linspace(-1, 1, 64, dtype=np.float32).reshape(8, 8))
    pyramid = GrayPyramid.build(image)
    presentation = Presentation(Window(0.1, 0.7, VoiFunction.LINEAR_EXACT), inverted=True)
    table = pyramid.lookup(image.grayscale, presentation)
    shown = pyramid.gray(0, (0, 0, 8, 8), table, image.grayscale, presentation)
    assert np.array_equal(shown, 255 - image.display(presentation.voi))


def test_padding_is_black_at_every_level_and_when_inverted():
    valid = np.ones((1100, 1300), bool)
    valid[:, :300] = False
    image = radiograph(np.full((1100, 1300), 900, np.uint16), valid=valid)
    pyramid = GrayPyramid.build(image)
    presentation = Presentation(Window(500, 10000), inverted=True)
    table = pyramid.lookup(image.grayscale, presentation)
    for level, values in enumerate(pyramid.levels):
        rows, columns = values.shape
        shown = pyramid.gray(level, (0, 0, columns, rows), table, image.grayscale, presentation)
        assert (shown[:, : 300 // 2**level] == 0).all()
        assert (shown[:, -(-300 // 2**level) :] > 0).all()


def test_levels_hold_means_of_blocks():
    pixels = np.random.default_rng(0).integers(0, 65536, (1024, 2048)).astype(np.uint16)
    pyramid = GrayPyramid.build(radiograph(pixels))
    assert [level.shape for level in pyramid.levels] == [(1024, 2048), (512, 1024), (256, 512)]
    means = pixels.reshape(256, 4, 512, 4).mean(axis=(1, 3))
    assert np.abs(pyramid.levels[2] - means).max() <= 1


@given(st.floats(0.05, 20), st.floats(-500, 500), st.floats(-500, 500), st.floats(0.5, 2))
def test_the_view_and_its_inverse_agree_and_zoom_keeps_its_point(scale, x, y, aspect):
    view = ViewTransform(scale, 13.0, -7.0, aspect)
    assert view.to_image(*view.to_view(x, y)) == pytest.approx((x, y), abs=1e-6)
    zoomed = view.zoomed(1.3, 200, 150)
    assert zoomed.to_image(200, 150) == pytest.approx(view.to_image(200, 150), abs=1e-6)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.floats(0.2, 0.8))
def test_contours_run_where_scikit_image_finds_them(seed, level):
    plane = np.random.default_rng(seed).random((9, 11)).astype(np.float32)
    segments = contour_segments(plane, level)
    inside = (segments[:, 0::2] >= 0.5) & (segments[:, 0::2] <= 10.5)
    inside &= (segments[:, 1::2] >= 0.5) & (segments[:, 1::2] <= 8.5)
    ours = segments[inside.all(axis=1)]
    length = np.hypot(ours[:, 2] - ours[:, 0], ours[:, 3] - ours[:, 1]).sum()
    reference = find_contours(plane.astype(float), np.float32(level).item(), fully_connected="low")
    expected = sum(np.hypot(*np.diff(line, axis=0).T).sum() for line in reference)
    assert length == pytest.approx(expected, rel=1e-3, abs=1e-3)


@given(st.integers(1, 7), st.integers(1, 40), st.integers(1, 40))
def test_block_means_weigh_every_pixel_once(step, rows, columns):
    values = np.random.default_rng(step).random((rows, columns)).astype(np.float32)
    means = block_means(values, step)
    for r, c in ((0, 0), (means.shape[0] - 1, means.shape[1] - 1)):
        block = values[r * step : (r + 1) * step, c * step : (c + 1) * step]
        assert means[r, c] == pytest.approx(block.mean(), rel=1e-5)


def test_heat_is_transparent_at_zero_and_opaque_at_the_limit_of_its_sign():
    values = np.zeros((40, 40), np.float32)
    values[:10], values[30:] = 2.0, -2.0
    heat = HeatImage.build(AttributionMap(values, "rap", "x", MODEL))
    for sign, top, bottom in ((Sign.POSITIVE, 128, 0), (Sign.NEGATIVE, 0, 128), (Sign.BOTH, 128, 128)):
        alpha = heat.colours(HeatLook(opacity=128 / 255, sign=sign)) >> 24
        assert (alpha[5, 5], alpha[20, 20], alpha[35, 35]) == (top, 0, bottom)


def test_colours_are_premultiplied():
    heat = HeatImage.build(
        AttributionMap(np.random.default_rng(0).random((50, 60), np.float32), "rap", "x", MODEL)
    )
    colours = heat.colours(HeatLook(opacity=0.4))
    alpha = colours >> 24
    for shift in (0, 8, 16):
        assert ((colours >> shift & 255) <= alpha + 1).all()


@given(
    st.sampled_from(HANDLES),
    st.floats(-300, 300),
    st.floats(-300, 300),
)
def test_a_dragged_box_stays_on_the_image_and_keeps_the_other_corner(grip, dx, dy):
    box = Box(100, 100, 80, 60, "label", source="A")
    after = dragged(box, grip, dx, dy, 400, 300)
    assert 0 <= after.x <= after.right <= 400
    assert 0 <= after.y <= after.bottom <= 300
    assert (after.label, after.source) == ("label", "A")
    if "w" not in grip.value and "e" not in grip.value:
        assert (after.x, after.width) == (box.x, box.width)


@pytest.mark.parametrize("grip", HANDLES)
def test_a_handle_is_taken_hold_of_where_it_is_drawn(grip):
    box = Box(10, 20, 200, 100)
    assert grip_at(box, *handle_position(box, grip), 5, 5) is grip


def test_the_selected_box_then_the_smaller_one_is_taken_hold_of():
    outer, inner = Box(0, 0, 200, 200), Box(50, 50, 60, 60)
    assert hold_at((outer, inner), None, 80, 80, 3, 3).index == 1
    assert hold_at((outer, inner), 0, 80, 80, 3, 3).index == 0
    assert hold_at((outer, inner), None, 300, 80, 3, 3) is None


@pytest.mark.parametrize(
    ("score", "thresholds", "expected"),
    [
        (0.2, (0.3, 0.6), Confidence.LOW), (0.3, (0.3, 0.6), Confidence.INTERMEDIATE),
        (0.6, (0.3, 0.6), Confidence.HIGH), (0.74, (0.5,), Confidence.INTERMEDIATE),
        (0.75, (0.5,), Confidence.HIGH), (0.99, (), Confidence.UNRATED),
    ],
)  # fmt: skip
def test_confidence_in_three_steps(score, thresholds, expected):
    points = tuple(OperatingPoint("x", "p", threshold) for threshold in thresholds)
    assert confidence(score, points) is expected


@pytest.mark.parametrize("kind", list(ThresholdKind))
def test_a_threshold_comes_back_from_its_place_on_the_slider(kind):
    scale = ThresholdScale(Threshold(kind, 0.0), 3.0)
    usual = scale.of_kind(kind)
    there = ThresholdScale(usual, 3.0)
    assert there.at(there.position) == usual
