"""The maps of all methods side by side: by keys as by mouse, in their true shape."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cxr_desktop.domain.errors import AttributionError
from cxr_desktop.ui.panels.method_grid import COLUMNS, MapTile


@pytest.fixture
def tiles(hand):
    hand.window.findChild(object, "action:compare").trigger()
    return hand.find("methodsDialog")


def reached_by_tab(dialog):
    """What takes the focus in turn, whether or not the dialog is the active window just now."""
    one, found = dialog.nextInFocusChain(), []
    while one is not dialog:
        if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isEnabled() and one.isVisibleTo(dialog):
            found.append(one)
        one = one.nextInFocusChain()
    return found


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_a_map_is_chosen_by_keys(hand, tiles, key):
    tile = tiles.findChild(MapTile, "tile:gradcam")
    assert tile in reached_by_tab(tiles)
    tile.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(tile, key)
    assert hand.parts.heatmap.method == "gradcam"
    assert not tiles.isVisible()


def test_a_map_that_cannot_be_made_says_why_in_its_place(hand, tiles, monkeypatch):
    explain = hand.engine.explain

    def refuses(model, radiograph, method, *rest):
        if method == "gradcam":
            raise AttributionError("this network has no feature maps; saliency works.")
        return explain(model, radiograph, method, *rest)

    monkeypatch.setattr(hand.engine, "explain", refuses)
    tile = tiles.findChild(MapTile, "tile:gradcam")
    before = tile.grab().toImage()
    hand.find("computeAll").click()
    hand.until(lambda: "no feature maps" in tile.toolTip())
    assert tile.grab().toImage() != before
    monkeypatch.setattr(hand.engine, "explain", explain)
    hand.find("computeAll").click()
    hand.until(lambda: tile.refusal == "")


def test_a_press_that_is_carried_off_the_map_chooses_nothing(hand, tiles):
    tile = tiles.findChild(MapTile, "tile:gradcam")
    QTest.mousePress(tile, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    QTest.mouseRelease(tile, Qt.MouseButton.LeftButton, pos=QPoint(-40, 20))
    QTest.mouseClick(tile, Qt.MouseButton.RightButton, pos=QPoint(20, 20))
    assert tiles.isVisible()
    assert hand.parts.heatmap.method == "rap"


def test_as_many_maps_in_a_row_as_the_dialog_is_made_for(tiles):
    assert tiles.findChild(object, "methodGrid").columns == COLUMNS


def test_pixels_that_are_not_square_are_shown_as_they_are(hand, tiles):
    image = hand.parts.session.image
    hand.parts.session.set_image(replace(image, radiograph=replace(image.radiograph, pixel_aspect=2.0)))
    target = tiles.findChild(MapTile, "tile:gradcam").target
    assert target.height() / target.width() == pytest.approx(
        2 * image.radiograph.rows / image.radiograph.columns, rel=0.02
    )
