"""A second window for a second screen, moving with the first, and where it was the last time."""

from __future__ import annotations

import json
import threading

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRect, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cxr_desktop.ui.second_window import NO_PRIOR, SecondWindow
from cxr_desktop.ui.viewer.view_transform import Turn

CONTROL = Qt.KeyboardModifier.ControlModifier
NOW, NEAR, FAR = "7-20240131.dcm", "7-20231201.dcm", "7-20200101.dcm"


def second(hand) -> SecondWindow | None:
    return next(
        (w for w in QApplication.topLevelWidgets() if isinstance(w, SecondWindow) and w.isVisible()), None
    )


def open_second(hand):
    hand.key(Qt.Key.Key_2, CONTROL)
    found = second(hand)
    assert found is not None
    return found


@pytest.fixture
def pair(make_hand):
    hand = make_hand()
    hand.start()
    hand.open(NOW, FAR, NEAR)
    hand.until(lambda: len(hand.parts.studies.headers) == 3 and hand.parts.session.cut is not None)
    window = open_second(hand)
    hand.until(lambda: side(window).viewer.image is not None)
    return hand, window


def side(window):
    return window._side


def test_it_shows_the_nearest_prior_and_another_when_that_is_chosen(pair):
    hand, window = pair
    assert side(window).viewer.image.radiograph.header.path.name == NEAR
    which = hand.find("secondPrior")
    assert [which.itemText(row)[:10] for row in range(2)] == ["2023-12-01", "2020-01-01"]
    QTest.keyClick(which, Qt.Key.Key_Down)
    which.activated.emit(which.currentIndex())
    hand.until(lambda: side(window).viewer.image.radiograph.header.path.name == FAR)
    assert "1491 days earlier" in which.currentText()


def test_it_zooms_and_windows_with_the_first_until_unlinked(pair):
    hand, window = pair
    viewer = side(window).viewer
    before = viewer.view.scale
    hand.key(Qt.Key.Key_Plus)
    assert viewer.view.scale == pytest.approx(1.25 * before)
    hand.drag(hand.at(200, 200), hand.at(240, 240), Qt.MouseButton.RightButton)
    assert viewer.window().width == pytest.approx(hand.parts.viewer.window().width)
    hand.key(Qt.Key.Key_K)
    held = viewer.view
    hand.key(Qt.Key.Key_Plus)
    assert viewer.view == held


def test_keys_of_the_main_window_work_in_it(pair):
    hand, window = pair
    hand.activate(window)
    QTest.keyClick(side(window).canvas, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert hand.parts.viewer.view.turn == Turn(1)


def test_maps_of_all_methods_share_a_cursor_with_the_image(pair):
    hand, _window = pair
    QTest.mouseClick(hand.find("second:1"), Qt.MouseButton.LeftButton)
    tiles = [hand.find("tile:rap"), hand.find("tile:gradcam")]
    hand.move(hand.at(250.5, 100.5), Qt.MouseButton.NoButton)
    for tile in tiles:
        assert (tile.mark.x(), tile.mark.y()) == pytest.approx((0.5, 0.25), abs=0.01)
    at = QPointF(tiles[0].target.center())
    moved = QMouseEvent(
        QMouseEvent.Type.MouseMove, at, tiles[0].mapToGlobal(at), Qt.MouseButton.NoButton, Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(tiles[0], moved)
    assert tiles[1].mark.x() == pytest.approx(0.5, abs=0.01)
    assert tiles[1].mark.y() == pytest.approx(0.5, abs=0.01)
    QTest.mouseClick(tiles[1], Qt.MouseButton.LeftButton)
    assert hand.parts.heatmap.method == "gradcam"


def test_maps_of_another_image_never_stay(pair):
    hand, _window = pair
    QTest.mouseClick(hand.find("second:1"), Qt.MouseButton.LeftButton)
    assert hand.find("tile:rap")._heat is not None
    hand.engine.hold.clear()
    hand.key(Qt.Key.Key_BracketRight)
    hand.until(lambda: hand.parts.session.image.radiograph.header.path.name != NOW)
    assert hand.find("tile:rap")._heat is None
    hand.engine.hold.set()


def test_it_says_where_there_is_no_prior(make_hand):
    hand = make_hand()
    hand.open("1.dcm")
    open_second(hand)
    assert hand.find("sideNote9").text() == NO_PRIOR
    assert not hand.find("secondPrior").isVisible(), "a list to choose from, with nothing in it"


def test_it_opens_where_it_was_and_goes_with_the_main_window(pair, make_hand, tmp_path):
    hand, window = pair
    window.setGeometry(140, 160, 620, 540)
    QApplication.processEvents()
    where = window.geometry()
    hand.key(Qt.Key.Key_2, CONTROL)
    assert second(hand) is None
    hand.parts.settings.close()
    assert json.loads((tmp_path / "data" / "settings.json").read_text())["second_window"]
    again = open_second(hand)
    hand.until(lambda: again.geometry().size() == where.size())
    assert (
        again.geometry().topLeft() - where.topLeft()
    ).manhattanLength() <= 60  # a frame, where there is one
    hand.window.close()
    assert second(hand) is None


def test_with_a_second_screen_it_opens_there(pair, monkeypatch):
    hand, window = pair
    other = QRect(1920, 0, 1280, 1024)

    class Screen:
        def availableGeometry(self):
            return other

    first = QGuiApplication.primaryScreen()
    monkeypatch.setattr(QGuiApplication, "screens", staticmethod(lambda: [first, Screen()]))
    monkeypatch.setattr(type(hand.parts.settings), "second_window", lambda _self: "")
    window.place()
    assert window.geometry() == other


def test_it_closes_while_an_image_for_it_is_being_read(pair, monkeypatch):
    hand, window = pair
    reading, may_end, read = threading.Event(), threading.Event(), hand.engine.read

    def slow(path, frame=0):
        reading.set()
        may_end.wait(10)
        return read(path, frame)

    monkeypatch.setattr(hand.engine, "read", slow)
    window._ask(1)
    hand.until(reading.is_set)
    hand.key(Qt.Key.Key_2, CONTROL)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    with hand.qtbot.waitSignal(hand.parts.bridge.finished):
        may_end.set()
    assert second(hand) is None
