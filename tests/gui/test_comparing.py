"""Two sources of boxes held against each other on the image, by mouse and keys."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cxr_desktop.domain import Box, Threshold, ThresholdKind
from cxr_desktop.library import AddBox, Commit, ReadingStore, StoredEvent
from cxr_desktop.localization.agreement import side_by_side
from cxr_desktop.ui.comparing import Look
from cxr_desktop.ui.comparing_sources import Part, cell, counted, marks, sources

ONE, NEAR, FAR = Box(0, 0, 10, 10, "Mass"), Box(0, 0, 10, 8, "Mass"), Box(50, 50, 10, 10)
B = (Box(100, 80, 120, 90, "Mass"), Box(300, 300, 50, 50, "Nodule"))


def read_by(hand, tmp_path, reader, *boxes):
    with closing(ReadingStore(tmp_path / "data")) as store:
        for event in (*map(AddBox, boxes), Commit()):
            store.append(StoredEvent("sha of 1.dcm", reader, event))


def compare(hand):
    hand.key(Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    return hand.find("readersDialog")


def choose(menu, title):
    menu.setFocus()
    while menu.currentText() != title:
        at = menu.currentIndex()
        QTest.keyClick(menu, Qt.Key.Key_Down if at < menu.findText(title) else Qt.Key.Key_Up)


@pytest.fixture
def both(hand, tmp_path):
    """The window on '1.dcm' with another reader's boxes, compared with the network's."""
    read_by(hand, tmp_path, "reader B", *B)
    compare(hand)
    hand.until(lambda: any(source.title == "reader B" for source in hand.parts.comparing.sources))
    choose(hand.find("firstSource"), "reader B")
    choose(hand.find("secondSource"), "Network")
    return hand


def test_sources_are_told_apart():
    reference = (Box(1, 1, 2, 2, source="NIH"), Box(1, 1, 2, 2))
    found = sources(("A", [ONE]), {"A": [FAR], "NIH": [NEAR]}, reference, ())
    assert [(s.key, s.title) for s in found] == [
        ("own", "A, you"),
        ("reader:NIH", "NIH"),
        ("reference:NIH", "NIH (reference)"),
        ("reference:", "Reference"),
        ("network", "Network"),
    ]


def test_every_box_is_matched_or_one_sides_alone():
    sides = side_by_side([ONE, FAR], [NEAR])
    assert [(mark.part, mark.second) for mark in marks(sides)] == [
        (Part.MATCHED, False),
        (Part.FIRST, False),
        (Part.MATCHED, True),
    ]
    assert marks(sides)[0].caption == "A Mass · IoU 0.80"
    assert counted(sides) == "1 matched, mean IoU 0.80 · 1 only in A · 0 only in B"
    assert cell(sides) == ("0.80", "1 of 2 boxes matched")
    assert (cell(side_by_side([], []))[0], cell(side_by_side([ONE], [FAR]))[0]) == ("–", "0")


def test_another_reader_against_the_network(both):
    assert both.find("comparisonOutcome").text() == "1 matched, mean IoU 0.90 · 1 only in A · 0 only in B"
    matrix = both.find("iouMatrix")
    assert [matrix.item(row, 0).text() for row in range(2)] == ["0.90", "0.00"]
    assert both.parts.reading.history.revealed, "another reader was seen before the own reading was committed"


def test_boxes_on_the_canvas_have_the_colour_of_their_part(both):
    picture = both.canvas.grab().toImage()
    for box, part in ((B[0], "#40c896"), (B[1], "#f0e442")):
        at = both.at(box.x, box.y + box.height / 2)
        around = {picture.pixelColor(at.x() + dx, at.y()).name() for dx in range(-2, 3)}
        assert part in around, part


def test_a_click_in_the_table_of_all_chooses_the_pair(both):
    table = both.find("allPairs")
    titles = [table.verticalHeaderItem(n).text()[3:] for n in range(table.rowCount())]
    row, column = titles.index("reader B"), titles.index("reader A, you")
    place = table.visualItemRect(table.item(row, column)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert both.find("secondSource").currentText() == "reader A, you"
    assert both.find("comparisonOutcome").text().startswith("0 matched · 2 only in A")


def test_where_there_is_but_one_source_it_is_not_held_against_itself(both):
    both.parts.session.set_heat(None)
    both.parts.session.set_references(())
    both.open("2.dcm")
    both.parts.session.set_heat(None)
    model = both.parts.comparing
    both.until(lambda: [source.key for source in model.sources] == ["own"])
    assert model.pair is None


def test_blink_and_swipe_show_one_side_at_a_time(both, qtbot):
    QTest.mouseClick(both.find("lookBlink"), Qt.MouseButton.LeftButton)
    model = both.parts.comparing
    with qtbot.waitSignal(model.look_changed, timeout=30_000):
        pass
    assert model.look is Look.BLINK
    QTest.mouseClick(both.find("lookSwipe"), Qt.MouseButton.LeftButton)
    slider = both.find("swipe")
    assert slider.isVisible()
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert model.swipe == 0
    picture = both.canvas.grab().toImage()
    at = both.at(B[1].x, B[1].y + B[1].height / 2)
    assert "#f0e442" not in {picture.pixelColor(at.x() + dx, at.y()).name() for dx in range(-2, 3)}


def test_the_threshold_is_dragged_on_the_curve(both):
    curve, model = both.find("iouCurve"), both.parts.comparing
    both.until(lambda: model.curve is not None)
    assert "Best box against reader B" in both.find("curveWords").text()
    boxes = np.zeros((400, 500), bool)
    for box in B:
        boxes[int(box.y) : int(box.bottom), int(box.x) : int(box.right)] = True
    above = np.zeros_like(boxes)
    above[80:180, 100:220] = True
    assert model.region_iou == pytest.approx((boxes & above).sum() / (boxes | above).sum(), abs=0.02)
    at = QPoint(round(curve.across(90)), curve.height() // 2)
    QTest.mouseClick(curve, Qt.MouseButton.LeftButton, pos=at)
    assert both.parts.heatmap.threshold == Threshold(ThresholdKind.PERCENTILE, 90)
    QTest.keyClick(curve, Qt.Key.Key_Right)
    assert both.parts.heatmap.threshold.value == 90.5
    QTest.mouseClick(both.find("useBest"), Qt.MouseButton.LeftButton)
    assert both.parts.heatmap.threshold.value == round(model.curve.best[0].value, 1)


def test_closing_it_shows_the_image_as_before(both):
    both.until(lambda: both.parts.comparing.active)
    QTest.mouseClick(both.find("readersClose"), Qt.MouseButton.LeftButton)
    assert not both.parts.comparing.active
    picture = both.canvas.grab().toImage()
    at = both.at(B[1].x, B[1].y + B[1].height / 2)
    assert "#f0e442" not in {picture.pixelColor(at.x() + dx, at.y()).name() for dx in range(-2, 3)}


def test_nobody_else_is_shown_while_the_image_is_veiled(make_hand, tmp_path):
    hand = make_hand()
    read_by(hand, tmp_path, "reader B", *B)
    hand.parts.first.set_on(True)
    hand.start()
    hand.open("1.dcm")
    compare(hand)
    assert [source.title for source in hand.parts.comparing.sources] == ["reader A, you"]
    hand.parts.first.commit()
    hand.until(lambda: len(hand.parts.comparing.sources) > 1)
    assert not hand.parts.reading.history.revealed


def test_a_matrix_that_nobody_could_read_is_not_shown(hand, tmp_path):
    read_by(hand, tmp_path, "reader B", *(Box(10 * n, 10, 8, 8, "Mass") for n in range(40)))
    read_by(hand, tmp_path, "reader C", *(Box(10 * n, 12, 8, 8, "Mass") for n in range(40)))
    compare(hand)
    hand.until(lambda: any(source.title == "reader C" for source in hand.parts.comparing.sources))
    hand.parts.comparing.choose("reader:reader B", "reader:reader C")
    assert hand.find("comparisonOutcome").text().startswith("40 matched, mean IoU 0.60")
    assert not hand.find("iouMatrix").isVisible()
