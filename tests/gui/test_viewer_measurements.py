"""Measuring with the mouse, and what the results say."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from cxr_desktop.domain import Box, PixelSpacing
from cxr_desktop.domain.errors import CxrError
from cxr_desktop.ui.viewer.calibration import UNCALIBRATED
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.measurement import Measurement, MeasurementKind
from cxr_desktop.ui.viewer.measurement_file import measurement_path, read_measurements, write_measurements
from cxr_desktop.ui.viewer.measurement_words import AP_WARNING, told
from cxr_desktop.ui.viewer.viewer_model import ToolKind

SHIFT = Qt.KeyboardModifier.ShiftModifier
ORIGIN = "imager pixel spacing, at the detector: lengths are magnified"


def words(hand, index=-1):
    """What the canvas writes beside a measurement."""
    model = hand.parts.measurements
    item = model.shown[index]
    return told(item, model.calibration, model.view_position, model.statistics.get(item))


def calibrated(hand, row, column, **header):
    """Open the same pixels with a spacing."""
    radiograph = hand.parts.session.image.radiograph
    hand.parts.session.set_image(
        LoadedImage.prepare(
            replace(
                radiograph,
                spacing=PixelSpacing(row, column, ORIGIN),
                header=replace(radiograph.header, **header),
                sha256="calibrated",
            )
        )
    )


def test_a_ruler_measures_in_one_drag_and_names_its_calibration(hand):
    calibrated(hand, 0.2, 0.1)
    hand.key(Qt.Key.Key_M)
    start, end = hand.at(50, 60), hand.at(350, 260)
    hand.drag(start, end)
    (item,) = hand.parts.measurements.present
    (x0, y0), (x1, y1) = hand.stored(start), hand.stored(end)
    assert np.allclose(item.points, ((x0, y0), (x1, y1)))
    millimetres = np.hypot((x1 - x0) * 0.1, (y1 - y0) * 0.2)
    assert words(hand).results == (f"{millimetres:.1f} mm",)
    assert " ".join(words(hand).notes) == ORIGIN
    assert hand.parts.viewer.tool is ToolKind.LENGTH, "the tool stays armed"


def test_without_a_pixel_size_a_ruler_counts_pixels(hand):
    hand.key(Qt.Key.Key_M)
    hand.drag(hand.at(50, 60), hand.at(150, 60))
    assert words(hand).results[0].endswith(" px")
    assert words(hand).notes == (UNCALIBRATED,)


def test_a_handle_moves_one_end_and_the_line_moves_both(hand):
    hand.key(Qt.Key.Key_M)
    hand.drag(hand.at(50, 60), hand.at(250, 60))
    before = hand.parts.measurements.present[0].points
    hand.drag(hand.at(*before[1]), hand.at(before[1][0], before[1][1] + 80))
    (item,) = hand.parts.measurements.present
    assert item.points[0] == before[0]
    assert item.points[1][1] - before[1][1] == pytest.approx(80, abs=2)
    hand.key(Qt.Key.Key_S)
    middle = np.mean(item.points, axis=0)
    hand.drag(hand.at(*middle), hand.at(middle[0] + 30, middle[1]))
    shift = np.subtract(hand.parts.measurements.present[0].points, item.points)
    assert np.allclose(shift, [[30, 0], [30, 0]], atol=2)
    assert hand.boxes == (), "no box was drawn on the way"


def test_an_angle_takes_a_second_drag(hand):
    hand.key(Qt.Key.Key_A, SHIFT)
    hand.drag(hand.at(100, 100), hand.at(200, 100))
    assert not hand.parts.measurements.present[0].complete
    assert "second arm" in words(hand).results[0]
    hand.drag(hand.at(240, 150), hand.at(200, 200))
    (item,) = hand.parts.measurements.present
    assert item.complete
    assert words(hand).results[0].endswith("°")
    assert float(words(hand).results[0][:-1]) == pytest.approx(90, abs=1)


def test_statistics_are_those_of_the_pixels_inside(hand):
    hand.key(Qt.Key.Key_E, SHIFT)
    hand.drag(hand.at(100.5, 50.5), hand.at(300.5, 150.5))
    (item,) = hand.parts.measurements.present
    left, top, right, bottom = (round(edge) for edge in item.bounds)
    inside = hand.parts.session.image.radiograph.pixels[top:bottom, left:right]
    found = hand.parts.measurements.statistics[item]
    assert found.count == pytest.approx(inside.size, rel=0.02)
    assert found.mean == pytest.approx(inside.mean(), rel=0.005)
    assert found.deviation == pytest.approx(inside.std(), rel=0.01)


def test_a_large_area_is_worked_out_beside_the_window(hand):
    hand.key(Qt.Key.Key_E)
    hand.drag(hand.at(2, 2), hand.at(498, 398))
    (item,) = hand.parts.measurements.present
    assert item not in hand.parts.measurements.statistics
    hand.until(lambda: item in hand.parts.measurements.statistics)
    assert hand.parts.measurements.statistics[item].count == pytest.approx(np.pi / 4 * 496 * 396, rel=0.01)


def test_the_cardiothoracic_ratio_waits_for_the_heart_and_warns_on_ap(hand):
    calibrated(hand, 0.2, 0.2, view_position="AP")
    hand.key(Qt.Key.Key_C, SHIFT)
    hand.drag(hand.at(50, 300), hand.at(450, 300))
    assert words(hand).results[0].startswith("Thorax")
    hand.drag(hand.at(180, 250), hand.at(380, 270))
    assert words(hand).results[0] == "CTR 0.50"
    assert words(hand).warning == AP_WARNING


def test_measurements_are_deleted_and_come_back_by_undo_in_the_order_of_the_hand(hand):
    hand.key(Qt.Key.Key_M)
    hand.drag(hand.at(50, 60), hand.at(250, 60))
    hand.key(Qt.Key.Key_D)
    hand.drag(hand.at(300, 200), hand.at(360, 260))
    control = Qt.KeyboardModifier.ControlModifier
    hand.key(Qt.Key.Key_Z, control)
    assert hand.boxes == ()
    assert len(hand.parts.measurements.present) == 1
    hand.key(Qt.Key.Key_Z, control)
    assert hand.parts.measurements.present == ()
    hand.key(Qt.Key.Key_Y, control)
    hand.key(Qt.Key.Key_Y, control)
    assert len(hand.parts.measurements.present) == len(hand.boxes) == 1
    hand.key(Qt.Key.Key_S)
    hand.drag(hand.at(150, 60), hand.at(150, 60))
    hand.key(Qt.Key.Key_Delete)
    assert hand.parts.measurements.present == ()
    assert len(hand.boxes) == 1


def test_a_click_measures_nothing(hand):
    hand.key(Qt.Key.Key_M)
    hand.drag(QPoint(300, 300), QPoint(300, 300))
    assert hand.parts.measurements.present == ()


def test_measurements_return_with_their_image(hand):
    hand.key(Qt.Key.Key_M)
    hand.drag(hand.at(50, 60), hand.at(250, 60))
    first = hand.parts.session.image
    calibrated(hand, 1, 1)
    assert hand.parts.measurements.present == ()
    hand.parts.session.set_image(first)
    assert [item.kind for item in hand.parts.measurements.present] == [MeasurementKind.LENGTH]


def test_measurements_come_back_when_the_program_is_started_again(hand, make_hand):
    hand.key(Qt.Key.Key_M)
    hand.drag(hand.at(50, 60), hand.at(250, 60))
    hand.drag(hand.at(50, 160), hand.at(250, 160))
    hand.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    (kept,) = hand.parts.measurements.present
    hand.window.close()
    again = make_hand()
    again.start()
    again.open("1.dcm")
    again.until(lambda: again.parts.measurements.present == (kept,))


def test_another_reader_does_not_see_them_and_damage_is_set_aside(tmp_path):
    mine, yours = (measurement_path(tmp_path, "sha", reader) for reader in ("A", "B"))
    items = (
        Measurement(MeasurementKind.ANGLE, ((0.5, 1.0), (2.0, 3.0), (4.0, 5.0))),
        Measurement(MeasurementKind.CARDIOTHORACIC, ((0.0, 1.0), (2.0, 3.0))),
    )
    write_measurements(mine, "sha", items)
    assert read_measurements(mine) == items
    assert read_measurements(yours) == ()
    write_measurements(mine, "sha", ())
    assert not mine.exists()
    for damage in ("{", "[]", '{"measurements": [{"kind": "angle", "points": [[1, 2]]}]}',
                   '{"measurements": [{"kind": "length", "points": [[1, 2], [NaN, 1]]}]}'):  # fmt: skip
        mine.write_text(damage)
        with pytest.raises(CxrError, match="set aside"):
            read_measurements(mine)
        assert not mine.exists()
        assert mine.with_suffix(".damaged").read_text() == damage


def test_a_warning_is_never_cut_off_on_a_narrow_canvas(hand):
    calibrated(hand, 0.2, 0.2, view_position="AP")
    hand.window.resize(900, 900)
    hand.parts.measurements.place(
        Measurement(MeasurementKind.CARDIOTHORACIC, ((50, 300), (450, 300), (180, 250), (380, 270)))
    )
    hand.canvas.repaint()
    picture = hand.canvas.grab().toImage()
    warning = {
        (x, y)
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y).getRgb()[:3] == (240, 213, 138)
    }
    assert warning, "the warning is on the canvas"
    columns = [x for x, _ in warning]
    assert min(columns) > 20
    assert max(columns) < picture.width() - 20


def test_results_never_lie_on_one_another(hand):
    calibrated(hand, 0.2, 0.1, view_position="AP")
    for key, modifier, *drags in (
        (Qt.Key.Key_M, None, (5, 5, 495, 8)),
        (Qt.Key.Key_E, None, (460, 300, 499, 399)),
        (Qt.Key.Key_C, SHIFT, (50, 200, 450, 210), (150, 220, 300, 230)),
        (Qt.Key.Key_A, SHIFT, (300, 100, 350, 150)),
    ):
        hand.key(key, modifier or Qt.KeyboardModifier.NoModifier)
        for x0, y0, x1, y1 in drags:
            hand.drag(hand.at(x0, y0), hand.at(x1, y1))
    hand.canvas.grab()
    labels = hand.window._viewer._measured.taken
    assert len(labels) == 4
    assert not [1 for one, other in combinations(labels, 2) if one.intersects(other)]


def test_arrow_keys_move_the_selected_measurement_and_no_box(hand):
    hand.parts.reading.add(Box(100, 100, 50, 50, "Lung Opacity"))
    hand.key(Qt.Key.Key_M)
    hand.drag(hand.at(50, 60), hand.at(250, 60))
    before = np.array(hand.parts.measurements.present[0].points)
    assert hand.parts.reading.selected is None, "a measurement or a box is selected, never both"
    hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Down, SHIFT)
    assert np.allclose(hand.parts.measurements.present[0].points - before, (1, 10))
    assert hand.boxes[0].x == 100
    hand.key(Qt.Key.Key_S)
    hand.drag(hand.at(125, 125), hand.at(125, 125))
    assert hand.parts.measurements.selected is None
    hand.key(Qt.Key.Key_Left)
    assert hand.boxes[0].x == 99
