"""The analysed image as other objects must speak of it: whose, of which study, by which UIDs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cxr_desktop.dicom.content import ContentKind, all_bytes, content_kind
from cxr_desktop.dicom.failure import naming
from cxr_desktop.domain import Analysis
from cxr_desktop.domain.errors import DicomReadError, ExportError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

REFERENCES = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
IDENTITY = ("PatientID", "PatientName")
TYPE_2 = (
    *IDENTITY,
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
)
OPTIONAL = (
    "IssuerOfPatientID",
    "PatientAge",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "StudyDescription",
)
IMAGE = (
    "Modality",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "PhotometricInterpretation",
    "PixelRepresentation",
    "BitsStored",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
    "RescaleSlope",
    "RescaleIntercept",
    "RescaleType",
    "ModalityLUTSequence",
)
INVENTED = "Study made up: the image belongs to no DICOM study."
_SEXES = frozenset({"M", "F", "O"})
_UTF8 = "ISO_IR 192"
_IMAGE_REFERENCES = ("ReferencedImageSequence", "SourceImageSequence")


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """subject: attributes of the patient and study modules, each valid or empty, with the image's four UIDs.

    image: further attributes of the image as its file has them, not checked. frame: the one that was analysed,
    counted from 1; None where there is only one. body_part: what was examined, '' where not told.
    """

    subject: Dataset
    image: Dataset
    frame: int | None = None
    body_part: str = ""

    @property
    def frames(self) -> list[int] | None:
        return None if self.frame is None else [self.frame]


def source_of(analysis: Analysis) -> Source:
    """The DICOM image that was analysed, to be referred to by a new object.

    Raises ExportError for a picture that is no DICOM image, one without valid UIDs, and a file that is
    gone or has changed since.
    """
    path = analysis.radiograph.header.path
    found = _read(analysis)
    if found is None:
        raise ExportError(
            f"{path.name} is no DICOM image, so that a DICOM object has no image and no study to refer to; "
            "choose sc or encapsulated-pdf, or a format that is not DICOM"
        )
    subject = _subject(found, path)
    for keyword in REFERENCES:
        value = _valid(found, keyword)
        if not value:
            raise ExportError(
                f"{path.name} has no valid {_spaced(keyword)}, so that a DICOM object cannot refer to it; choose "
                "sc or encapsulated-pdf, or export the image again from its source"
            )
        setattr(subject, keyword, value)
    frame = analysis.radiograph.frame + 1 if analysis.radiograph.header.frames > 1 else None
    return Source(subject, _image(found), frame, _valid(found, "BodyPartExamined"))


def limit_to_frame(dataset: Dataset, source: Source) -> None:
    """Let every reference to the image name the frame that was analysed, where it has several."""
    if source.frame is None:
        return
    for element in dataset.iterall():
        if element.keyword in _IMAGE_REFERENCES:
            for item in element.value:
                item.ReferencedFrameNumber = source.frame


def subject_of(analysis: Analysis, invented_study: str) -> tuple[Dataset, bool]:
    """Patient and study for an object that need not refer to the image, and whether the study is invented.

    invented_study: the UID to use where the image belongs to none. Raises ExportError as `source_of` does for files
    that are gone or have changed.
    """
    from pydicom.dataset import Dataset

    found = _read(analysis)
    subject = _subject(Dataset() if found is None else found, analysis.radiograph.header.path)
    study = "" if found is None else _valid(found, "StudyInstanceUID")
    subject.StudyInstanceUID = study or invented_study
    if found is not None:
        for keyword in ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID"):
            value = _valid(found, keyword)
            if value:
                setattr(subject, keyword, value)
    return subject, not study


def _read(analysis: Analysis) -> Dataset | None:
    """The header of the image's file, None where it is no DICOM."""
    from cxr_desktop.dicom.dataset import parse

    radiograph = analysis.radiograph
    path = radiograph.header.path
    try:
        with naming(path):
            data = all_bytes(path)
            if content_kind(data[:256]) is ContentKind.RASTER:
                return None
            if radiograph.sha256 and hashlib.sha256(data).hexdigest() != radiograph.sha256:
                raise ExportError(f"{path} has changed since it was analysed; open it again")
            keywords = (*REFERENCES, *TYPE_2, *OPTIONAL, *IMAGE, "BodyPartExamined")
            return parse(data, keywords).dataset
    except DicomReadError as error:
        raise ExportError(f"the analysed image cannot be read again: {error}") from error


def _subject(found: Dataset, path: Path) -> Dataset:
    from pydicom.dataset import Dataset

    from cxr_desktop.dicom.elements import text

    subject = Dataset()
    subject.SpecificCharacterSet = _UTF8
    for keyword in TYPE_2:
        value = _valid(found, keyword)
        if keyword in IDENTITY and text(found, keyword) and not value:
            raise ExportError(
                f"{path.name} has a {_spaced(keyword)} that DICOM does not allow, and a changed one would be someone "
                "else's; correct the image at its source"
            )
        setattr(subject, keyword, value)
    if subject.PatientSex not in _SEXES:
        subject.PatientSex = ""
    for keyword in OPTIONAL:
        value = _valid(found, keyword)
        if value:
            setattr(subject, keyword, value)
    if subject.get("PatientIdentityRemoved") != "YES" or "DeidentificationMethod" not in subject:
        for keyword in ("PatientIdentityRemoved", "DeidentificationMethod"):
            subject.pop(keyword, None)
    return subject


def _image(found: Dataset) -> Dataset:
    from pydicom.dataset import Dataset

    from cxr_desktop.dicom.failure import DAMAGE

    image = Dataset()
    for keyword in IMAGE:
        try:
            if found.get(keyword) not in (None, ""):
                image[keyword] = found[keyword]
        except DAMAGE:  # a value of the image's own that cannot be read is as good as absent
            continue
    return image


def _valid(found: Dataset, keyword: str) -> str:
    """The element's text where its VR allows it, else ''."""
    from pydicom import config
    from pydicom.datadict import dictionary_VR
    from pydicom.valuerep import DA, TM, validate_value

    from cxr_desktop.dicom.elements import text

    value = text(found, keyword)
    if "\\" in value:
        return ""
    vr = dictionary_VR(keyword)
    try:
        validate_value(vr, value, config.RAISE)
        {"DA": DA, "TM": TM}.get(vr, str)(value)  # 31 February has the form of a date
    except ValueError:
        return ""
    return "" if vr == "PN" and not _is_name(value) else value


def _is_name(value: str) -> bool:
    """Whether it has at most three groups of at most five components (PS3.5 6.2.1.1)."""
    groups = value.split("=")
    return len(groups) <= 3 and all(group.count("^") <= 4 for group in groups)


def _spaced(keyword: str) -> str:
    from pydicom.datadict import dictionary_description

    return dictionary_description(keyword)
