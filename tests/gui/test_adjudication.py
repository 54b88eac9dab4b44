"""What two readers differ on, decided with one key each; the answers are a reading of their own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cxr_desktop.domain import Box, Decision, ReadingState
from cxr_desktop.library import AddBox, Commit, ReadingStore, StoredEvent
from cxr_desktop.library.reader_table import adjudicated_boxes, read_images, reader_boxes

SHARED, NEAR = Box(20, 20, 60, 60, "Mass"), Box(24, 20, 60, 60, "Mass")
ONLY_A, ONLY_B = Box(150, 20, 50, 50, "Nodule"), Box(300, 20, 50, 50, "Nodule")
FAR = Box(400, 300, 50, 50, "Nodule")
NAMED_A, NAMED_B = Box(20, 200, 50, 50, "Effusion"), Box(20, 200, 50, 50, "Mass")
ADJUDICATOR = "reader A (adjudication)"


def read_by(folder, reader, *boxes, image="sha of 1.dcm"):
    with closing(ReadingStore(folder)) as store:
        for event in (*map(AddBox, boxes), Commit()):
            store.append(StoredEvent(image, reader, event))


@pytest.fixture
def judge(hand, tmp_path):
    """The window on '1.dcm' with two readers compared; the adjudication has begun."""
    read_by(tmp_path / "data", "B", SHARED, ONLY_A, NAMED_A)
    read_by(tmp_path / "data", "C", NEAR, ONLY_B, NAMED_B)
    hand.key(Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    hand.until(lambda: {"B", "C"} <= {source.title for source in hand.parts.comparing.sources})
    hand.parts.comparing.choose("reader:B", "reader:C")
    dialog = hand.find("readersDialog")
    hand.activate(dialog)
    QTest.mouseClick(hand.find("adjudicate"), Qt.MouseButton.LeftButton)
    hand.until(lambda: "1 of 3" in hand.find("adjudicationQuestion").text())
    return hand


def press(hand, key):
    QTest.keyClick(hand.find("readersDialog"), key)


def test_a_case_is_adjudicated_with_one_key_a_question(judge, tmp_path):
    assert [(box.x, box.label) for box in judge.boxes] == [(22, "Mass")], "what both see is taken over"
    assert judge.find("adjudicationQuestion").text() == "1 of 3.  A: Nodule · B: nothing"
    press(judge, Qt.Key.Key_A)
    assert judge.find("adjudicationQuestion").text() == "2 of 3.  A: Effusion · B: Mass, IoU 1.00"
    press(judge, Qt.Key.Key_B)
    assert judge.find("adjudicationQuestion").text() == "3 of 3.  A: nothing · B: Nodule"
    press(judge, Qt.Key.Key_0)
    assert judge.find("adjudicationQuestion").text() == "All 3 decided. Commit the reading to lock it."
    QTest.mouseClick(judge.find("adjudicationCommit"), Qt.MouseButton.LeftButton)
    judge.until(lambda: judge.parts.reading.kept)
    assert judge.find("readingState").text() == "Adjudicated"
    judge.window.close()
    with closing(ReadingStore(tmp_path / "data")) as store:
        history = store.history("sha of 1.dcm", ADJUDICATOR)
        images = read_images(store)
    assert history.state is ReadingState.ADJUDICATED
    decisions = [one.decision for one in history.present.settlements]
    assert decisions == [Decision.AGREED, Decision.FIRST, Decision.SECOND, Decision.NEITHER]
    assert history.present.settlements[1].between == ("B", "C")
    assert [box.label for box in history.present.boxes] == ["Mass", "Nodule", "Mass"]
    (boxes,) = reader_boxes(images).values()
    assert set(boxes) == {"B", "C"}, "an adjudicator is no third reader"
    (settled,) = adjudicated_boxes(images).values()
    assert list(settled) == [ADJUDICATOR]


def test_both_and_undo_and_the_own_reading_untouched(judge):
    press(judge, Qt.Key.Key_2)
    assert len(judge.boxes) == 2
    QTest.keyClick(judge.find("readersDialog"), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(judge.boxes) == 1
    assert judge.find("adjudicationQuestion").text().startswith("1 of 3")
    QTest.mouseClick(judge.find("adjudicationEnd"), Qt.MouseButton.LeftButton)
    judge.until(lambda: judge.parts.reading.ready)
    assert (judge.parts.reading.reader, judge.boxes) == ("reader A", ())


def test_a_redrawn_box_is_drawn_on_the_image(judge):
    press(judge, Qt.Key.Key_R)
    judge.drag(judge.at(160, 40), judge.at(260, 120))
    assert [round(box.x) for box in judge.boxes] == [22, 160]
    assert judge.parts.reading.history.present.settlements[-1].decision is Decision.REDRAWN


def test_an_adjudication_goes_on_after_a_restart(judge, make_hand):
    press(judge, Qt.Key.Key_A)
    judge.window.close()
    again = make_hand()
    again.start()
    again.open("1.dcm")
    again.key(Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    again.until(lambda: {"B", "C"} <= {source.title for source in again.parts.comparing.sources})
    again.parts.comparing.choose("reader:B", "reader:C")
    QTest.mouseClick(again.find("adjudicate"), Qt.MouseButton.LeftButton)
    again.until(lambda: "2 of 3" in again.find("adjudicationQuestion").text())
    assert len(again.boxes) == 2


def test_the_network_is_no_reader_to_decide_about(judge):
    QTest.mouseClick(judge.find("adjudicationEnd"), Qt.MouseButton.LeftButton)
    judge.until(lambda: judge.parts.reading.ready)
    judge.parts.comparing.choose("reader:B", "network")
    assert not judge.find("adjudicate").isEnabled()


def test_the_next_image_has_questions_of_its_own(judge, tmp_path):
    read_by(tmp_path / "data", "B", ONLY_B, image="sha of 2.dcm")
    read_by(tmp_path / "data", "C", FAR, image="sha of 2.dcm")
    judge.parts.opening.open_paths([Path("2.dcm")])
    judge.until(lambda: len(judge.parts.studies.headers) == 2)
    judge.find("studyList").setCurrentIndex(
        judge.parts.studies.index(judge.parts.studies.row_of(Path("2.dcm")))
    )
    judge.until(lambda: "1 of 2" in judge.find("adjudicationQuestion").text())
    assert judge.boxes == (), "what B and C saw on the first image stays there"
    assert judge.parts.reading.reader == ADJUDICATOR
    press(judge, Qt.Key.Key_A)
    press(judge, Qt.Key.Key_B)
    assert [(box.x, box.y) for box in judge.boxes] == [(ONLY_B.x, ONLY_B.y), (FAR.x, FAR.y)]
