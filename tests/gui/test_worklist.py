"""The worklist: its filters counted by hand, then by mouse and keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from cxr_desktop.cohort.results import NetworkResult, read_results
from cxr_desktop.cohort.study_file import StudyFileError
from cxr_desktop.domain import Box, InstanceHeader
from cxr_desktop.library import AddBox, Commit, History
from cxr_desktop.ui.worklist import Choice, Filter, chosen, next_unread, work_cases

MASS, FAR = Box(0, 0, 10, 10, "Mass"), Box(50, 50, 10, 10, "Mass")


def history(reader, *boxes, commit=True):
    return History.replay(reader, [*map(AddBox, boxes), *([Commit()] if commit else [])])


def result(name, predicted, **said):
    return NetworkResult(name, "", "Lung Opacity", 0.9 if predicted else 0.1, predicted, **said)


def cases():
    images = {
        "agreed": {"A": history("A", MASS), "B": history("B", MASS)},
        "apart": {"A": history("A", MASS), "B": history("B", FAR)},
        "begun": {"A": history("A", MASS, commit=False)},
        "blank": {"A": history("A"), "B": history("B")},
        "new": {},
    }
    results = [
        result("agreed.png", True, wrong_reason=True),
        result("apart.png", False),
        result("blank.png", False),
    ]
    rows = [
        (InstanceHeader(Path(f"/x/{name}.png"), patient_id=f"P-{name}"), name, readings)
        for name, readings in images.items()
    ]
    return work_cases(rows, results)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Filter.ALL, ["agreed", "apart", "begun", "blank", "new"]),
        (Filter.UNREAD, ["new"]),
        (Filter.MINE, ["begun"]),
        (Filter.COMMITTED, ["agreed", "apart", "blank"]),
        (Filter.LOW_AGREEMENT, ["apart"]),
        (Filter.NETWORK_DISAGREES, ["apart"]),
        (Filter.WRONG_REASON, ["agreed"]),
    ],
)
def test_filters(wanted, names):
    assert [case.sha256 for case in chosen(cases(), Choice(wanted), "A")] == names


def test_agreement_labels_and_words():
    by_name = {case.sha256: case for case in cases()}
    assert [by_name[name].agreement for name in ("agreed", "apart", "begun", "blank")] == [1, 0, None, 1]
    assert by_name["agreed"].labels("A") == ("Lung Opacity", "Mass")
    assert [case.sha256 for case in chosen(cases(), Choice(label="Lung Opacity"), "A")] == ["agreed"]
    assert [case.sha256 for case in chosen(cases(), Choice(words="p-b"), "A")] == ["begun", "blank"]


@pytest.mark.parametrize("wanted", [Filter.LOW_AGREEMENT, Filter.NETWORK_DISAGREES, Filter.WRONG_REASON])
def test_blinded_nothing_is_told_of_a_case_before_it_is_read(wanted):
    assert chosen(cases(), Choice(wanted), "C", blinded=True) == ()
    assert len(chosen(cases(), Choice(wanted), "C")) == 1
    assert len(chosen(cases(), Choice(wanted), "A", blinded=True)) == 1
    assert cases()[0].labels("C", blinded=True) == ()


def test_the_next_unread_goes_round():
    found = cases()
    assert next_unread(found, "B").sha256 == "begun"
    assert next_unread(found, "B", Path("/x/begun.png")).sha256 == "new"
    assert next_unread(found, "B", Path("/x/new.png")).sha256 == "begun"
    assert next_unread(found, "A", Path("/x/new.png")) is None


def test_an_evaluation_is_read_back(tmp_path):
    (tmp_path / "predictions.csv").write_text(
        "image,image_sha256,Lung Opacity,Mass\na.png,aa,0.8,0.1\nb.png,bb,0.2,\nc.png,cc,0.9,0.3\n"
    )
    (tmp_path / "per_image.csv").write_text(
        "image,method,iou,score\na.png,rap,0.1,0.8\na.png,location-prior,0.9,0.8\nb.png,rap,0.6,0.2\n"
    )
    (tmp_path / "reasons.csv").write_text(
        "image,method,predicted,outcome,quadrant\n"
        'a.png,rap,1,true positive,"right, looked elsewhere"\n'
        'b.png,rap,0,false negative,"wrong, looked there"\n'
        "c.png,rap,1,false positive,\n"
    )
    a, b, c = read_results(tmp_path)
    assert (a.target, a.predicted, a.wrong_reason, a.disagrees, a.iou) == (
        "Lung Opacity",
        True,
        True,
        False,
        0.1,
    )
    assert (b.predicted, b.wrong_reason, b.disagrees, b.iou) == (False, False, True, 0.6)
    assert (c.predicted, c.wrong_reason, c.disagrees, c.iou) == (True, False, True, None)
    with (tmp_path / "reasons.csv").open("a") as more:
        more.write('a.png,gradcam,1,true positive,"right, looked there"\n')
    assert not read_results(tmp_path)[0].wrong_reason  # one map lay at the finding
    for name in ("reasons.csv", "predictions.csv"):
        (tmp_path / name).unlink()
        with pytest.raises(StudyFileError, match=name):
            read_results(tmp_path)


def drawn(hand):
    hand.key(Qt.Key.Key_D)
    hand.drag(hand.at(100, 100), hand.at(200, 200))


def look_at(hand, name):
    hand.until(lambda: hand.parts.session.image is not None)
    hand.until(
        lambda: hand.parts.session.image.radiograph.header.path.name == name and hand.parts.reading.ready
    )


@pytest.fixture
def opened(make_hand, tmp_path):
    """A window with three images in the library, the first of them read."""
    paths = [tmp_path / "images" / f"{n}.dcm" for n in (1, 2, 3)]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_bytes(b"invented")
    hand = make_hand()
    hand.open(*map(str, paths))
    hand.until(lambda: len(hand.parts.studies.headers) == 3)
    for name in ("2.dcm", "3.dcm", "1.dcm"):
        hand.find("studyList").setCurrentIndex(
            hand.parts.studies.index(hand.parts.studies.row_of(tmp_path / "images" / name))
        )
        look_at(hand, name)
    drawn(hand)
    hand.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    hand.until(lambda: hand.parts.reading.kept and hand.parts.reading.history.committed)
    return hand


def test_a_key_opens_the_next_unread_case(opened):
    opened.key(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    look_at(opened, "2.dcm")
    opened.key(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    look_at(opened, "3.dcm")


def test_the_list_is_filtered_and_enter_opens_a_case(opened):
    opened.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    table, menu = opened.find("worklistTable"), opened.find("worklistFilter")
    opened.until(lambda: table.model().rowCount() == 3)
    menu.setFocus()
    while menu.currentText() != Filter.UNREAD.value:
        QTest.keyClick(menu, Qt.Key.Key_Down)
    names = [table.model().index(row, 0).data() for row in range(table.model().rowCount())]
    assert sorted(name.split(" · ")[-1] for name in names) == ["2.dcm", "3.dcm"]
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    last = table.model().index(1, 0).data().split(" · ")[-1]
    QTest.keyClick(table, Qt.Key.Key_Return)
    look_at(opened, last)
    assert opened.find("worklistCount").text() == "2 of 3 cases"


def test_an_evaluation_is_laid_beside(opened, tmp_path, monkeypatch):
    folder = tmp_path / "evaluated"
    folder.mkdir()
    (folder / "predictions.csv").write_text("image,image_sha256,Lung Opacity\n2.dcm,,0.9\n1.dcm,,0.1\n")
    (folder / "per_image.csv").write_text("image,method,iou,score\n2.dcm,rap,0.1,0.9\n")
    (folder / "reasons.csv").write_text(
        'image,predicted,outcome,quadrant\n2.dcm,1,true positive,"right, looked elsewhere"\n1.dcm,0,truth unknown,\n'
    )
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    opened.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    table, menu = opened.find("worklistTable"), opened.find("worklistFilter")
    QTest.mouseClick(opened.find("worklistEvaluation"), Qt.MouseButton.LeftButton)
    opened.until(lambda: len(opened.parts.working.results) == 2)
    for wanted, name in ((Filter.NETWORK_DISAGREES, "1.dcm"), (Filter.WRONG_REASON, "2.dcm")):
        menu.setFocus()
        while menu.currentText() != wanted.value:
            QTest.keyClick(menu, Qt.Key.Key_Down)
        found = [table.model().index(row, 0).data() for row in range(table.model().rowCount())]
        assert [one.split(" · ")[-1] for one in found] == [name]
