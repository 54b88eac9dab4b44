"""The table of findings, and readings before and after the reveal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxr_desktop.domain import (
    Box,
    Certainty,
    InputConcern,
    Laterality,
    PixelSpacing,
    Reading,
    Severity,
    StudyFinding,
)
from cxr_desktop.domain.reading import Decision, Judgement, Settlement, Verdict
from cxr_desktop.reports.findings import finding_table, reading_table, score_words
from cxr_desktop.reports.html import html_report
from cxr_desktop.reports.text import text_report

FIRST = Box(10, 20, 100, 40, "Pneumonia")
LATER = Box(12, 20, 90, 44, "Pneumonia")


def amended_reading() -> Reading:
    first = Reading("Dr. Chen", (FIRST,)).committed("2024-02-01T10:00:00+01:00", "resident", blinded=True)
    opened = first.amending("the network showed the lower edge")
    changed = replace(opened, boxes=(LATER,)).with_judgement(Judgement(LATER, Verdict.ACCEPTED, "gradcam"))
    return changed.committed("2024-02-01T10:05:00+01:00", "resident")


def test_a_finding_has_code_millimetres_score_and_iou_of_each_method(make_analysis) -> None:
    spacing = PixelSpacing(0.2, 0.1, "imager pixel spacing")
    analysis = make_analysis(readings=(Reading("Dr. Chen", (FIRST,)),), spacing=spacing)
    table = finding_table(analysis)
    reference, own = table.rows
    assert reference[0] == "Lung Opacity"
    assert reference[5:] == ("0.731 ≥ balanced 0.48", "Grad-CAM 0.41; Relative Attributing Propagation 0.42")
    assert own == (
        "Pneumonia",
        "SCT 233604007",
        "Dr. Chen, reader",
        "x 10, y 20, 100 × 40 px",
        "10.0 × 8.0 mm",
        "Lung Opacity 0.731 ≥ balanced 0.48",
        "–",
    )
    assert "0.2 × 0.1 mm per pixel (imager pixel spacing)" in table.note


@pytest.mark.parametrize(
    ("score", "said"),
    [(0.1, "0.100 < screening 0.22"), (0.3, "0.300 ≥ screening 0.22"), (0.48, "0.480 ≥ balanced 0.48")],
)
def test_a_score_is_set_against_its_operating_points(make_analysis, score: float, said: str) -> None:
    assert score_words(make_analysis(scores={"Lung Opacity": score}), "Lung Opacity") == said


def test_a_refused_input_is_said_beside_its_score(make_analysis) -> None:
    refused = make_analysis(concerns=(InputConcern("view", "It is no chest.", Severity.REFUSE),))
    assert score_words(refused, "Lung Opacity") == "0.731, refused input"


def test_readings_before_and_after_the_reveal_stand_in_order(make_analysis) -> None:
    rows = reading_table(make_analysis(readings=(amended_reading(),))).rows
    assert [row[:3] for row in rows] == [
        ("Dr. Chen (resident)", "first, before the reveal", "2024-02-01 10:00 UTC+01:00"),
        ("Dr. Chen (resident)", "amended, after the reveal", "2024-02-01 10:05 UTC+01:00"),
    ]
    assert rows[0][3] == "Pneumonia x 10, y 20, 100 × 40 px"
    assert rows[1][3:] == (
        "Pneumonia x 12, y 20, 90 × 44 px",
        "1 accepted",
        "the network showed the lower edge",
    )


def test_findings_of_the_study_are_told_beside_the_boxes(make_analysis) -> None:
    stated = (
        StudyFinding("Pleural Effusion", Certainty.PROBABLE, Laterality.LEFT, "small"),
        StudyFinding("Oedema"),
    )
    committed = Reading("A", (FIRST,), study_findings=stated).committed("2024-02-01T10:00:00+01:00")
    rows = reading_table(make_analysis(readings=(committed, Reading("B", study_findings=stated)))).rows
    told = "whole study: Pleural Effusion (left, probable, small); whole study: Oedema"
    assert [row[3] for row in rows] == [f"Pneumonia x 10, y 20, 100 × 40 px; {told}", told]


def test_an_adjudicated_reading_is_no_draft(make_analysis) -> None:
    settled = Reading("C").with_settlement(Settlement(("A", "B"), Decision.FIRST, FIRST), (FIRST,))
    adjudicated = settled.committed("2024-02-01T10:00:00+01:00")
    (row,) = reading_table(make_analysis(readings=(adjudicated,))).rows
    assert row[:2] == ("C", "adjudicated")
    amended = adjudicated.amending("a slip").committed("2024-02-01T10:05:00+01:00")
    rows = reading_table(make_analysis(readings=(amended,))).rows
    assert [row[1] for row in rows] == ["adjudicated", "adjudicated, amended"]


def test_a_draft_says_that_it_is_none_committed(make_analysis) -> None:
    (row,) = reading_table(make_analysis(readings=(Reading("A", (FIRST,)),))).rows
    assert row[1] == "draft, not committed"


@pytest.mark.parametrize("written", [text_report, html_report])
def test_every_readable_format_has_both(make_analysis, written) -> None:
    told = written(make_analysis(readings=(amended_reading(),)))
    for words in ("SCT 233604007", "before the reveal", "amended, after the reveal", "lower edge"):
        assert words in told
