"""Inside the network: layer, units, map, walked by mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cxr_desktop.ui.dialogs.units import UnitsDialog
from cxr_desktop.ui.engine import MethodChoice


@pytest.fixture
def walk(hand):
    """The dialog, opened by its key, with the first unit's map on show."""
    hand.key(Qt.Key.Key_U)
    hand.until(lambda: hand.find("unitsShow").isEnabled())
    yield hand
    for dialog in hand.window.findChildren(UnitsDialog):
        dialog.reject()


def names(layers) -> list[str]:
    return [layers.item(row).data(Qt.ItemDataRole.UserRole).layer for row in range(layers.count())]


def channels(tiles) -> list[int]:
    return [tiles.item(row).data(Qt.ItemDataRole.UserRole).channel for row in range(tiles.count())]


def test_it_opens_on_the_deepest_layer_and_its_strongest_unit(walk):
    assert names(walk.find("unitLayers")) == ["fc", "conv2", "conv1"]
    assert walk.find("unitLayers").currentRow() == 1
    assert channels(walk.find("unitTiles")) == [1, 0, 3, 2]
    assert walk.engine.through == [("rap", "conv2", (1,))]
    assert walk.find("unitsHeading").text() == "Unit 1 of conv2"
    assert "50.0% of the layer's relevance" in walk.find("unitsSentence").text()
    assert walk.find("unitPicture").accessibleName() == "Map of Unit 1 of conv2"
    assert "Not for diagnostic use" in walk.find("unitsDisclaimer").text()


def test_the_keys_walk_from_unit_to_unit_and_from_layer_to_layer(walk):
    tiles, layers = walk.find("unitTiles"), walk.find("unitLayers")
    tiles.setFocus()
    QTest.keyClick(tiles, Qt.Key.Key_Right)
    walk.until(lambda: walk.engine.through[-1] == ("rap", "conv2", (0,)))
    layers.setFocus()
    QTest.keyClick(layers, Qt.Key.Key_Down)
    walk.until(lambda: walk.engine.through[-1] == ("rap", "conv1", (0,)))
    assert channels(tiles) == [0, 2, 1]
    QTest.keyClick(layers, Qt.Key.Key_Home)
    walk.until(lambda: walk.engine.through[-1] == ("rap", "fc", (0,)))
    assert "keeps no place" in walk.find("unitsEmpty").text()


def test_several_units_are_one_concept(walk):
    tiles = walk.find("unitTiles")
    place = tiles.visualItemRect(tiles.item(3)).center()
    QTest.mouseClick(tiles.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, place)
    walk.until(lambda: walk.engine.through[-1] == ("rap", "conv2", (1, 2)))
    assert walk.find("unitsHeading").text() == "Units 1 and 2 of conv2"
    assert "speak for" in walk.find("unitsSentence").text()


def test_a_map_computed_before_comes_back_at_once(walk):
    tiles = walk.find("unitTiles")
    QTest.keyClick(tiles, Qt.Key.Key_Right)
    walk.until(lambda: len(walk.engine.through) == 2 and walk.find("unitsShow").isEnabled())
    QTest.keyClick(tiles, Qt.Key.Key_Left)
    assert walk.find("unitsShow").isEnabled()
    assert len(walk.engine.through) == 2


def test_the_map_goes_to_the_viewer_and_the_whole_one_comes_back(walk):
    whole = walk.parts.session.heat
    walk.qtbot.mouseClick(walk.find("unitsShow"), Qt.MouseButton.LeftButton)
    shown = walk.parts.session.heat
    assert shown.source.parameters["through"] == ("conv2", (1,))
    walk.until(lambda: walk.parts.session.cut is not None)
    walk.qtbot.mouseClick(walk.find("wholeMap"), Qt.MouseButton.LeftButton)
    assert walk.parts.session.heat is whole
    assert not walk.find("wholeMap").isVisible()


def test_cancel_ends_the_work_and_says_so(hand):
    hand.engine.hold.clear()
    hand.key(Qt.Key.Key_U)
    hand.until(lambda: hand.find("unitsProgress").value() == 500)
    hand.qtbot.mouseClick(hand.find("unitsCancel"), Qt.MouseButton.LeftButton)
    assert "Stopped" in hand.find("unitsProblem").text()
    assert hand.find("unitLayers").count() == 0
    assert not hand.find("unitsShow").isEnabled()
    hand.engine.hold.set()
    hand.find("unitsDialog").reject()
    assert hand.engine.through == []


def test_what_fails_is_told_and_nothing_old_stays(make_hand, engine, monkeypatch):
    choices = (MethodChoice("rap", "RAP", "propagation"), MethodChoice("broken", "Broken", "propagation"))
    monkeypatch.setattr(engine, "methods", lambda: choices)
    hand = make_hand()
    hand.start()
    hand.open("1.dcm")
    hand.until(lambda: hand.parts.session.heat is not None)
    hand.key(Qt.Key.Key_U)
    hand.until(lambda: hand.find("unitsShow").isEnabled())
    method = hand.find("unitsMethod")
    method.setCurrentIndex(1)
    method.activated.emit(1)
    hand.until(lambda: "no rule for cumsum" in hand.find("unitsProblem").text())
    assert hand.find("unitTiles").count() == 0
    assert not hand.find("unitsShow").isEnabled()
    hand.find("unitsDialog").reject()


def test_methods_without_relevance_inside_are_not_offered(walk):
    method = walk.find("unitsMethod")
    assert [method.itemData(row) for row in range(method.count())] == ["rap"]
