"""The study list: what it shows, what it refuses, and moving about in it."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Semaphore

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cxr_desktop.app import WORKERS
from cxr_desktop.domain import InstanceHeader
from cxr_desktop.ui.panels.study_list_model import ImageEntry, RefusalEntry, StudyEntry, StudyListModel


def test_before_anything_is_open_the_window_says_what_to_do(make_hand):
    hand = make_hand()
    assert hand.find("emptyState").isVisible()
    assert "Ctrl+O" in hand.find("invitation").text()
    assert hand.find("disclaimer").text() == "Not for diagnostic use"


def test_refused_files_are_listed_with_their_reason_beside_the_others(make_hand):
    hand = make_hand()
    hand.open("1.dcm", "refused.txt", "2.dcm")
    hand.until(lambda: len(hand.parts.studies.entries) == 5)
    (refused,) = [entry for entry in hand.parts.studies.entries if isinstance(entry, RefusalEntry)]
    assert refused.title == "refused.txt"
    assert "Choose a radiograph" in refused.file.reason
    first = hand.parts.studies.entries[0]
    assert isinstance(first, StudyEntry)
    assert (first.title, first.subtitle) == ("Doe, Jane 1", "P1 · 2024-01-31")


def test_an_image_that_cannot_be_read_says_why_in_the_list_and_in_the_middle(make_hand):
    hand = make_hand()
    hand.parts.opening.open_paths([Path("broken.dcm")])
    hand.until(lambda: any(isinstance(e, ImageEntry) and e.reason for e in hand.parts.studies.entries))
    hand.until(lambda: "end too early" in hand.find("invitation").text())
    assert hand.parts.session.image is None


def test_search_keeps_what_matches_every_word(make_hand):
    hand = make_hand()
    hand.open("1.dcm", "2.dcm")
    hand.until(lambda: len(hand.parts.studies.headers) == 2)
    QTest.keyClicks(hand.find("studySearch"), "doe 2024-01 P2")
    assert [header.path.name for header in hand.parts.studies.headers] == ["2.dcm"]
    hand.find("studySearch").clear()
    assert len(hand.parts.studies.headers) == 2


@pytest.mark.parametrize("query", ["muller jose", "Müller", "MÜLLER", "müller^josé", "ACC-77", "20240131"])
def test_search_finds_names_without_their_accents_and_the_accession_number(query):
    model = StudyListModel()
    decomposed = "Mu\u0308ller^José"
    headers = [
        InstanceHeader(
            Path("a.dcm"), patient_name=decomposed, accession_number="ACC-77", study_date="20240131"
        ),
        InstanceHeader(Path("b.dcm"), patient_name="Miller^Joe", accession_number="ACC-78"),
    ]
    model.add(headers)
    model.search(query)
    assert model.headers == (headers[0],)


@pytest.mark.parametrize(
    ("name", "query"), [("Sørensen", "sorensen"), ("Łukasz", "lukasz"), ("Groß", "gross")]
)
def test_letters_with_strokes_are_found_by_plain_ones(name, query):
    model = StudyListModel()
    model.add([InstanceHeader(Path("a.dcm"), patient_name=name)])
    model.search(query)
    assert len(model.headers) == 1


def test_brackets_step_through_the_images(make_hand):
    hand = make_hand()
    hand.open("1.dcm", "2.dcm", "3.dcm")
    hand.until(lambda: len(hand.parts.studies.headers) == 3)
    right, left = Qt.Key.Key_BracketRight, Qt.Key.Key_BracketLeft
    for key, name in ((right, "2.dcm"), (right, "3.dcm"), (left, "2.dcm")):
        hand.key(key)
        hand.until(lambda name=name: hand.parts.session.image.radiograph.header.path.name == name)


def test_thumbnails_are_made_for_rows_on_screen(make_hand):
    hand = make_hand()
    hand.open("1.dcm")
    hand.until(lambda: hand.parts.studies.thumbnail(Path("1.dcm")) is not None)
    assert hand.parts.studies.thumbnail(Path("1.dcm")).shape[0] <= 400


def test_files_dropped_on_the_window_are_opened(make_hand):
    hand = make_hand()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/images/7.dcm")])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entered = QDragEnterEvent(QPoint(50, 50), *how)
    QApplication.sendEvent(hand.window, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(hand.window, QDropEvent(QPointF(50, 50), *how))
    hand.until(lambda: hand.parts.session.image is not None)
    assert hand.parts.session.image.radiograph.header.path.name == "7.dcm"


def test_what_lies_on_another_computer_is_not_dropped_without_a_word(make_hand):
    hand = make_hand()
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/7.dcm")])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(hand.window, QDragEnterEvent(QPoint(50, 50), *how))
    QApplication.sendEvent(hand.window, QDropEvent(QPointF(50, 50), *how))
    assert "files and folders of this computer" in hand.window.statusBar().currentMessage()


def test_a_box_file_gives_reference_boxes_and_their_overlap(make_hand):
    hand = make_hand()
    hand.start()
    hand.open("1.dcm")
    hand.parts.opening.open_paths([Path("boxes.csv")])
    hand.until(lambda: hand.parts.session.references != () and hand.parts.session.cut is not None)
    table = hand.find("overlaps")
    assert table.item(0, 0).text() == "NIH 1"
    # 100 x 80 in common of 100 x 100 and 120 x 100: the network's box ends at y = 180.
    assert table.item(0, 2).text() == f"{100 * 90 / (10000 + 12000 - 9000):.2f}"


def test_an_image_is_opened_while_all_other_work_is_under_way(make_hand):
    hand = make_hand()
    free, busy = Event(), Semaphore(0)

    def work(_context, _request):
        busy.release()
        free.wait(10)

    for number in range(WORKERS):
        hand.parts.bridge.submit(f"{number}", work, lambda _: None, lambda _: None)
    for _ in range(WORKERS):
        assert busy.acquire(timeout=10)
    hand.parts.opening.open_image(InstanceHeader(Path("1.dcm")))
    hand.until(lambda: hand.parts.session.shown is not None)
    free.set()
    hand.until(lambda: hand.parts.session.image is not None)
