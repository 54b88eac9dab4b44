"""Files of several frames: turned over by wheel, slider and keys, played, and each with marks of its own."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cxr_desktop.domain import Box
from cxr_desktop.ui.captions import FRAMES_PASS, captions
from cxr_desktop.ui.dialogs.keys import keys_page
from cxr_desktop.ui.viewer.heat_image import Sign
from cxr_desktop.ui.viewer.viewer_model import ToolKind

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def cine(make_hand):
    """A window on 'cine1.dcm', which asks for 25 frames a second, its first frame analysed."""
    hand = make_hand()
    hand.start()
    hand.open("cine1.dcm", "2.dcm")
    hand.until(lambda: hand.parts.session.cut is not None and len(hand.parts.studies.headers) == 2)
    return hand


def turn(hand, angle, modifier=Qt.KeyboardModifier.NoModifier):
    at = QPointF(300, 300)
    event = QWheelEvent(
        at, QPointF(hand.canvas.mapToGlobal(at)), QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton,
        modifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(hand.canvas, event)


def shown_frame(hand):
    image = hand.parts.viewer.image
    return image.radiograph.frame


def resting_on(hand, frame):
    session = hand.parts.session
    return session.passing is None and session.image.radiograph.frame == frame


def corner(hand):
    return captions(hand.parts.viewer, hand.parts.session, "", Sign.POSITIVE)


def grabbed(hand) -> np.ndarray:
    image = QImage(hand.canvas.size(), QImage.Format.Format_RGB888)
    hand.canvas.render(image)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def test_the_wheel_turns_frames_and_with_ctrl_enlarges(cine):
    scale = cine.parts.viewer.view.scale
    turn(cine, -120)
    cine.until(lambda: shown_frame(cine) == 1)
    assert cine.parts.viewer.view.scale == scale
    assert "Frame 2 of 6" in corner(cine).top_right
    turn(cine, 120, CONTROL)
    assert cine.parts.viewer.view.scale == pytest.approx(1.2 * scale)
    cine.until(lambda: resting_on(cine, 1))
    assert cine.parts.viewer.view.scale == pytest.approx(1.2 * scale), "a frame keeps the place"
    assert cine.find("frameNumber").text() == "Frame 2 of 6"


def test_the_wheel_enlarges_a_file_of_one_frame_and_the_bar_is_gone(hand):
    scale = hand.parts.viewer.view.scale
    turn(hand, 120)
    assert hand.parts.viewer.view.scale == pytest.approx(1.2 * scale)
    assert not hand.find("frameBar").isVisible()


def test_keys_go_to_the_next_and_the_last_frame_and_not_beyond(cine):
    cine.key(Qt.Key.Key_Period)
    cine.until(lambda: shown_frame(cine) == 1)
    cine.key(Qt.Key.Key_End)
    cine.until(lambda: shown_frame(cine) == 5)
    cine.key(Qt.Key.Key_Period)
    assert cine.parts.frames.index == 5
    cine.key(Qt.Key.Key_Home)
    cine.until(lambda: shown_frame(cine) == 0)
    cine.key(Qt.Key.Key_Comma)
    cine.until(lambda: resting_on(cine, 0))


def test_the_slider_chooses_a_frame_by_mouse_and_keeps_the_focus(cine):
    slider = cine.find("frameSlider")
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    cine.until(lambda: resting_on(cine, 2))
    assert slider.hasFocus()
    cine.until(lambda: cine.parts.session.cut is not None)


def test_the_gray_of_the_reader_stays_and_the_frame_s_own_values_are_under_the_mouse(cine):
    cine.drag(cine.at(200, 200), cine.at(240, 230), Qt.MouseButton.RightButton)
    chosen = cine.parts.viewer.presentation
    turn(cine, -240)
    cine.until(lambda: resting_on(cine, 2))
    assert cine.parts.viewer.presentation == chosen
    cine.move(cine.at(250.5, 200.5), Qt.MouseButton.NoButton)
    assert "value 2450 " in cine.find("probe").text()


def test_marks_of_one_frame_never_lie_on_another(cine):
    parts = cine.parts
    cine.key(Qt.Key.Key_D)
    cine.drag(cine.at(300, 250), cine.at(380, 320))
    assert len(cine.boxes) == 1
    turn(cine, -120)
    cine.until(lambda: shown_frame(cine) == 1)
    assert parts.session.prediction is None
    assert parts.session.cut is None
    assert corner(cine).bottom_right == (FRAMES_PASS,)
    gray = grabbed(cine)[120:-120, 40:-40].astype(int)
    assert np.ptp(gray, axis=2).max() == 0, "no colour of any mark while frames pass"
    cine.until(lambda: resting_on(cine, 1) and parts.reading.ready and parts.session.cut is not None)
    assert cine.boxes == ()
    assert cine.engine.explained == ["rap", "rap"], "each frame has a map of its own"
    turn(cine, 120)
    cine.until(lambda: resting_on(cine, 0) and parts.reading.ready and parts.session.cut is not None)
    assert len(cine.boxes) == 1
    assert cine.engine.explained == ["rap", "rap"], "the first frame's map was kept"
    at = cine.at(160, 130)
    assert np.ptp(grabbed(cine)[at.y(), at.x()].astype(int)) > 30, "and lies on it again"


def test_what_is_drawn_while_frames_pass_is_drawn_on_none(cine):
    cine.key(Qt.Key.Key_D)
    turn(cine, -120)
    cine.until(lambda: shown_frame(cine) == 1)
    cine.drag(cine.at(300, 250), cine.at(380, 320))
    cine.key(Qt.Key.Key_1)
    cine.until(lambda: resting_on(cine, 1) and cine.parts.reading.ready)
    assert cine.boxes == ()
    assert cine.parts.viewer.tool is ToolKind.DRAW
    cine.drag(cine.at(300, 250), cine.at(380, 320))
    assert len(cine.boxes) == 1


def test_measurements_stay_with_their_frame(cine):
    cine.key(Qt.Key.Key_M)
    cine.drag(cine.at(100, 100), cine.at(200, 100))
    assert len(cine.parts.measurements.shown) == 1
    turn(cine, -120)
    cine.until(lambda: resting_on(cine, 1))
    assert cine.parts.measurements.shown == ()
    turn(cine, 120)
    cine.until(lambda: resting_on(cine, 0))
    assert len(cine.parts.measurements.shown) == 1


def test_boxes_of_a_file_s_list_lie_on_its_first_frame(cine):
    cine.parts.opening._add_references({"cine1.dcm": (Box(1, 2, 30, 40, "Mass"),)})
    assert len(cine.parts.session.references) == 1
    turn(cine, -120)
    cine.until(lambda: resting_on(cine, 1))
    assert cine.parts.session.references == ()
    turn(cine, 120)
    cine.until(lambda: resting_on(cine, 0))
    assert len(cine.parts.session.references) == 1


def test_it_plays_at_the_file_s_rate_around_and_rests_where_it_is_stopped(cine):
    assert cine.find("frameRate").value() == 25.0
    assert "asks for 25" in cine.find("frameRate").toolTip()
    passed = []
    cine.parts.session.passing_changed.connect(lambda: passed.append(shown_frame(cine)))
    cine.key(Qt.Key.Key_L)
    cine.until(lambda: len(passed) >= 8)
    assert passed[:8] == [1, 2, 3, 4, 5, 0, 1, 2], "every frame, in turn"
    assert cine.parts.session.prediction is None
    QTest.mouseClick(cine.find("framePlay"), Qt.MouseButton.LeftButton)
    assert not cine.parts.frames.playing
    last = shown_frame(cine)
    cine.until(lambda: resting_on(cine, last) and cine.parts.session.cut is not None)


def test_the_gray_can_be_dragged_while_it_plays(cine):
    before = cine.parts.viewer.window()
    cine.key(Qt.Key.Key_L)
    start = cine.at(200, 200)
    cine.press(start, Qt.MouseButton.RightButton)
    seen = shown_frame(cine)
    for number in range(1, 4):
        cine.move(start + QPoint(20 * number, 0), Qt.MouseButton.RightButton)
        cine.until(lambda seen=seen: shown_frame(cine) != seen)
        seen = shown_frame(cine)
    cine.release(start + QPoint(60, 0), Qt.MouseButton.RightButton)
    assert cine.parts.viewer.window().width > before.width
    assert cine.parts.frames.playing
    cine.key(Qt.Key.Key_L)


def test_a_file_without_a_rate_says_so(make_hand):
    hand = make_hand()
    hand.open("cine2.dcm")
    assert "names no rate" in hand.find("frameRate").toolTip()
    hand.find("frameRate").setValue(30)
    assert hand.parts.frames.rate == 30


def test_a_damaged_frame_is_told_and_the_last_good_one_stays(make_hand):
    hand = make_hand()
    hand.open("cine9.dcm")
    for _ in range(2):
        hand.key(Qt.Key.Key_Period)
    hand.until(lambda: shown_frame(hand) == 2)
    hand.key(Qt.Key.Key_Period)
    hand.until(lambda: hand.parts.frames.index == 2)
    assert "end too early" in hand.window.statusBar().currentMessage()
    hand.until(lambda: resting_on(hand, 2))


def test_another_image_ends_the_playing(cine):
    cine.key(Qt.Key.Key_L)
    cine.key(Qt.Key.Key_BracketRight)
    cine.until(lambda: cine.parts.session.image.radiograph.header.path.name == "2.dcm")
    assert not cine.parts.frames.playing
    assert not cine.find("frameBar").isVisible()


def test_the_help_page_tells_of_wheel_and_keys(hand):
    page = keys_page(hand.parts.keymap)
    assert "of a file of several frames, zoom at the mouse" in page
    assert "Play or pause" in page


class TestOverlays:
    def test_a_plane_is_drawn_where_it_lies_told_in_the_corner_and_switched_by_a_key(self, make_hand):
        hand = make_hand()
        hand.open("drawn1.dcm")
        at = hand.at(330, 220)
        assert any("Marked by the technician" in line for line in corner(hand).bottom_left)
        drawn = grabbed(hand)
        assert np.ptp(drawn[at.y(), at.x()].astype(int)) > 60
        beside = hand.at(295, 220)
        assert np.ptp(drawn[beside.y(), beside.x()].astype(int)) == 0
        hand.key(Qt.Key.Key_O)
        assert np.ptp(grabbed(hand)[at.y(), at.x()].astype(int)) == 0
        assert any("DICOM overlay hidden" in line for line in corner(hand).bottom_left)
        hand.key(Qt.Key.Key_O)
        assert np.array_equal(grabbed(hand), drawn)

    def test_a_held_key_hides_it_with_everything_else(self, make_hand):
        hand = make_hand()
        hand.open("drawn1.dcm")
        at = hand.at(330, 220)
        QTest.keyPress(hand.canvas, Qt.Key.Key_H)
        assert np.ptp(grabbed(hand)[at.y(), at.x()].astype(int)) == 0
        QTest.keyRelease(hand.canvas, Qt.Key.Key_H)
        assert np.ptp(grabbed(hand)[at.y(), at.x()].astype(int)) > 60

    def test_it_turns_and_is_mirrored_with_the_image(self, make_hand):
        hand = make_hand()
        hand.open("drawn1.dcm")
        hand.key(Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
        hand.key(Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
        inside, outside = hand.at(355, 235), hand.at(365, 245)
        picture = grabbed(hand).astype(int)
        assert np.ptp(picture[inside.y(), inside.x()]) > 60
        assert np.ptp(picture[outside.y(), outside.x()]) == 0

    def test_the_command_is_off_for_files_without_one(self, hand):
        action = hand.window.findChild(object, "action:file-overlays")
        assert not action.isEnabled()


def test_playing_slower_than_asked_is_said(cine, monkeypatch):
    assert not cine.find("frameSlow").isVisible()
    monkeypatch.setattr(type(cine.parts.frames), "achieved", 11.6)
    cine.parts.frames.changed.emit()
    assert cine.find("frameSlow").text() == "shown at 12"
    assert cine.find("frameSlow").isVisible()
