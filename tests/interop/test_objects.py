"""What holds of every DICOM object: it is valid, true to its source, the same for the same case, or refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from cxr_desktop.domain import Box, Reading
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.reports import export, exporters
from cxr_desktop.reports.figure import case_figure

REFERRING = ("sr", "gsps", "seg", "kos", "pmap")
FREE = ("sc", "encapsulated-pdf")
FORMATS = (*REFERRING, *FREE)
WEIGHTS = "ab12" * 16


def test_every_format_is_offered():
    assert set(FORMATS) <= set(exporters())


@pytest.mark.parametrize("format_id", ["sc", "encapsulated-pdf", "kos", "pmap"])
def test_dciodvfy_finds_no_error(exported, validator, format_id):
    for path in exported.files[format_id]:
        assert "Error" not in validator("dciodvfy", path)


@pytest.mark.parametrize("format_id", FORMATS)
def test_patient_study_and_model_are_those_of_the_case(exported, format_id):
    source = pydicom.dcmread(exported.analysis.radiograph.header.path, stop_before_pixels=True)
    for path in exported.files[format_id]:
        dataset = pydicom.dcmread(path)
        for keyword in (
            "PatientName",
            "PatientID",
            "PatientBirthDate",
            "PatientSex",
            "StudyInstanceUID",
            "StudyID",
        ):
            assert str(dataset[keyword].value) == str(source[keyword].value)
        assert dataset.SeriesInstanceUID != source.SeriesInstanceUID
        assert dataset.SOPInstanceUID.startswith("2.25.")
        assert "Not for diagnostic use" in dataset.SeriesDescription
        assert dataset.ManufacturerModelName == "demo 1.2.0"
        assert dataset.DeviceSerialNumber == WEIGHTS
        assert (dataset.InstanceCreationDate, dataset.InstanceCreationTime) == ("20260301", "103005")
        assert source.SOPInstanceUID in str(dataset)


def test_equal_cases_have_equal_bytes_and_others_other_uids(demo_case, tmp_path):
    def made(analysis, name: str) -> dict[str, str]:
        files = export(analysis, FORMATS, tmp_path / name)
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def uids(name: str) -> set[str]:
        return {str(pydicom.dcmread(path).SOPInstanceUID) for path in (tmp_path / name).glob("*.dcm")}

    assert made(demo_case(), "once") == made(demo_case(), "again")
    made(demo_case(readings=(Reading("Other", (Box(1, 2, 30, 40, "Mass"),)),)), "other")
    assert len(uids("once")) == len(list((tmp_path / "once").glob("*.dcm")))
    assert not uids("once") & uids("other")


def test_the_capture_holds_the_figure(exported):
    dataset = pydicom.dcmread(exported.files["sc"][0])
    assert dataset.PhotometricInterpretation == "RGB"
    assert np.array_equal(dataset.pixel_array, np.asarray(case_figure(exported.analysis).convert("RGB")))
    assert WEIGHTS in dataset.ImageComments
    assert "Method rap (steps = 9)" in dataset.ImageComments


def test_the_document_holds_the_pdf_report(exported, tmp_path):
    dataset = pydicom.dcmread(exported.files["encapsulated-pdf"][0])
    stem = exported.analysis.radiograph.header.path.stem
    (report,) = export(exported.analysis, ["pdf"], tmp_path, stem)
    assert dataset.EncapsulatedDocument[: dataset.EncapsulatedDocumentLength] == report.read_bytes()


def test_the_selection_points_at_the_image(exported):
    dataset = pydicom.dcmread(exported.files["kos"][0])
    header = exported.analysis.radiograph.header
    (series,) = dataset.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == header.sop_instance_uid
    assert "Jörg Müller" in str(dataset)


def test_the_map_holds_the_numbers(exported):
    for path, found in zip(exported.files["pmap"], exported.analysis.maps, strict=True):
        dataset = pydicom.dcmread(path)
        values = np.frombuffer(dataset.FloatPixelData, "<f4").reshape(dataset.Rows, dataset.Columns)
        assert np.array_equal(values, found.values)
        (shared,) = dataset.SharedFunctionalGroupsSequence
        assert shared.PlaneOrientationSequence[0].ImageOrientationPatient == [1, 0, 0, 0, 0, -1]
        told = shared.DerivationImageSequence[0].DerivationDescription
        assert found.method in told
        assert WEIGHTS in told


@pytest.fixture
def changed(demo_image, tmp_path) -> Callable[..., Path]:
    """A function that writes the demo image with other header values, None for none at all."""

    def write(**values: object) -> Path:
        dataset = pydicom.dcmread(demo_image)
        for keyword, value in values.items():
            if value is None:
                del dataset[keyword]
            else:
                setattr(dataset, keyword, value)
        path = tmp_path / "changed.dcm"
        dataset.save_as(path)
        return path

    return write


NAMES = {
    "ISO_IR 100": "Müller^Jörg",
    "ISO_IR 144": "Люкceмбypг^Иван",
    "ISO_IR 192": "王^小東",
    "\\ISO 2022 IR 87": "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "\\ISO 2022 IR 149": "Hong^Gildong=洪^吉洞=홍^길동",
}


@pytest.mark.parametrize("character_set", NAMES)
def test_names_in_any_character_set_arrive(make_case, changed, tmp_path, validator, character_set):
    name = NAMES[character_set]
    sets = character_set.split("\\")
    path = changed(SpecificCharacterSet=sets if len(sets) > 1 else sets[0], PatientName=name)
    out = tmp_path / "out"
    for made in export(make_case(path), ("sr", "gsps", "kos", "sc"), out):
        assert str(pydicom.dcmread(made).PatientName) == name
    for format_id in ("sr", "gsps"):
        assert "Error" not in validator("dciodvfy", out / f"changed.{format_id}.dcm")


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"])
def test_without_a_uid_to_refer_to_the_reason_is_told(make_case, changed, tmp_path, validator, keyword):
    analysis = make_case(changed(**{keyword: None}))
    for format_id in REFERRING:
        with pytest.raises(ExportError, match=r"has no valid .* UID.*choose sc or encapsulated-pdf"):
            export(analysis, [format_id], tmp_path / "out")
    for made in export(analysis, FREE, tmp_path / "out"):
        assert "Error" not in validator("dciodvfy", made)


def test_a_picture_has_a_study_made_up_and_says_so(make_case, tmp_path, validator):
    picture = tmp_path / "chest.png"
    Image.fromarray(np.arange(200 * 160, dtype=np.uint32).reshape(200, 160).astype(np.uint8)).save(picture)
    analysis = make_case(picture)
    for format_id in REFERRING:
        with pytest.raises(ExportError, match=r"no DICOM image.*choose sc or encapsulated-pdf"):
            export(analysis, [format_id], tmp_path / "out")
    for made in export(analysis, FREE, tmp_path / "out"):
        assert "Error" not in validator("dciodvfy", made)
        assert "made up" in pydicom.dcmread(made).StudyDescription


def test_attributes_that_nobody_filled_in_stay_empty(make_case, changed, tmp_path, validator):
    empty = dict.fromkeys(("PatientName", "PatientID", "PatientSex", "StudyDate", "StudyTime", "StudyID"), "")
    absent = dict.fromkeys(
        ("PatientBirthDate", "AccessionNumber", "ReferringPhysicianName", "ImageLaterality")
    )
    path = changed(**empty, **absent)
    for made in export(make_case(path), FORMATS, tmp_path / "out"):
        assert "Error" not in validator("dciodvfy", made)
        dataset = pydicom.dcmread(made)
        assert dataset.PatientID in ("", None)
        assert dataset.get("Laterality", "") in ("", None)


def test_a_body_part_or_an_orientation_that_is_not_told_is_not_made_up(
    make_case, changed, tmp_path, validator
):
    path = changed(BodyPartExamined=None, PatientOrientation=None)
    analysis = make_case(path)
    with pytest.raises(ExportError, match="Body Part Examined"):
        export(analysis, ["pmap"], tmp_path / "out")
    for made in export(analysis, [one for one in FORMATS if one != "pmap"], tmp_path / "out"):
        assert "Error" not in validator("dciodvfy", made)
    turned = changed(PatientOrientation=None)
    with pytest.raises(ExportError, match="Patient Orientation"):
        export(make_case(turned), ["pmap"], tmp_path / "out")


def test_an_image_changed_since_is_refused(make_case, changed, tmp_path):
    path = changed()
    analysis = make_case(path)
    changed(PatientID="SOMEONE-ELSE")
    with pytest.raises(ExportError, match="has changed since it was analysed"):
        export(analysis, ["sr"], tmp_path / "out")
    path.unlink()
    with pytest.raises(ExportError, match="cannot be read again"):
        export(analysis, ["sc"], tmp_path / "out")


def test_an_identity_that_dicom_forbids_is_refused_rather_than_cut(make_case, changed, tmp_path):
    path = changed(PatientID="P" * 60)
    data = path.read_bytes().replace(b"P" * 60, b"P" * 59 + b"\\")
    path.write_bytes(data)
    with pytest.raises(ExportError, match="Patient ID that DICOM does not allow"):
        export(make_case(path), ["sr"], tmp_path / "out")


def test_one_frame_of_several_is_referred_to(make_case, tmp_path, changed, validator):
    dataset: Dataset = pydicom.dcmread(changed())
    dataset.decompress(generate_instance_uid=False)
    frame = dataset.PixelData
    dataset.NumberOfFrames = 3
    dataset.PixelData = frame * 3
    path = tmp_path / "several.dcm"
    dataset.save_as(path)
    analysis = make_case(path)
    analysis = replace(analysis, radiograph=replace(analysis.radiograph, frame=1))
    for format_id in REFERRING:
        for made in export(analysis, [format_id], tmp_path / "out"):
            told = {
                element.value
                for element in pydicom.dcmread(made).iterall()
                if element.keyword == "ReferencedFrameNumber"
            }
            assert told == {2}


JUNK = {
    "PatientSex": "FEMALE",
    "PatientBirthDate": "19400231",
    "StudyDate": "2024.03.18",
    "StudyTime": "256161",
    "PatientAge": "53 YEARS",
    "StudyID": "an identifier of more than sixteen characters",
    "AccessionNumber": "another of more than sixteen",
    "StudyDescription": "d" * 90,
    "ReferringPhysicianName": "A^B^C^D^E^F^G",
    "BodyPartExamined": "chest and some more words",
    "PatientOrientation": ["up", "down"],
    "RescaleType": "a type that is much too long for its element, by far, really " * 2,
}


def test_values_that_dicom_forbids_are_left_out_rather_than_handed_on(
    make_case, changed, tmp_path, validator
):
    with pydicom.config.disable_value_validation():
        path = changed(**JUNK)
    analysis = make_case(path)
    formats = [one for one in FORMATS if one != "pmap"]
    for made in export(analysis, formats, tmp_path / "out"):
        assert "Error" not in validator("dciodvfy", made), made.name
        dataset = pydicom.dcmread(made)
        assert [str(dataset.get(keyword) or "") for keyword in ("PatientSex", "StudyDate", "StudyID")] == [
            "",
            "",
            "",
        ]
        assert dataset.PatientID == "DEMO-1"
