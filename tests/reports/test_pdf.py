"""The PDF, read back."""

from __future__ import annotations

import itertools
import logging
from dataclasses import replace

import numpy as np
import pytest
from pypdf import PdfReader

from cxr_desktop.domain import Box, InputConcern, OperatingPoint, PixelSpacing, Reading
from cxr_desktop.reports import export
from cxr_desktop.reports.pdf.score_bars import tick_rows
from cxr_desktop.reports.pdf.theme import set_up


@pytest.fixture
def read(tmp_path):
    """A function writing the PDF of a case and giving its reader and the text of each page."""

    def exported(analysis):
        (path,) = export(analysis, ["pdf"], tmp_path)
        reader = PdfReader(path)
        return reader, [" ".join(page.extract_text().split()) for page in reader.pages]

    return exported


def test_the_pages_carry_identity_numbers_and_provenance(read, make_analysis):
    spacing = PixelSpacing(0.15, 0.15, "imager pixel spacing")
    reading = Reading("Dr. Chen", (Box(10, 20, 100, 40, "Nodule"),))
    _, pages = read(make_analysis(spacing=spacing, readings=(reading,)))
    whole = " ".join(pages)
    for fact in (
        "Doe, Jane",
        "P-0007",
        "female, 61 years",
        "2024-01-31",
        "posteroanterior (PA)",
        "case-7.dcm",
    ):
        assert fact in pages[0]
    for fact in ("Lung opacity, demonstration", "1.2.0", "ab12ab12ab12ab12", "cpu", "0.731", "balanced 0.48"):
        assert fact in pages[0]
    assert "it does not show disease" in pages[0]
    assert "ab12" * 16 in whole.replace(" ", "")
    assert "cd34" * 16 in whole.replace(" ", "")
    assert "residual = magnitude, steps = 33" in whole
    assert "0.410" in whole
    assert "0.420" in whole
    assert "0.630" in whole
    assert "0.21 %" in whole
    assert (
        "Nodule SCT 27925004 Dr. Chen, reader x 10, y 20, 100 × 40 px 15.0 × 6.0 mm no score for it" in whole
    )
    assert "0.15 × 0.15 mm per pixel (imager pixel spacing)" in whole
    assert "2024-02-01 10:30 UTC+01:00" in pages[0]


def test_every_page_has_its_number_and_the_disclaimer(read, make_analysis):
    _, pages = read(make_analysis(methods=tuple(f"method{n}" for n in range(11)), boxes=14))
    assert len(pages) > 4
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Not for diagnostic use." in page
    assert all("Doe, Jane" in page and "P-0007" in page for page in pages)
    assert all(f"method{n}" in " ".join(pages) for n in range(11))


def test_equal_cases_give_equal_bytes(make_analysis, tmp_path):
    first = export(make_analysis(), ["pdf"], tmp_path / "a")[0].read_bytes()
    assert export(make_analysis(), ["pdf"], tmp_path / "b")[0].read_bytes() == first


def test_metadata_names_the_file_and_model_but_no_patient(read, make_analysis):
    reader, _ = read(make_analysis())
    told = reader.metadata
    assert told.title == "Chest radiograph: network analysis, case-7.dcm"
    assert told.author == "CXR Desktop 0.1.0"
    assert "demo 1.2.0" in told.subject
    assert told["/CreationDate"] == "D:20240201103000+01'00'"
    assert "Doe" not in str(dict(told))
    assert [entry.title for entry in reader.outline][:2] == [
        "Scores: probability",
        "Maps of each method",
    ]


def test_all_fonts_are_embedded(read, make_analysis):
    reader, _ = read(make_analysis())
    used = set()
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            found = font.get_object()
            assert "/FontFile2" in found["/FontDescriptor"].get_object()
            used.add(found["/BaseFont"].split("+")[1])
    assert used >= {"BitstreamVeraSans-Roman", "BitstreamVeraSans-Bold"}


def test_refused_input_is_said_before_the_scores(read, make_analysis, refusal):
    warning = InputConcern("bits", "The image holds only 8 bits.")
    _, pages = read(make_analysis(concerns=(warning, refusal)))
    assert "do not believe its scores" in pages[0]
    assert refusal.sentence in pages[0]
    assert warning.sentence in pages[0]
    assert pages[0].index(refusal.sentence) < pages[0].index("Scores")
    assert "operating point ‘" not in pages[0]


def test_nothing_to_show_is_said(read, make_analysis):
    _, pages = read(make_analysis(methods=(), references=(), scores={}))
    whole = " ".join(pages)
    for sentence in (
        "The network gave no scores",
        "No map was computed",
        "There is no reference box to compare with",
        "No reader and no reference has drawn a box",
    ):
        assert sentence in whole


def test_names_of_any_script_and_length(read, make_analysis):
    header = {"patient_name": "Łukasiewicz^José=山田^太郎", "patient_id": "9" * 80, "study_date": ""}
    notes = ("Наблюдение <b>& more", "tab\there")
    _, pages = read(make_analysis(header=header, notes=notes))
    assert "Łukasiewicz, José" in pages[0]
    assert "9" * 80 in pages[0].replace(" ", "")
    assert "Nablyudenie <b>& more" in " ".join(pages)


def test_a_name_in_another_script_is_written_in_latin_and_said_to_be(read, make_analysis):
    _, pages = read(make_analysis(header={"patient_name": "Иванов^Пётр"}))
    assert "Ivanov, Petr (transliterated)" in pages[0]


@pytest.mark.parametrize("size", [(1, 900), (900, 1), (2000, 1500)])
def test_shapes_of_images(read, make_analysis, size):
    reader, _ = read(make_analysis(pixels=np.full(size, 99, dtype=np.uint8)))
    for page in reader.pages:
        assert [round(float(edge)) for edge in page.mediabox] == [0, 0, 595, 842]


def test_many_labels_and_points_lose_none(read, make_analysis):
    scores = {f"Label {n:02}": n / 20 for n in range(18)}
    analysis = make_analysis(scores=scores)
    points = tuple(OperatingPoint(label, "balanced", 0.5) for label in scores)
    analysis = replace(analysis, prediction=replace(analysis.prediction, operating_points=points))
    _, pages = read(analysis)
    assert all(
        f"{label} {score:.3f}" in " ".join(pages) or label in pages[0] for label, score in scores.items()
    )
    assert "Label 17 0.850" in pages[0] or "0.850" in pages[0]


def test_captions_of_close_operating_points_do_not_touch():
    from reportlab.pdfbase.pdfmetrics import stringWidth

    from cxr_desktop.reports.pdf.score_bars import TICK_SIZE
    from cxr_desktop.reports.pdf.theme import REGULAR

    set_up()
    points = [
        OperatingPoint("x", name, at) for name, at in (("a", 0.30), ("b", 0.31), ("c", 0.32), ("d", 0.98))
    ]
    spans: dict[int, list[tuple[float, float]]] = {}
    for x, caption, row in tick_rows(points, 300.0):
        width = stringWidth(caption, REGULAR, TICK_SIZE)
        span = (x - 3 - width, x) if x + 3 + width > 300 else (x, x + 3 + width)
        spans.setdefault(row, []).append(span)
    assert len(spans) == 3
    for row in spans.values():
        ordered = sorted(row)
        assert all(one[1] < two[0] for one, two in itertools.pairwise(ordered))


def test_no_stray_log(read, make_analysis, caplog):
    caplog.set_level(logging.WARNING, logger="reportlab")
    read(make_analysis())
    assert not [record for record in caplog.records if record.name.startswith("reportlab")]
