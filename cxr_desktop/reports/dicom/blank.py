"""An object with patient, study, series and equipment filled in, for kinds that highdicom does not make for us."""

from __future__ import annotations

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from cxr_desktop.domain import Analysis
from cxr_desktop.reports.dicom.identity import Identity
from cxr_desktop.reports.dicom.writing import equipment

_OF_THE_IMAGE = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID")
_KEYWORDS = {
    "series_instance_uid": "SeriesInstanceUID",
    "series_number": "SeriesNumber",
    "sop_instance_uid": "SOPInstanceUID",
    "instance_number": "InstanceNumber",
    "series_description": "SeriesDescription",
    "manufacturer": "Manufacturer",
    "manufacturer_model_name": "ManufacturerModelName",
    "software_versions": "SoftwareVersions",
    "device_serial_number": "DeviceSerialNumber",
}


def blank(
    subject: Dataset,
    analysis: Analysis,
    identity: Identity,
    sop_class: UID,
    modality: str,
    described: dict[str, object],
) -> Dataset:
    """subject: patient and study, as `source` gives them. described: as `writing.series` gives it."""
    made = Dataset()
    made.update({element.tag: element for element in subject if element.keyword not in _OF_THE_IMAGE})
    for name, value in (described | equipment(analysis)).items():
        setattr(made, _KEYWORDS[name], value)
    made.SOPClassUID, made.Modality = sop_class, modality
    for moment in ("InstanceCreation", "Content"):
        setattr(made, f"{moment}Date", identity.date)
        setattr(made, f"{moment}Time", identity.time)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = sop_class
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    return made


def code_item(value: str, scheme: str, meaning: str) -> Dataset:
    """An item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def image_item(subject: Dataset, frame: int | None = None) -> Dataset:
    """An item that refers to the analysed image."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = subject.SOPClassUID, subject.SOPInstanceUID
    if frame is not None:
        item.ReferencedFrameNumber = frame
    return item
