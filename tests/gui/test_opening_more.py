"""What is opened while another image is on the canvas, and what cannot be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest

from cxr_desktop.ui.panels.study_list_model import ImageEntry, person


def path_shown(hand) -> str:
    image = hand.parts.session.image
    return image.radiograph.header.path.name if image else ""


def test_what_is_opened_comes_on_the_canvas_whatever_was_there(hand):
    hand.parts.opening.open_paths([Path("refused.txt"), Path("3.dcm"), Path("2.dcm")])
    hand.until(lambda: path_shown(hand) == "3.dcm")
    assert hand.find("studyList").currentIndex().data() == "DX PA"


def test_what_is_opened_again_comes_back(hand):
    hand.open("2.dcm")
    hand.until(lambda: path_shown(hand) == "2.dcm")
    hand.parts.opening.open_paths([Path("1.dcm")])
    hand.until(lambda: path_shown(hand) == "1.dcm")


def test_a_search_does_not_hide_what_is_opened(hand):
    QTest.keyClicks(hand.find("studySearch"), "P1")
    hand.parts.opening.open_paths([Path("2.dcm")])
    hand.until(lambda: path_shown(hand) == "2.dcm")
    assert hand.find("studySearch").text() == ""


def test_what_others_list_leaves_the_image(hand):
    hand.parts.opening.open_paths([Path("2.dcm")], show=False)
    hand.until(lambda: len(hand.parts.studies.headers) == 2)
    assert path_shown(hand) == "1.dcm"


def test_a_folder_without_an_image_is_told(hand):
    hand.engine.find = lambda paths, progress, unpack: iter(())
    hand.parts.opening.open_paths([Path("holiday")])
    hand.until(lambda: "no image" in hand.window.statusBar().currentMessage())
    assert "holiday" in hand.window.statusBar().currentMessage()


def test_nothing_of_the_last_image_stays_where_the_next_cannot_be_read(hand):
    hand.move(hand.at(200, 200), Qt.MouseButton.NoButton)
    assert hand.find("probe").text()
    hand.canvas.setFocus()
    hand.parts.opening.open_paths([Path("broken.dcm")])
    hand.until(lambda: "end too early" in hand.find("invitation").text())
    assert [hand.find(name).text() for name in ("probe", "window", "zoom")] == ["", "", ""]
    assert hand.find("grayPreset").placeholderText() == ""
    assert hand.find("studyList").hasFocus()


def test_the_reason_in_the_list_does_without_the_path(hand):
    hand.parts.studies.refuse(Path("1.dcm"), "1.dcm: the pixel data end too early.")
    entry = next(e for e in hand.parts.studies.entries if isinstance(e, ImageEntry))
    assert entry.reason == "The pixel data end too early."


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
def test_a_thumbnail_has_the_true_shape(make_hand, engine, aspect):
    read = engine.read
    engine.read = lambda path, frame=0: replace(read(path, frame), pixel_aspect=aspect)
    hand = make_hand()
    hand.open("1.dcm")
    hand.until(lambda: hand.parts.studies.thumbnail(Path("1.dcm")) is not None)
    height, width = hand.parts.studies.thumbnail(Path("1.dcm")).shape
    assert height / width == pytest.approx(aspect * 400 / 500, rel=0.03)


def test_a_name_in_its_own_characters_is_shown_and_found(hand):
    assert person("Yamada^Tarou=山田^太郎=やまだ^たろう") == "Yamada, Tarou  山田 太郎"
    assert person("=山田^太郎") == "山田 太郎"
    assert person("Doe^Jane") == "Doe, Jane"


def test_the_picture_is_painted_before_buttons_and_panels_follow_it(hand):
    """Who waits for an image looks at the image; the rest takes as long again."""
    order: list[str] = []

    class Painted(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint and hand.parts.session.passing is not None:
                order.append("picture")
            return False

    watching = Painted()
    hand.canvas.installEventFilter(watching)
    for action in hand.window.findChildren(QAction):
        action.changed.connect(lambda: order.append("button"))
    hand.open("2.dcm")
    hand.until(lambda: path_shown(hand) == "2.dcm")
    assert order[0] == "picture"
    assert "button" in order
