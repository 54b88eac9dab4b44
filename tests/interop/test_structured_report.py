"""Structured reports: valid to other makers' programs, read back as they were written, others' read too."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from cxr_desktop.dicom import DicomReadError
from cxr_desktop.dicom.structured_report import read_structured_report
from cxr_desktop.domain import (
    Box,
    Certainty,
    Ellipse,
    Finding,
    Laterality,
    Polygon,
    Reading,
    StudyFinding,
)
from cxr_desktop.reports import export

THOUSANDTH = 1e-3


def edges(box: Box) -> tuple[float, ...]:
    return box.x, box.y, box.width, box.height


def written_boxes(analysis) -> list[Box]:
    found = [box for localized in analysis.localized for box in localized.boxes]
    return found + list(analysis.references) + [box for one in analysis.readings for box in one.boxes]


def test_dciodvfy_finds_no_error(exported, validator):
    (path,) = exported.files["sr"]
    assert "Error" not in validator("dciodvfy", path)


def test_pixelmed_finds_no_error(demo_case, make_case, other_image, validator, tmp_path):
    """Every shape; exactly one region, where its rules are peculiar; another maker's image. Two at a time."""
    drawn = Reading("A", SHAPES, study_findings=(StudyFinding("Edema", Certainty.POSSIBLE, comment="mild"),))
    people = {"references": (), "localizations": ()}
    cases = {
        "shapes": demo_case(readings=(drawn,)),
        "one": demo_case(maps=(), localized=(), readings=(Reading("A", SHAPES[:1]),), **people),
    }
    if other_image is not None:
        cases["other"] = make_case(other_image)
    files = [export(analysis, ["sr"], tmp_path, name)[0] for name, analysis in cases.items()]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda path: validator("DicomSRValidator", path, java=True), files))
    for path, told in zip(files, answers, strict=True):
        assert "Found Comprehensive3DSR IOD" in told
        assert "TID_1500" in told
        assert "IOD validation complete" in told
        assert "Error" not in told, path.name


def test_dcmtk_renders_it(exported, validator, tmp_path):
    (path,) = exported.files["sr"]
    page = tmp_path / "report.html"
    told = validator("dsr2html", path, page)
    assert "E:" not in told
    text = page.read_text("utf-8")
    for words in (
        "Jörg Müller",
        "Lung opacity, demonstration",
        "Attribution method: rap",
        "Not for diagnostic use",
    ):
        assert words in text


def test_boxes_come_back_to_a_thousandth_of_a_pixel(exported):
    report = read_structured_report(exported.files["sr"][0])
    (found,) = report.boxes.values()
    assert list(report.boxes) == [exported.analysis.radiograph.header.sop_instance_uid]
    wanted = written_boxes(exported.analysis)
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert edges(one) == pytest.approx(edges(other), abs=THOUSANDTH)
    assert [one.label for one in found] == ["Lung Opacity"] * 3 + ["Pneumonia", "Nodule"]
    assert [one.source for one in found] == ["gradcam", "rap", "rap", "NIH", "Dr. Jörg Müller"]
    assert [one.score for one in found] == [one.score for one in wanted]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 900), st.floats(0, 900), st.floats(0.01, 4000), st.floats(0.01, 4000)),
        min_size=1,
        max_size=4,
    ),
    st.text(max_size=80),
)
def test_any_box_comes_back(demo_case, tmp_path_factory, places, label):
    boxes = tuple(Box(x, y, width, height, label) for x, y, width, height in places)
    analysis = demo_case(
        localized=(), maps=(), localizations=(), references=(), readings=(Reading("r", boxes),)
    )
    out = tmp_path_factory.mktemp("any")
    (path,) = export(analysis, ["sr"], out)
    (found,) = read_structured_report(path).boxes.values()
    for one, other in zip(found, boxes, strict=True):
        assert edges(one) == pytest.approx(edges(other), abs=THOUSANDTH)


def test_identity_and_references_are_the_source_s(exported):
    (path,) = exported.files["sr"]
    report, source = pydicom.dcmread(path), pydicom.dcmread(exported.analysis.radiograph.header.path)
    for keyword in (
        "PatientName",
        "PatientID",
        "PatientSex",
        "StudyInstanceUID",
        "StudyDate",
        "AccessionNumber",
    ):
        assert str(report[keyword].value) == str(source[keyword].value)
    assert report.SeriesInstanceUID != source.SeriesInstanceUID
    (series,) = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
    assert series.SeriesInstanceUID == source.SeriesInstanceUID
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID
    assert report.VerificationFlag == "UNVERIFIED"
    assert "Laterality" not in str(report)


def tree(
    kind: str, data: list[float], label: str = "Nodule of theirs", by_reference: bool = False
) -> Dataset:
    """A report of another maker: one region in a group with its own finding."""

    def code(value: str, scheme: str, meaning: str) -> list[Dataset]:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
        return [item]

    image = Dataset()
    image.RelationshipType, image.ValueType = "SELECTED FROM", "IMAGE"
    reference = Dataset()
    reference.ReferencedSOPInstanceUID = "1.2.3.4"
    image.ReferencedSOPSequence = [reference]
    region = Dataset()
    region.RelationshipType, region.ValueType, region.GraphicType = "CONTAINS", "SCOORD", kind
    region.GraphicData = data
    finding = Dataset()
    finding.ValueType, finding.RelationshipType = "CODE", "CONTAINS"
    finding.ConceptNameCodeSequence = code("121071", "DCM", "Finding")
    finding.ConceptCodeSequence = code("X1", "99THEIRS", label)
    group = Dataset()
    group.ValueType, group.RelationshipType = "CONTAINER", "CONTAINS"
    root = Dataset()
    root.SOPClassUID, root.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.88.33", "1.2.3.9"
    root.ValueType = "CONTAINER"
    if by_reference:
        pointer = Dataset()
        pointer.RelationshipType, pointer.ReferencedContentItemIdentifier = "SELECTED FROM", [1, 2]
        region.ContentSequence = [pointer]
        group.ContentSequence = [finding, region]
        root.ContentSequence = [group, image]
    else:
        region.ContentSequence = [image]
        group.ContentSequence = [finding, region]
        root.ContentSequence = [group]
    return root


@pytest.mark.parametrize(
    ("kind", "data", "wanted"),
    [
        ("POLYLINE", [5, 6, 25, 6, 25, 46, 5, 46], (5, 6, 20, 40)),
        ("CIRCLE", [50, 60, 53, 64], (45, 55, 10, 10)),
        ("ELLIPSE", [10, 20, 30, 20, 20, 15, 20, 25], (10, 15, 20, 10)),
        ("ELLIPSE", [10, 10, 30, 30, 15, 25, 25, 15], None),
    ],
)
@pytest.mark.parametrize("by_reference", [False, True])
def test_shapes_of_other_makers(tmp_path, kind, data, wanted, by_reference):
    path = tmp_path / "theirs.dcm"
    tree(kind, data, by_reference=by_reference).save_as(path, implicit_vr=False, little_endian=True)
    ((box,),) = read_structured_report(path).boxes.values()
    if wanted is None:  # turned by 45 degrees: the rectangle around points drawn along the ellipse
        turn = np.linspace(0, 2 * np.pi, 100_000)
        x = 20 + 10 * np.cos(turn) + 5 * np.sin(turn)
        y = 20 + 10 * np.cos(turn) - 5 * np.sin(turn)
        wanted = (x.min(), y.min(), np.ptp(x), np.ptp(y))
    assert edges(box) == pytest.approx(wanted, abs=1e-4)
    assert box.label == "Nodule of theirs"


def test_what_people_drew_is_told_from_what_an_algorithm_did(exported):
    report = read_structured_report(exported.files["sr"][0])
    (drawn,) = report.by_people.values()
    assert [box.source for box in drawn] == ["NIH", "Dr. Jörg Müller"]


def test_verdicts_of_readers_stand_with_the_network_s_box(exported):
    report = str(pydicom.dcmread(exported.files["sr"][0]))
    assert "Verdict of Dr. Jörg Müller on the network's box" in report
    assert "'Rejected'" in report


def test_regions_below_a_coded_finding_are_that_finding_s(tmp_path):
    """As reports of computer-aided detection have them: several findings side by side, each with its outline."""
    report = tree("POLYLINE", [1, 1, 5, 1, 5, 9, 1, 9], label="First")
    other = tree("POLYLINE", [10, 10, 20, 10, 20, 30, 10, 30], label="Second")
    findings = []
    for one in (report, other):
        finding, region = one.ContentSequence[0].ContentSequence
        finding.ContentSequence = [region]
        findings.append(finding)
    report.ContentSequence = findings
    path = tmp_path / "cad.dcm"
    report.save_as(path, implicit_vr=False, little_endian=True)
    (boxes,) = read_structured_report(path).boxes.values()
    assert [(box.label, box.x) for box in boxes] == [("First", 1), ("Second", 10)]


SHAPES = (
    Finding.around(Ellipse(100, 200, 300, 150), Box(0, 0, 0, 0, "Mass")),
    Finding.around(Ellipse(100, 200, 120, 350), Box(0, 0, 0, 0, "Mass")),
    Finding.around(Polygon(((10, 20), (200.5, 40), (150, 300.25))), Box(0, 0, 0, 0, "Nodule")),
    Finding(
        50,
        60,
        70,
        80,
        "Consolidation",
        certainty=Certainty.PROBABLE,
        laterality=Laterality.LEFT,
        comment="Über",
    ),
)


def test_shapes_certainty_side_and_comment_come_back(demo_case, tmp_path, validator):
    reading = Reading(
        "A", SHAPES, study_findings=(StudyFinding("Edema", Certainty.POSSIBLE, comment="mild"),)
    )
    (path,) = export(demo_case(readings=(reading,), references=()), ["sr"], tmp_path)
    assert "Error" not in validator("dciodvfy", path)
    (found,) = read_structured_report(path).by_people.values()
    for one, wanted in zip(found, SHAPES, strict=True):
        assert edges(one) == pytest.approx(edges(wanted), abs=THOUSANDTH)
        assert isinstance(one, Finding)
        assert (one.shape, one.label) == (wanted.shape, wanted.label)
        assert (one.certainty, one.laterality, one.comment) == (
            wanted.certainty,
            wanted.laterality,
            wanted.comment,
        )
        assert np.array(one.vertices) == pytest.approx(np.array(wanted.vertices), abs=1e-5)
    said = {str(one.value) for one in pydicom.dcmread(path).iterall() if one.keyword == "TextValue"}
    assert {"Edema, A, whole study", "mild"} <= said


def test_points_lengths_and_angles_are_told_and_left_out(tmp_path):
    path = tmp_path / "theirs.dcm"
    for kind, data in (("POINT", [5, 6]), ("POLYLINE", [1, 2, 30, 40]), ("POLYLINE", [1, 2, 30, 40, 5, 60])):
        tree(kind, data).save_as(path, implicit_vr=False, little_endian=True)
        report = read_structured_report(path)
        assert not report.boxes
        assert f"{kind} is no box" in report.notes[0]


def test_first_and_amended_readings_are_told_apart(demo_case, tmp_path):
    first = Reading("A", (Box(1, 2, 30, 40, "Mass"),)).committed(blinded=True)
    reading = first.amending("seen again").with_box(Box(50, 60, 70, 80, "Nodule"))
    (path,) = export(demo_case(readings=(reading,)), ["sr"], tmp_path)
    dataset = pydicom.dcmread(path)
    sessions = [
        item.TextValue
        for group in dataset.ContentSequence[-4].ContentSequence
        for item in group.ContentSequence
        if item.ConceptNameCodeSequence[0].CodeMeaning == "Activity Session"
    ]
    assert sessions == ["First reading, network not shown", "Amended reading"]


def test_other_files_are_refused_with_the_reason(exported, tmp_path):
    with pytest.raises(DicomReadError, match="not a structured report with regions"):
        read_structured_report(exported.analysis.radiograph.header.path)
    text = tmp_path / "boxes.csv"
    text.write_text("image,label,x,y,width,height\n")
    with pytest.raises(DicomReadError, match=r"boxes\.csv.*neither DICOM nor"):
        read_structured_report(Path(text))
