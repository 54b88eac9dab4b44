"""The arithmetic of measurements, which knows no Qt, against closed forms and numpy."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.draw import ellipse as drawn_ellipse

from cxr_desktop.domain import InstanceHeader, PixelSpacing, Radiograph
from cxr_desktop.ui.viewer.calibration import UNCALIBRATED, Calibration, cardiothoracic
from cxr_desktop.ui.viewer.measurement import (
    Measurement,
    MeasurementKind,
    handles,
    measurement_at,
    moved,
)
from cxr_desktop.ui.viewer.measurement_words import area, view_warning
from cxr_desktop.ui.viewer.region_statistics import region_statistics

coordinates = st.floats(0, 400)
points = st.tuples(coordinates, coordinates)


def radiograph(pixels, **fields):
    return Radiograph(pixels, InstanceHeader(Path("image.dcm")), **fields)


def test_a_length_counts_rows_and_columns_by_their_own_spacing():
    assert Calibration(0.3, 0.4, "mm", "").length((0, 0), (10, 10)) == pytest.approx(5.0)


@given(st.floats(1, 179), st.floats(0, 360), st.floats(0.2, 5))
def test_an_angle_is_that_of_the_patient_not_of_the_pixels(angle, turn, aspect):
    first, second = math.radians(turn), math.radians(turn + angle)
    arms = [(100 + 50 * math.cos(a), 100 + 50 * math.sin(a) / aspect) for a in (first, second)]
    found = Calibration(aspect, 1.0, "mm", "").angle(arms[0], (100, 100), arms[1])
    assert found == pytest.approx(angle, abs=1e-6)


def test_areas_of_ellipse_and_rectangle():
    calibration = Calibration(0.2, 0.1, "mm", "")
    corners = ((10.0, 10.0), (110.0, 60.0))
    assert calibration.area(Measurement(MeasurementKind.RECTANGLE, corners)) == pytest.approx(100)
    assert calibration.area(Measurement(MeasurementKind.ELLIPSE, corners)) == pytest.approx(25 * math.pi)
    assert area(100, "mm") == "1.00 cm²"
    assert area(500, "px") == "500 px²"


@given(st.floats(-60, 60), st.floats(0.05, 0.45), st.floats(0.55, 0.95), st.floats(-40, 40))
def test_the_ratio_is_the_hearts_share_along_the_thorax_whatever_the_tilt(tilt, left, right, rise):
    along = np.array([math.cos(math.radians(tilt)), math.sin(math.radians(tilt))])
    across = np.array([-along[1], along[0]])
    start = np.array([300.0, 300.0])
    places = (start, start + 200 * along, start + 200 * left * along - rise * across,
              start + 200 * right * along - 70 * across)  # fmt: skip
    item = Measurement(MeasurementKind.CARDIOTHORACIC, tuple((float(x), float(y)) for x, y in places))
    found = cardiothoracic(item, Calibration(1.0, 1.0, "mm", ""))
    assert found.ratio == pytest.approx(right - left)
    assert found.thorax == pytest.approx(200)


def test_no_ratio_before_the_heart_is_placed_or_over_a_thorax_without_width():
    ends = ((10.0, 10.0), (10.0, 10.0))
    assert cardiothoracic(Measurement(MeasurementKind.CARDIOTHORACIC, ends), Calibration()) is None
    assert cardiothoracic(Measurement(MeasurementKind.CARDIOTHORACIC, ends * 2), Calibration()) is None


@given(points, points)
def test_statistics_of_a_rectangle_are_numpys(corner, opposite):
    pixels = np.random.default_rng(3).integers(0, 65536, (400, 400)).astype(np.uint16)
    found = region_statistics(Measurement(MeasurementKind.RECTANGLE, (corner, opposite)), radiograph(pixels))
    left, right = sorted((corner[0], opposite[0]))
    top, bottom = sorted((corner[1], opposite[1]))
    centres = np.arange(400) + 0.5
    inside = pixels[(centres >= top) & (centres < bottom)][:, (centres >= left) & (centres < right)]
    if inside.size == 0:
        assert found is None
    else:
        assert (found.count, found.smallest, found.largest) == (inside.size, inside.min(), inside.max())
        assert found.mean == pytest.approx(inside.mean())
        assert found.deviation == pytest.approx(inside.std(), abs=1e-6)


def test_statistics_of_an_ellipse_leave_padding_out():
    pixels = np.random.default_rng(4).normal(-500, 300, (300, 260)).astype(np.float32)
    valid = np.ones(pixels.shape, bool)
    valid[:, 100:140] = False
    item = Measurement(MeasurementKind.ELLIPSE, ((20.0, 30.0), (200.0, 250.0)))
    rows, columns = drawn_ellipse(139.5, 109.5, 110, 90)
    mask = np.zeros(pixels.shape, bool)
    mask[rows, columns] = True
    inside = pixels[mask & valid]
    found = region_statistics(item, radiograph(pixels, valid=valid))
    assert found.count == pytest.approx(inside.size, abs=4)
    assert found.mean == pytest.approx(inside.mean(dtype=float), rel=1e-3)


def test_statistics_keep_their_digits_on_a_large_offset():
    pixels = (np.random.default_rng(5).random((500, 500)) + 1e6).astype(np.float64)
    found = region_statistics(
        Measurement(MeasurementKind.RECTANGLE, ((0.0, 0.0), (500.0, 500.0))), radiograph(pixels)
    )
    assert found.deviation == pytest.approx(pixels.std(), rel=1e-9)


@pytest.mark.parametrize("kind", [MeasurementKind.RECTANGLE, MeasurementKind.ELLIPSE, MeasurementKind.LENGTH])
def test_every_handle_is_found_where_it_lies_and_leaves_the_opposite_one(kind):
    item = Measurement(kind, ((50.0, 60.0), (150.0, 200.0)))
    for number, (x, y) in enumerate(handles(item)):
        hold = measurement_at((item,), None, x + 2, y - 2, 5, 5)
        assert hold.handle == number
        after = moved(item, number, 7, 9, 400, 400)
        assert (x + 7, y + 9) in handles(after)
        opposite = handles(item)[(number + len(handles(item)) // 2) % len(handles(item))]
        assert opposite in handles(after)


@given(points, points, st.floats(-900, 900), st.floats(-900, 900))
def test_a_moved_measurement_stays_on_the_image_and_keeps_its_shape(start, end, dx, dy):
    item = Measurement(MeasurementKind.LENGTH, (start, end))
    after = moved(item, None, dx, dy, 400, 400)
    left, top, right, bottom = after.bounds
    assert -1e-6 <= left <= right <= 400 + 1e-6
    assert -1e-6 <= top <= bottom <= 400 + 1e-6
    assert np.allclose(np.subtract(*after.points), np.subtract(start, end), atol=1e-6)


def test_calibration_is_the_files_or_none():
    pixels = np.zeros((4, 4), np.uint16)
    calibration = Calibration.of(radiograph(pixels, spacing=PixelSpacing(0.2, 0.1, "said so")))
    assert (calibration.row, calibration.column, calibration.unit, calibration.origin) == (
        0.2, 0.1, "mm", "said so",
    )  # fmt: skip
    bare = Calibration.of(radiograph(pixels, pixel_aspect=2.0))
    assert (bare.row, bare.column, bare.unit, bare.origin) == (2.0, 1.0, "px", UNCALIBRATED)


@pytest.mark.parametrize(
    ("view", "warned"), [("PA", False), ("pa ", False), ("AP", True), ("LL", True), ("", True)]
)
def test_the_ratio_is_warned_of_on_all_but_pa_views(view, warned):
    assert bool(view_warning(view)) is warned
