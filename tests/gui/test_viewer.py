"""Gray, place and overlays under mouse and keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cxr_desktop.domain import Window
from cxr_desktop.ui.viewer.viewer_model import DRAG_SPAN, ToolKind


def grabbed(hand) -> np.ndarray:
    """(height, width, 3) of the canvas, painted in full depth whatever the screen's is."""
    size = hand.canvas.size()
    image = QImage(size, QImage.Format.Format_RGB888)
    hand.canvas.render(image)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def shown_gray(hand, x: int, y: int) -> int:
    """Gray on screen at the middle of a stored pixel."""
    column, row = hand.parts.viewer.view.to_view(x + 0.5, y + 0.5)
    return int(grabbed(hand)[int(row), int(column), 0])


def test_gray_on_screen_is_the_radiographs_own(hand):
    hand.parts.viewer.set_overlays_hidden(True)
    hand.key(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    radiograph = hand.parts.session.image.radiograph
    for window in (None, (1000, 800), (2500, 3000)):
        if window:
            hand.parts.viewer.set_voi(Window(*window))
        expected = radiograph.display(window)
        for x, y in ((150, 150), (400, 60), (250, 333)):
            assert shown_gray(hand, x, y) == expected[y, x]


def test_invert_swaps_gray_once_after_the_window(hand):
    hand.parts.viewer.set_overlays_hidden(True)
    hand.key(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    before = shown_gray(hand, 200, 150)
    hand.key(Qt.Key.Key_I)
    assert shown_gray(hand, 200, 150) == 255 - before
    hand.key(Qt.Key.Key_I)
    assert shown_gray(hand, 200, 150) == before


@pytest.mark.parametrize("button", [Qt.MouseButton.RightButton, Qt.MouseButton.LeftButton])
def test_a_window_drag_changes_centre_and_width_by_the_distance(hand, button):
    if button == Qt.MouseButton.LeftButton:
        hand.key(Qt.Key.Key_W)
    viewer = hand.parts.viewer
    before = viewer.window()
    start = QPoint(200, 200)
    hand.press(start, button)
    hand.move(start + QPoint(40, 0), button)
    widened = viewer.window()
    gain = before.width / DRAG_SPAN * 2
    assert widened.width == pytest.approx(before.width + 40 * gain)
    assert widened.centre == before.centre
    hand.move(start + QPoint(40, 25), button)
    assert viewer.window().centre == pytest.approx(before.centre + 25 * widened.width / DRAG_SPAN * 2)
    hand.release(start + QPoint(40, 25), button)
    hand.key(Qt.Key.Key_R)
    assert viewer.window() == before


def test_the_wheel_zooms_about_the_mouse(hand):
    at = hand.at(300, 100)
    before = hand.stored(at)
    scale = hand.parts.viewer.view.scale
    event = QWheelEvent(
        QPointF(at), QPointF(hand.canvas.mapToGlobal(at)), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(hand.canvas, event)
    assert hand.parts.viewer.view.scale == pytest.approx(scale * 1.2)
    assert hand.stored(at) == pytest.approx(before)


def test_the_middle_button_pans_and_fit_brings_the_image_back(hand):
    fitted = hand.parts.viewer.view
    hand.drag(QPoint(300, 300), QPoint(360, 280), Qt.MouseButton.MiddleButton)
    moved = hand.parts.viewer.view
    assert (moved.left - fitted.left, moved.top - fitted.top) == pytest.approx((60, -20))
    hand.key(Qt.Key.Key_F)
    assert hand.parts.viewer.view == fitted


def test_one_to_one_shows_a_stored_pixel_on_a_screen_pixel(hand):
    hand.key(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert hand.parts.viewer.view.scale == 1
    assert hand.parts.viewer.view.left == int(hand.parts.viewer.view.left)


@pytest.mark.parametrize("key", [Qt.Key.Key_H, Qt.Key.Key_Space])
def test_overlays_are_gone_while_the_key_is_held(hand, key):
    hand.until(lambda: not any(timer.isActive() for timer in hand.canvas.findChildren(QTimer)))  # it rests
    with_overlays = grabbed(hand)
    QTest.keyPress(hand.canvas, key)
    without = grabbed(hand)
    QTest.keyRelease(hand.canvas, key)
    at = hand.at(160, 130)
    colours = np.ptp(without[at.y() - 20 : at.y() + 20, at.x() - 20 : at.x() + 20].astype(int), axis=2)
    assert colours.max() == 0, "colour left on the image"
    assert np.ptp(with_overlays[at.y(), at.x()].astype(int)) > 0
    assert np.array_equal(grabbed(hand), with_overlays)


def test_overlays_come_back_when_the_key_goes_up_beside_another_or_in_a_field(hand):
    QTest.keyPress(hand.canvas, Qt.Key.Key_H)
    assert hand.parts.viewer.overlays_hidden
    QTest.keyRelease(hand.canvas, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    assert not hand.parts.viewer.overlays_hidden
    QTest.keyPress(hand.canvas, Qt.Key.Key_X)
    search = hand.find("studySearch")
    search.setFocus()
    QTest.keyRelease(search, Qt.Key.Key_X)
    assert not hand.parts.viewer.magnifying
    QTest.keyClicks(search, "hx")
    assert search.text() == "hx"
    assert not hand.parts.viewer.overlays_hidden


def test_one_of_two_held_keys_keeps_overlays_away(hand):
    QTest.keyPress(hand.canvas, Qt.Key.Key_H)
    QTest.keyPress(hand.canvas, Qt.Key.Key_Space)
    QTest.keyRelease(hand.canvas, Qt.Key.Key_H)
    assert hand.parts.viewer.overlays_hidden
    QTest.keyRelease(hand.canvas, Qt.Key.Key_Space)
    assert not hand.parts.viewer.overlays_hidden


@pytest.mark.parametrize(
    ("key", "tool"),
    [
        (Qt.Key.Key_S, ToolKind.EDIT), (Qt.Key.Key_D, ToolKind.DRAW), (Qt.Key.Key_G, ToolKind.DRAW),
        (Qt.Key.Key_W, ToolKind.WINDOW), (Qt.Key.Key_T, ToolKind.PAN), (Qt.Key.Key_Z, ToolKind.ZOOM),
    ],
)  # fmt: skip
def test_keys_arm_tools(hand, key, tool):
    hand.key(Qt.Key.Key_T if tool is not ToolKind.PAN else Qt.Key.Key_S)
    hand.key(key)
    assert hand.parts.viewer.tool is tool


def test_the_probe_tells_the_stored_value_under_the_mouse(hand):
    at = hand.at(120.5, 60.5)
    hand.move(at, Qt.MouseButton.NoButton)
    x, y = (int(v) for v in hand.stored(at))
    told = hand.find("probe").text()
    assert f"x {x}  y {y}" in told
    assert f"value {10 * y + x}" in told
    assert f"gray {hand.parts.session.image.radiograph.display()[y, x]}" in told


def test_typing_in_the_search_field_arms_no_tool(hand):
    field = hand.find("studySearch")
    field.setFocus()
    QTest.keyClicks(field, "dzh")
    assert field.text() == "dzh"
    assert hand.parts.viewer.tool is ToolKind.EDIT
    assert not hand.parts.viewer.overlays_hidden


def test_the_picture_is_there_before_the_digest_and_nothing_is_drawn_on_it_until_then(make_hand, engine):
    """A digest that takes its time keeps nobody from seeing the image, and marks from nowhere."""
    digest, read = Event(), engine.read

    def slow(path, frame=0):
        radiograph = read(path, frame)
        return replace(radiograph, sha256=lambda: "sha of the bytes" if digest.wait(5) else "")

    engine.read = slow
    hand = make_hand()
    hand.parts.opening.open_paths([Path("1.dcm")])
    hand.until(lambda: hand.parts.viewer.image is not None)
    assert hand.parts.session.image is None
    at = hand.at(250, 200)
    assert hand.canvas.grab().toImage().pixelColor(at).lightness() > 20
    hand.key(Qt.Key.Key_D)
    hand.drag(hand.at(100, 100), hand.at(200, 200))
    assert hand.boxes == ()
    shown = hand.parts.viewer.view
    digest.set()
    hand.until(lambda: hand.parts.session.image is not None and hand.parts.reading.ready)
    assert hand.parts.session.image.key == "sha of the bytes"
    assert hand.parts.viewer.view == shown, "nothing moves when the rest is there"
    hand.drag(hand.at(100, 100), hand.at(200, 200))
    assert len(hand.boxes) == 1
