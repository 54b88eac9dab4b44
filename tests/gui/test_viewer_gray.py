"""Histogram, presets, curves and the window of the central part, by hand and in numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cxr_desktop.domain import Grayscale, InstanceHeader, Radiograph, VoiFunction, VoiTable, Window
from cxr_desktop.ui.local_engine import LocalEngine
from cxr_desktop.ui.viewer.figures import figure
from cxr_desktop.ui.viewer.gray_histogram import (
    CENTRAL_NAME,
    CENTRAL_PERCENTILES,
    LUNG_NAME,
    GrayHistogram,
    central_window,
    lung_window,
)
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.measurement_words import told
from cxr_desktop.ui.window_presets import presets


def radiograph(pixels, **fields):
    return Radiograph(pixels, InstanceHeader(Path("image.dcm")), **fields)


def test_the_histogram_counts_every_pixel_of_a_small_image_and_no_padding():
    pixels = np.random.default_rng(0).integers(-300, 900, (200, 300)).astype(np.int16)
    valid = np.ones(pixels.shape, bool)
    valid[:, :50] = False
    found = GrayHistogram.of(radiograph(pixels, valid=valid))
    inside = pixels[:, 50:]
    expected, edges = np.histogram(inside, len(found.counts), (found.low, found.high))
    assert np.array_equal(found.counts, expected)
    assert found.counts.sum() == inside.size
    assert edges[1] - edges[0] == 5  # 1200 values in at most 256 bars
    assert (edges[0], edges[-1]) == (-300.5, 899.5)


@pytest.mark.parametrize(
    ("dtype", "low", "high"), [("u1", 0, 254), ("u1", 3, 102), ("u2", 0, 299), ("i2", -900, 3050)]
)
def test_whole_values_that_are_equally_frequent_make_a_histogram_without_gaps(dtype, low, high):
    values = np.arange(low, high + 1).astype(dtype)
    found = GrayHistogram.of(radiograph(np.tile(values, (8, 1))))
    assert found.counts[:-1].min() == found.counts.max()  # only the last bar can hold fewer values
    assert 0 < found.counts[-1] <= found.counts.max()


def test_the_histogram_of_a_large_image_has_the_shape_of_all_its_pixels():
    pixels = np.random.default_rng(1).normal(30000, 4000, (3000, 2800)).clip(0, 65535).astype(np.uint16)
    found = GrayHistogram.of(radiograph(pixels))
    expected, _ = np.histogram(pixels, len(found.counts), (found.low, found.high), density=False)
    shares = found.counts / found.counts.sum(), expected / expected.sum()
    assert np.abs(np.cumsum(shares[0]) - np.cumsum(shares[1])).max() < 0.01


def test_one_value_is_one_bar_with_room_beside_it():
    found = GrayHistogram.of(radiograph(np.full((20, 30), 90, np.uint8)))
    assert found.counts.tolist() == [0, 600, 0]
    assert (found.low, found.high) == (88.5, 91.5)


@pytest.mark.parametrize("fill", [7, np.nan])
def test_an_image_without_contrast_has_a_histogram_and_no_central_window(fill):
    image = radiograph(np.full((40, 40), fill, np.float32))
    assert GrayHistogram.of(image).high > GrayHistogram.of(image).low
    assert central_window(image) is None


def test_the_central_window_leaves_collimator_and_markers_out():
    pixels = np.zeros((400, 400), np.uint16)
    pixels[60:340, 60:340] = np.random.default_rng(2).integers(1000, 2000, (280, 280))
    pixels[0:30, 0:30] = 65535
    found = central_window(radiograph(pixels))
    middle = pixels[80:320, 80:320]
    low, high = np.percentile(middle, CENTRAL_PERCENTILES)
    assert (found.centre - found.width / 2, found.centre + found.width / 2) == pytest.approx((low, high))
    assert found.explanation == CENTRAL_NAME


def test_presets_tell_the_files_explanations_then_the_computed_ones():
    table = VoiTable(np.arange(4, dtype=np.uint16), 0, 2, "HARDER")
    vois = (Window(40, 400, explanation="LUNG"), Window(50, 80), table)
    image = LoadedImage.prepare(radiograph(np.arange(100).reshape(10, 10), grayscale=Grayscale(vois)))
    titles = [title for title, _ in presets(image)]
    assert titles[:3] == ["LUNG  C 40 W 400", "C 50 W 80", "HARDER"]
    assert titles[3].startswith(CENTRAL_NAME)
    assert titles[4].startswith("full range")


def test_a_tomogram_has_the_windows_of_its_organs_and_a_radiograph_has_not():
    pixels = np.arange(-1000, 1000, dtype=np.int16).reshape(40, 50)
    of = {
        modality: dict(
            presets(LoadedImage.prepare(Radiograph(pixels, InstanceHeader(Path("i.dcm"), modality=modality))))
        )
        for modality in ("CT", "DX")
    }
    lung = of["CT"]["Lung  C -600 W 1500"]
    assert (lung.centre, lung.width) == (-600, 1500)
    assert "Bone  C 300 W 1500" in of["CT"]
    assert not [title for title in of["DX"] if title.startswith(("Lung", "Bone"))]


def drag(view, start, end):
    QTest.mousePress(
        view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(start), 40)
    )
    QTest.mouseMove(view, QPoint(round((start + end) / 2), 40))
    QTest.mouseMove(view, QPoint(round(end), 40))
    QTest.mouseRelease(
        view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(end), 40)
    )


@pytest.fixture
def view(hand):
    view = hand.find("histogram")
    hand.parts.viewer.set_voi(Window.spanning(1000, 3000))
    return view


def test_a_limit_follows_the_mouse_and_the_other_stays(hand, view):
    end = view.position(2000)
    drag(view, view.position(1000), end)
    low, high = view.limits
    step = view.value(11) - view.value(10)
    assert low == pytest.approx(2000, abs=2 * step)
    assert high == pytest.approx(3000)
    assert hand.parts.viewer.window().explanation == "custom"


def test_between_the_limits_both_move(hand, view):
    drag(view, view.position(2000), view.position(2500))
    step = view.value(11) - view.value(10)
    assert view.limits == (pytest.approx(1500, abs=2 * step), pytest.approx(3500, abs=2 * step))


def test_limits_do_not_pass_one_another(hand, view):
    drag(view, view.position(1000), view.position(4000))
    low, high = view.limits
    assert low < high == pytest.approx(3000)


def test_a_limit_beyond_the_values_follows_the_hand_at_once(hand, view):
    hand.parts.viewer.set_voi(Window.spanning(-20000, 3000))
    drag(view, view.position(-20000), view.position(1000))
    step = view.value(11) - view.value(10)
    assert view.limits == (pytest.approx(1000, abs=2 * step), pytest.approx(3000))


@pytest.mark.parametrize(("window", "to"), [((-900, -500), 2000), ((9000, 9400), 2000), ((2000, 2010), 3000)])
def test_limits_that_lie_together_are_drawn_apart_by_the_hand(hand, view, window, to):
    hand.parts.viewer.set_voi(Window.spanning(*window))
    start = view.position(sum(window) / 2)
    drag(view, start + (1 if window[0] == 2000 else 0), view.position(to))
    step = view.value(11) - view.value(10)
    moved = view.limits[0] if window[0] == 9000 else view.limits[1]
    assert moved == pytest.approx(to, abs=2 * step)


@pytest.fixture
def fractions(hand):
    """An image of values from 0 to 1, and its viewer."""
    image = hand.parts.session.image.radiograph
    pixels = (image.pixels / image.pixels.max()).astype(np.float32)
    hand.parts.session.set_image(LoadedImage.prepare(replace(image, pixels=pixels, sha256="fractions")))
    return hand.parts.viewer


class TestFractions:
    def test_a_drag_narrows_the_window_by_its_share_of_the_range(self, hand, fractions):
        hand.drag(QPoint(250, 200), QPoint(150, 200), Qt.MouseButton.RightButton)
        assert 0.5 < fractions.window().width < 0.95

    def test_limits_are_drawn_together_on_the_histogram(self, hand, fractions):
        view = hand.find("histogram")
        drag(view, view.position(1), view.position(0.25))
        assert view.limits == (pytest.approx(0, abs=0.01), pytest.approx(0.25, abs=0.01))

    def test_the_straight_curve_keeps_the_window(self, hand, fractions):
        fractions.set_voi(Window.spanning(0.2, 0.5))
        for curve in ("LINEAR", "SIGMOID", "LINEAR"):
            hand.qtbot.mouseClick(hand.find(f"curve:{curve}"), Qt.MouseButton.LeftButton)
            assert fractions.window().width == pytest.approx(0.3)
        assert fractions.window().function is VoiFunction.LINEAR_EXACT  # the other one has no width below 1

    def test_statistics_tell_small_values_apart(self, hand, fractions):
        hand.key(Qt.Key.Key_E)
        hand.drag(hand.at(100, 100), hand.at(200, 200))
        model = hand.parts.measurements
        ((item, found),) = model.statistics.items()
        line = told(item, model.calibration, "PA", found).results[0]
        assert f"mean {found.mean:.3f} " in line
        assert line.endswith(f"SD {found.deviation:.3f}")


@pytest.mark.parametrize(
    ("value", "digits", "told"),
    [
        (4294967295, 6, "4294967295"), (1e5, 5, "100000"), (-1024.5, 5, "-1024.5"), (0.123456789, 5, "0.12346"),
        (1023.4000244140625, 6, "1023.4"), (0, 6, "0"), (float("nan"), 6, "nan"),
    ],
)  # fmt: skip
def test_numbers_are_written_out_without_powers_of_ten(value, digits, told):
    assert figure(value, digits) == told


def test_arrow_keys_move_the_window_while_the_histogram_has_the_focus(hand, view):
    before = hand.parts.viewer.window()
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Up)
    after = hand.parts.viewer.window()
    assert after.centre > before.centre
    assert after.width > before.width
    assert hand.boxes == ()


def test_presets_and_curves_are_chosen_and_shown(hand):
    image = hand.parts.session.image
    vois = (Window(1000, 800, explanation="LUNG"), Window(2000, 500, explanation="BONE"))
    other = replace(image.radiograph, grayscale=Grayscale(vois), sha256="other")
    hand.parts.session.set_image(LoadedImage.prepare(other))
    combo = hand.find("grayPreset")
    assert combo.currentText().startswith("LUNG")
    combo.setCurrentIndex(1)
    combo.activated.emit(1)
    assert hand.parts.viewer.presentation.voi == vois[1]
    hand.qtbot.mouseClick(hand.find("curve:SIGMOID"), Qt.MouseButton.LeftButton)
    assert hand.parts.viewer.presentation.voi.function is VoiFunction.SIGMOID
    assert combo.currentIndex() == -1
    hand.key(Qt.Key.Key_R)
    assert combo.currentText().startswith("LUNG")
    assert hand.find("curve:LINEAR").isChecked()


def test_a_table_is_neither_of_the_curves_until_one_is_chosen(hand):
    image = hand.parts.session.image
    vois = (Window(1000, 800), VoiTable(np.arange(4000, dtype=np.uint16), 0, 12, "HARDER"))
    other = replace(image.radiograph, grayscale=Grayscale(vois), sha256="other")
    hand.parts.session.set_image(LoadedImage.prepare(other))
    curves = [hand.find(f"curve:{name}") for name in ("LINEAR", "SIGMOID")]
    assert [curve.isChecked() for curve in curves] == [True, False]
    hand.parts.viewer.set_voi(vois[1])
    assert [curve.isChecked() for curve in curves] == [False, False]
    hand.qtbot.mouseClick(curves[0], Qt.MouseButton.LeftButton)
    assert [curve.isChecked() for curve in curves] == [True, False]
    assert hand.parts.viewer.presentation.voi.width == 3999


def test_a_key_shows_the_window_of_the_central_part(hand):
    hand.key(Qt.Key.Key_W, Qt.KeyboardModifier.ShiftModifier)
    assert hand.parts.viewer.presentation.voi == central_window(hand.parts.session.image.radiograph)
    assert hand.find("grayPreset").currentText().startswith(CENTRAL_NAME)


def test_the_probe_tells_stored_and_modality_values(hand):
    image = hand.parts.session.image.radiograph
    other = replace(image, pixels=image.pixels * 0.5 - 1000.0, stored=image.pixels, sha256="other")
    hand.parts.session.set_image(LoadedImage.prepare(other))
    at = hand.at(120.5, 60.5)
    hand.move(at, Qt.MouseButton.NoButton)
    x, y = (int(part) for part in hand.stored(at))
    told = hand.find("probe").text()
    assert f"stored {10 * y + x} " in told
    assert f"value {(10 * y + x) / 2 - 1000:g} " in told


class TestLungField:
    def test_a_key_shows_the_gray_of_the_lungs(self, hand):
        hand.key(Qt.Key.Key_Q)
        hand.until(lambda: hand.parts.viewer.presentation.voi.explanation == LUNG_NAME)
        lungs = hand.parts.session.image.radiograph.pixels[100:300, 50:200]
        window = hand.parts.viewer.window()
        low, high = np.percentile(lungs, (1, 99))
        assert window.centre - window.width / 2 == pytest.approx(low)
        assert window.centre + window.width / 2 == pytest.approx(high)

    def test_without_lungs_the_central_part_is_used_and_said(self, hand):
        hand.engine.no_lungs = "no dark pair stands beside a spine"
        hand.key(Qt.Key.Key_Q)
        hand.until(lambda: hand.parts.viewer.presentation.voi.explanation == CENTRAL_NAME)
        told = hand.window.statusBar().currentMessage()
        assert "no dark pair stands beside a spine" in told
        assert "instead" in told

    def test_percentiles_are_of_the_lungs_alone_and_leave_padding_out(self):
        pixels = np.random.default_rng(2).integers(0, 4096, (300, 400)).astype(np.uint16)
        field = np.zeros(pixels.shape, bool)
        field[50:250, 30:380] = True
        valid = np.ones(pixels.shape, bool)
        valid[:, :100] = False
        found = lung_window(radiograph(pixels, valid=valid), field)
        low, high = np.percentile(pixels[50:250, 100:380], (1, 99))
        assert (found.centre - found.width / 2, found.centre + found.width / 2) == pytest.approx((low, high))
        assert lung_window(radiograph(pixels), np.zeros(pixels.shape, bool)) is None

    def test_on_real_radiographs_the_lungs_get_the_gray_that_bones_and_air_would_take(self):
        """On every image of the bundled study in which lungs are found, lung tissue spreads over more grays."""
        engine, compared = LocalEngine(), 0
        for path in sorted(engine.demo().glob("*.dcm")):
            image = engine.read(path)
            field = engine.lung_field(image)
            if field.reason:
                continue
            inside = np.random.default_rng(0).permutation(image.pixels[field.mask])[:20000]
            usual, lungs = image.default_voi(), lung_window(image, field.mask)
            assert np.std(lungs.apply(inside)) > np.std(usual.apply(inside))
            compared += 1
        assert compared >= 3
