"""The worklist: its filters counted by hand, then by mouse and keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxr_desktop.cohort.results import NetworkResult, read_results
from cxr_desktop.domain import Box, InstanceHeader
from cxr_desktop.domain.errors import IndexFileError
from cxr_desktop.library import AddBox, Commit, History
from cxr_desktop.ui.worklist import Filter, chosen, next_unread, work_cases

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
    assert [case.sha256 for case in chosen(cases(), wanted, "A")] == names


def test_agreement_labels_and_words():
    by_name = {case.sha256: case for case in cases()}
    assert [by_name[name].agreement for name in ("agreed", "apart", "begun", "blank")] == [1, 0, None, 1]
    assert by_name["agreed"].labels == ("Lung Opacity", "Mass")
    assert [case.sha256 for case in chosen(cases(), Filter.ALL, "A", "Lung Opacity")] == ["agreed"]
    assert [case.sha256 for case in chosen(cases(), Filter.ALL, "A", words="p-b")] == ["begun", "blank"]


def test_the_next_unread_goes_round():
    found = cases()
    assert next_unread(found, "B").sha256 == "begun"
    assert next_unread(found, "B", "begun").sha256 == "new"
    assert next_unread(found, "B", "new").sha256 == "begun"
    assert next_unread(found, "A", "new") is None


def test_an_evaluation_is_read_back(tmp_path):
    (tmp_path / "predictions.csv").write_text(
        "image,image_sha256,Lung Opacity,Mass\na.png,aa,0.8,0.1\nb.png,bb,0.2,\nc.png,cc,0.9,0.3\n"
    )
    (tmp_path / "per_image.csv").write_text(
        "image,method,iou,score\na.png,rap,0.1,0.8\na.png,location-prior,0.9,0.8\nb.png,rap,0.6,0.2\n"
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
    assert (c.predicted, c.wrong_reason, c.disagrees, c.iou) == (True, False, False, None)
    (tmp_path / "reasons.csv").write_text(
        "image,method,predicted,outcome,quadrant\n"
        'a.png,rap,1,true positive,"right, looked there"\n'
        "c.png,rap,1,false positive,\n"
    )
    a, b, c = read_results(tmp_path)
    assert (a.wrong_reason, b.disagrees, c.disagrees) == (False, True, True)
    with pytest.raises(IndexFileError, match="predictions"):
        read_results(tmp_path / "nothing")
