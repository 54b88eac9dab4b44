"""The library in the window: studies come back at the next start, missing files are said, one can be forgotten."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QMenu

from cxr_desktop.library import ReadingStore, broken_links
from cxr_desktop.ui.earlier_studies import GONE
from cxr_desktop.ui.engine import ExportRequest
from cxr_desktop.ui.local_engine import LocalEngine
from cxr_desktop.ui.panels.study_list_model import ImageEntry


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = [tmp_path / "images" / name for name in ("1.dcm", "2.dcm", "3.dcm")]
    made[0].parent.mkdir()
    for path in made:
        path.write_bytes(b"invented")
    return made


def names(hand) -> list[str]:
    return [header.path.name for header in hand.parts.studies.headers]


def begin_again(hand, make_hand):
    """Close the window and start the program anew, without a path."""
    hand.window.close()
    again = make_hand()
    again.parts.earlier.load()
    return again


def look_at(hand, path: Path) -> None:
    hand.find("studyList").setCurrentIndex(hand.parts.studies.index(hand.parts.studies.row_of(path)))
    hand.until(lambda: hand.parts.session.image is not None)
    hand.until(lambda: hand.parts.session.image.radiograph.header.path == path and hand.parts.reading.ready)


def test_studies_that_were_looked_at_are_listed_at_the_next_start(make_hand, files):
    hand = make_hand()
    hand.open(*map(str, files))
    hand.until(lambda: len(names(hand)) == 3)
    look_at(hand, files[2])
    again = begin_again(hand, make_hand)
    again.until(lambda: names(again) == ["3.dcm", "1.dcm"])  # the last first; '2.dcm' was never looked at
    assert again.parts.session.image is None
    assert again.find("emptyState").isVisible()
    look_at(again, files[0])


def test_what_is_opened_is_shown_even_where_earlier_studies_are_listed(make_hand, files):
    hand = make_hand()
    hand.open(str(files[0]))
    again = begin_again(hand, make_hand)
    again.until(lambda: names(again) == ["1.dcm"])
    again.open(str(files[1]))
    assert again.parts.session.image.radiograph.header.path == files[1]


def test_a_missing_file_is_said_and_is_well_again_when_found(make_hand, files):
    hand = make_hand()
    hand.open(str(files[0]))
    files[0].unlink()
    again = begin_again(hand, make_hand)
    again.until(lambda: names(again) == ["1.dcm"])
    entry = next(entry for entry in again.parts.studies.entries if isinstance(entry, ImageEntry))
    assert entry.reason == GONE
    files[0].write_bytes(b"invented")
    again.open(str(files[0]))
    entry = next(entry for entry in again.parts.studies.entries if isinstance(entry, ImageEntry))
    assert entry.reason == ""


def test_a_study_is_removed_by_its_menu_and_stays_removed(make_hand, files, tmp_path):
    hand = make_hand()
    hand.open(*map(str, files[:2]))
    hand.until(lambda: len(names(hand)) == 2)
    look_at(hand, files[1])
    view = hand.find("studyList")
    row = view.visualRect(hand.parts.studies.index(hand.parts.studies.row_of(files[0]))).center()
    view.customContextMenuRequested.emit(QPoint(row))
    menu = view.findChild(QMenu, "studyMenu")
    (remove,) = menu.actions()
    assert remove.text() == "Remove study from library"
    remove.trigger()
    menu.close()
    assert names(hand) == ["2.dcm"]
    again = begin_again(hand, make_hand)
    again.until(lambda: names(again) == ["2.dcm"])
    assert files[0].exists()
    held = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("readings*"))
    assert b"Jane 1" not in held
    QApplication.processEvents()


def test_an_export_of_the_window_is_an_entry_of_the_trail(tmp_path):
    from cxr_desktop.classifiers import load_model
    from cxr_desktop.cohort.case import CaseRequest, analyze_radiograph
    from cxr_desktop.dicom import read_radiograph
    from cxr_desktop.resources import resource

    radiograph = read_radiograph(resource("demo", "study", "two.dcm"))
    analysis = analyze_radiograph(radiograph, load_model("demo", "cpu"), CaseRequest(methods=("gradcam",)))
    request = ExportRequest(
        radiograph,
        analysis.prediction,
        analysis.maps,
        {},
        (),
        (),
        ("json",),
        tmp_path / "out",
        reader="Dr. A",
    )
    files = LocalEngine("cpu", data=tmp_path / "data").export(request, lambda _share: None)
    assert [path.name for path in files] == ["two.json", "two.gradcam.npy", "two.manifest"]
    with closing(ReadingStore(tmp_path / "data")) as store:
        (entry,) = store.trail.entries()
    assert broken_links([entry]) == ()
    assert entry.entry["reader"] == "Dr. A"
    assert entry.entry["image_sha256"] == radiograph.sha256
    assert radiograph.header.patient_name not in str(entry)
