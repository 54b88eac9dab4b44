"""Choosing and editing the label set of the number keys, by mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def open_hand(make_hand):
    hand = make_hand()
    hand.open("1.dcm")
    return hand


def draw_and_label(hand, key):
    hand.key(Qt.Key.Key_D)
    hand.drag(hand.at(50, 50), hand.at(120, 120))
    hand.key(key)
    return hand.boxes[-1].label


def dialog(hand):
    hand.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    hand.until(lambda: hand.window.findChild(QDialog, "labelSetsDialog") is not None)


def done(hand, button):
    hand.qtbot.mouseClick(hand.find(button), LEFT)
    hand.until(lambda: not hand.window.findChildren(QDialog, "labelSetsDialog"))
    hand.activate(hand.window)


def test_another_set_gives_the_number_keys_other_labels_and_is_kept(open_hand, make_hand):
    dialog(open_hand)
    choice = open_hand.find("labelSet")
    choice.setCurrentIndex(choice.findData("nih14"))
    assert open_hand.find("labels").item(0, 2).text(), "labels show their codes"
    done(open_hand, "labelUse")
    assert draw_and_label(open_hand, Qt.Key.Key_2) == "Cardiomegaly"
    assert open_hand.find("studyFinding").findText("Hernia") > 0
    open_hand.window.close()
    again = make_hand()
    again.open("1.dcm")
    again.until(lambda: bool(again.parts.labelling.sets))
    assert again.parts.reading.labels[0] == "Atelectasis"


def test_a_changed_set_becomes_one_of_ones_own(open_hand, tmp_path):
    dialog(open_hand)
    table = open_hand.find("labels")
    table.item(1, 1).setText("Kerley B lines")
    table.setCurrentCell(1, 1)
    open_hand.qtbot.mouseClick(open_hand.find("labelUp"), LEFT)
    open_hand.qtbot.mouseClick(open_hand.find("labelAdd"), LEFT)
    table.item(table.rowCount() - 1, 1).setText("Scar, old")
    open_hand.find("labelSetTitle").setText("Ward 7")
    done(open_hand, "labelUse")
    assert (tmp_path / "data" / "label-sets" / "ward-7.toml").is_file()
    assert draw_and_label(open_hand, Qt.Key.Key_1) == "Kerley B lines"
    assert open_hand.parts.reading.labels[-1] == "Scar, old"
    assert open_hand.parts.labelling.chosen == "ward-7"


def test_a_label_twice_is_refused_with_its_reason(open_hand):
    dialog(open_hand)
    open_hand.find("labels").item(1, 1).setText(open_hand.find("labels").item(0, 1).text())
    open_hand.qtbot.mouseClick(open_hand.find("labelUse"), LEFT)
    open_hand.until(lambda: "names a label twice" in open_hand.find("labelSetOutcome").text())
    open_hand.find("labelSetsDialog").reject()
    assert open_hand.parts.labelling.chosen == "common"
