"""What is kept, replaced and stated, attribute by attribute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import generate_uid

from cxr_desktop.dicom import read_radiograph
from cxr_desktop.dicom.deidentification import Dates, Options, Pseudonyms, deidentify
from cxr_desktop.dicom.deidentification.retained import DEVICE_IDENTITY, PATIENT_CHARACTERISTICS

REPOSITORY = Path(__file__).parents[3]
SHARED = REPOSITORY.parent / "shared" / "data" / "dicom"
DEMO = REPOSITORY / "resources" / "demo" / "study"
Save = Callable[..., Path]


CODES = {
    "113100": "Basic Application Confidentiality Profile",
    "113106": "Retain Longitudinal Temporal Information Full Dates Option",
    "113107": "Retain Longitudinal Temporal Information Modified Dates Option",
    "113108": "Retain Patient Characteristics Option",
    "113109": "Retain Device Identity Option",
}


def real_files() -> list[Path]:
    return [*sorted(DEMO.glob("*.dcm")), *sorted(SHARED.glob("*.dcm"))]


@pytest.mark.parametrize("source", real_files(), ids=lambda path: path.name)
@pytest.mark.parametrize("options", [Options(), Options(Dates.MODIFIED, device=True, patient=True)])
def test_a_real_image_stays_valid_and_looks_the_same(
    radiograph, tmp_path, errors_of, source, options
) -> None:
    copy = deidentify(source, tmp_path, options)
    assert errors_of(copy.path) <= errors_of(source)
    before, after = read_radiograph(source), read_radiograph(copy.path)
    np.testing.assert_array_equal(after.pixels, before.pixels)
    np.testing.assert_array_equal(after.display(), before.display())
    assert after.spacing == before.spacing


@pytest.mark.parametrize("keyword", sorted(DEVICE_IDENTITY | PATIENT_CHARACTERISTICS))
def test_an_option_keeps_only_what_the_table_would_take(keyword: str) -> None:
    assert Tag(tag_for_keyword(keyword)) in {Tag(tag) for tag in dicomfields_2026c.ALL_TAGS if len(tag) == 2}


def test_identity_is_replaced_and_the_rest_stated(radiograph, save: Save, tmp_path: Path) -> None:
    copy = pydicom.dcmread(deidentify(save(radiograph()), tmp_path).path)
    assert copy.PatientID == copy.PatientName
    assert str(copy.PatientID).startswith("P")
    assert (copy.PatientSex, copy.PatientBirthDate, copy.StudyDate, copy.StudyTime) == ("", "", "", "")
    assert "PatientAge" not in copy
    assert copy.PatientIdentityRemoved == "YES"
    assert copy.LongitudinalTemporalInformationModified == "REMOVED"
    assert copy.file_meta.MediaStorageSOPInstanceUID == copy.SOPInstanceUID
    assert "BurnedInAnnotation" not in copy


@pytest.mark.parametrize(
    ("options", "codes", "stated"),
    [
        (Options(), ["113100"], "REMOVED"),
        (Options(Dates.FULL), ["113100", "113106"], "UNMODIFIED"),
        (Options(Dates.MODIFIED), ["113100", "113107"], "MODIFIED"),
        (Options(device=True, patient=True), ["113100", "113108", "113109"], "REMOVED"),
    ],
)
def test_the_options_are_recorded_in_codes(radiograph, save: Save, tmp_path, options, codes, stated) -> None:
    copy = pydicom.dcmread(deidentify(save(radiograph()), tmp_path, options).path)
    items = copy.DeidentificationMethodCodeSequence
    assert [item.CodeValue for item in items] == codes
    assert [item.CodeMeaning for item in items] == [CODES[code] for code in codes]
    assert {item.CodingSchemeDesignator for item in items} == {"DCM"}
    assert copy.LongitudinalTemporalInformationModified == stated


def test_uids_hold_together_within_a_set_and_not_beyond(radiograph, save: Save, tmp_path: Path) -> None:
    first, second = radiograph(instance="a"), radiograph(instance="b")
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = (
        first.SOPClassUID,
        first.SOPInstanceUID,
    )
    second.ReferencedImageSequence = [reference]
    sources = save(first, "a.dcm"), save(second, "b.dcm")

    def copied(pseudonyms: Pseudonyms) -> list[Dataset]:
        return [pydicom.dcmread(deidentify(one, tmp_path, pseudonyms=pseudonyms).path) for one in sources]

    a, b = copied(Pseudonyms())
    assert a.StudyInstanceUID == b.StudyInstanceUID != first.StudyInstanceUID
    assert b.ReferencedImageSequence[0].ReferencedSOPInstanceUID == a.SOPInstanceUID
    assert b.ReferencedImageSequence[0].ReferencedSOPClassUID == first.SOPClassUID
    assert a.SOPInstanceUID != b.SOPInstanceUID
    assert all(uid.is_valid for uid in (a.SOPInstanceUID, a.StudyInstanceUID))
    other, _ = copied(Pseudonyms())
    assert other.StudyInstanceUID != a.StudyInstanceUID
    assert other.PatientID != a.PatientID


def test_modified_dates_keep_the_days_between(
    radiograph, save: Save, tmp_path: Path, pseudonyms: Pseudonyms
) -> None:
    def copied(day: str, patient: str = "4711-22") -> Dataset:
        dataset = radiograph(study=day, instance=day + patient, patient=patient)
        dataset.StudyDate, dataset.AcquisitionDateTime = day, f"{day}101112.5+0100"
        options = Options(Dates.MODIFIED)
        return pydicom.dcmread(deidentify(save(dataset, f"{day}.dcm"), tmp_path, options, pseudonyms).path)

    def day(value: str) -> date:
        return date.fromisoformat(f"{value[:4]}-{value[4:6]}-{value[6:8]}")

    prior, current = copied("20231231"), copied("20240302")
    assert (day(current.StudyDate) - day(prior.StudyDate)).days == 62
    assert day(current.StudyDate) < date(2024, 3, 2)
    assert current.StudyTime == "101112"
    assert str(current.AcquisitionDateTime) == f"{current.StudyDate}101112.5+0100"
    assert current.PatientBirthDate == ""
    assert day(copied("20240302", "another").StudyDate) != day(current.StudyDate)


def test_full_dates_stay_but_the_birth_date_goes(radiograph, save: Save, tmp_path: Path) -> None:
    copy = pydicom.dcmread(deidentify(save(radiograph()), tmp_path, Options(Dates.FULL)).path)
    assert (copy.StudyDate, copy.StudyTime, copy.PatientBirthDate) == ("20240131", "101112", "")


def test_device_and_patient_are_kept_on_request(radiograph, save: Save, tmp_path: Path) -> None:
    dataset = radiograph()
    dataset.DeviceSerialNumber, dataset.StationName, dataset.PatientWeight = "SN-77", "ROOM 3", "71.5"
    dataset.InstitutionName = "St. Elsewhere"
    source = save(dataset)
    plain = pydicom.dcmread(deidentify(source, tmp_path).path)
    assert not {"DeviceSerialNumber", "StationName", "PatientWeight", "InstitutionName"} & set(plain.dir())
    copy = pydicom.dcmread(deidentify(source, tmp_path, Options(device=True, patient=True)).path)
    assert (copy.DeviceSerialNumber, copy.StationName) == ("SN-77", "ROOM 3")
    assert (copy.PatientSex, copy.PatientWeight) == ("F", 71.5)
    assert copy.PatientAge == "090Y"  # ages above 89 are aggregated
    assert "InstitutionName" not in copy


def test_a_date_that_is_none_goes(radiograph, save: Save, tmp_path: Path) -> None:
    dataset = radiograph()
    dataset.add_new("SeriesDate", "LO", "about Easter")
    dataset["SeriesDate"].VR = "DA"
    dataset.AcquisitionDate = "2024.01.31"
    copy = pydicom.dcmread(deidentify(save(dataset), tmp_path, Options(Dates.MODIFIED)).path)
    assert "SeriesDate" not in copy
    assert len(copy.AcquisitionDate) == 8


def test_an_earlier_copys_encrypted_originals_go(radiograph, save: Save, tmp_path: Path) -> None:
    dataset = radiograph()
    item = Dataset()
    item.EncryptedContentTransferSyntaxUID, item.EncryptedContent = generate_uid(), b"Secret"
    dataset.EncryptedAttributesSequence = [item]
    assert "EncryptedAttributesSequence" not in pydicom.dcmread(deidentify(save(dataset), tmp_path).path)
