"""Commands by name, keys of one's own, focus that can be seen."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from cxr_desktop.domain import Window
from cxr_desktop.ui.actions import ACTIONS
from cxr_desktop.ui.dialogs.palette import found
from cxr_desktop.ui.fuzzy import fit
from cxr_desktop.ui.keymap import KeyMap
from cxr_desktop.ui.settings import Settings
from cxr_desktop.ui.viewer.view_transform import Turn
from cxr_desktop.ui.viewer.viewer_model import ToolKind

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_no_two_actions_of_the_table_share_a_key_and_digits_are_free():
    keys = [QKeySequence(key).toString() for spec in ACTIONS for key in spec.keys]
    assert len(keys) == len(set(keys))
    tool_keys = {key for spec in ACTIONS if spec.menu in ("&View", "&Tools", "&Measure") for key in spec.keys}
    assert not tool_keys & set("123456789")


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("rot r", "rotate-right"),
        ("ruler", "tool-length"),
        ("inv", "invert"),
        ("cardio", "tool-cardiothoracic"),
    ],
)
def test_a_few_letters_find_a_command(query, first):
    ids = [spec.id for spec in found(query)]
    assert ids[0] == first


def test_fitting_prefers_word_starts_and_refuses_other_orders():
    assert fit("zi", "Zoom in") > fit("zi", "Size it")
    assert fit("zz", "Zoom in") is None
    assert fit("nioz", "Zoom in") is None
    assert fit("", "anything") == 0


def test_the_palette_runs_a_command_from_the_keyboard(hand):
    hand.key(Qt.Key.Key_K, CONTROL)
    query = hand.find("paletteQuery")
    QTest.keyClicks(query, "rotate r")
    QTest.keyClick(query, Qt.Key.Key_Return)
    assert hand.parts.viewer.view.turn == Turn(1)


def test_the_palette_steps_with_the_arrows_and_does_not_run_what_makes_no_sense(hand):
    hand.key(Qt.Key.Key_P, CONTROL | SHIFT)
    query, listed = hand.find("paletteQuery"), hand.find("paletteList")
    QTest.keyClicks(query, "delete")
    assert listed.currentItem().text(0) == "Delete"
    QTest.keyClick(query, Qt.Key.Key_Return)
    assert hand.find("palette").isVisible(), "nothing is selected, so nothing was run"
    query.clear()
    QTest.keyClick(query, Qt.Key.Key_Down)
    assert listed.currentIndex().row() == 1
    QTest.keyClick(query, Qt.Key.Key_Escape)
    hand.until(lambda: hand.window.findChild(QWidget, "palette") is None)


def open_keys(hand):
    hand.parts.keymap.restore()
    next(a for a in hand.window.findChildren(object, "action:shortcuts")).trigger()
    return hand.find("shortcutList")


def choose(listed, text):
    for row in range(listed.topLevelItemCount()):
        item = listed.topLevelItem(row)
        if item.text(0) == text:
            listed.setCurrentItem(item)
            return item
    raise AssertionError(text)


def test_a_key_is_given_to_another_action_and_remembered(hand, make_hand, tmp_path):
    listed = open_keys(hand)
    choose(listed, "Pan")
    edit = hand.find("shortcutKey")
    edit.setKeySequence(QKeySequence("I"))
    assert "'Invert'" in hand.find("shortcutNote").text()
    hand.qtbot.mouseClick(hand.find("shortcutAssign"), Qt.MouseButton.LeftButton)
    hand.find("shortcutsDialog").reject()
    before = hand.parts.viewer.presentation
    hand.key(Qt.Key.Key_I)
    assert hand.parts.viewer.tool is ToolKind.PAN
    assert hand.parts.viewer.presentation == before
    saved = json.loads((tmp_path / "data" / "settings.json").read_text())
    assert saved["shortcuts"] == {"invert": [], "tool-pan": ["I"]}
    hand.window.close()
    again = make_hand()
    again.start()
    again.open("1.dcm")
    again.key(Qt.Key.Key_I)
    assert again.parts.viewer.tool is ToolKind.PAN
    again.parts.keymap.restore()
    again.key(Qt.Key.Key_I)
    assert again.parts.viewer.presentation.inverted


@pytest.mark.parametrize(
    ("chosen", "keys"),
    [
        # a key that a newer version gives to an action of its own stays with the one it was given to
        ({"tool-pan": ["Q"]}, {"tool-pan": ("Q",), "lung-window": ()}),
        ({"tool-pan": ["F9"], "tool-zoom": ["F9"]}, {"tool-pan": ("F9",), "tool-zoom": ()}),
        ({"tool-pan": ["H"], "tool-zoom": ["F9"]}, {"tool-pan": (), "tool-zoom": ("F9",)}),
    ],
)
def test_kept_keys_never_leave_two_actions_with_one(tmp_path, chosen, keys):
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"shortcuts": chosen}))
    keymap = KeyMap(Settings(file))
    specs = {spec.id: spec for spec in ACTIONS}
    assert {action: keymap.keys(specs[action]) for action in keys} == keys


def test_a_held_key_cannot_be_given_away(hand):
    choose(open_keys(hand), "Pan")
    hand.find("shortcutKey").setKeySequence(QKeySequence("H"))
    assert "while it is held" in hand.find("shortcutNote").text()
    assert not hand.find("shortcutAssign").isEnabled()


def test_the_canvas_shows_that_it_has_the_focus(hand):
    hand.canvas.setFocus()
    focused = hand.canvas.grab().toImage().pixelColor(0, 300)
    hand.find("studySearch").setFocus()
    QApplication.processEvents()
    assert hand.canvas.grab().toImage().pixelColor(0, 300) != focused


def test_a_held_key_magnifies_what_lies_under_the_mouse_without_marks(hand):
    hand.parts.viewer.set_voi(Window(2200, 4500))
    at = hand.at(260, 200)
    hand.move(at, Qt.MouseButton.NoButton)
    plain = grabbed(hand)
    QTest.keyPress(hand.canvas, Qt.Key.Key_X)
    lens = grabbed(hand)
    expected = hand.parts.session.image.radiograph.display(Window(2200, 4500))
    for dx, dy in ((0, 0), (60, -40), (-70, 50)):
        x, y = hand.parts.viewer.view.to_image(at.x() + dx / 3 + 0.5, at.y() + dy / 3 + 0.5)
        shown = lens[at.y() + dy, at.x() + dx].astype(int)
        assert np.ptp(shown) == 0, "no colour of the map"
        assert shown[0] == pytest.approx(int(expected[int(y), int(x)]), abs=2)
    far = hand.at(20, 20)
    assert np.array_equal(lens[far.y(), far.x()], plain[far.y(), far.x()])
    QTest.keyRelease(hand.canvas, Qt.Key.Key_X)
    assert np.array_equal(grabbed(hand), plain)


def grabbed(hand) -> np.ndarray:
    image = QImage(hand.canvas.size(), QImage.Format.Format_RGB888)
    hand.canvas.render(image)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def test_the_wheel_with_ctrl_goes_to_the_next_image_by_notches(make_hand):
    hand = make_hand()
    hand.start()
    hand.open("1.dcm", "2.dcm", "3.dcm")
    hand.until(lambda: len(hand.parts.studies.headers) == 3)
    scale = hand.parts.viewer.view.scale

    def turn(angle):
        at = QPointF(300, 300)
        event = QWheelEvent(
            at, QPointF(hand.canvas.mapToGlobal(at)), QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton,
            CONTROL, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(hand.canvas, event)

    def name():
        return hand.parts.session.image.radiograph.header.path.name

    assert name() == "1.dcm"
    turn(-60)
    turn(-60)
    hand.until(lambda: name() == "2.dcm")
    turn(120)
    hand.until(lambda: name() == "1.dcm")
    assert hand.parts.viewer.view.scale == scale
