"""What a study list needs of a file, read without its pixels."""

from __future__ import annotations

import sys
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from cxr_desktop.dicom.content import ContentKind, all_bytes, content_kind, first_bytes, refuse_unless_image
from cxr_desktop.dicom.dataset import is_deflated, parse, parse_header
from cxr_desktop.dicom.elements import integer, text
from cxr_desktop.dicom.failure import naming
from cxr_desktop.dicom.plain_header import LONGEST, plain_header
from cxr_desktop.dicom.quiet import quieten
from cxr_desktop.dicom.raster import raster_header
from cxr_desktop.dicom.view import VIEW_KEYWORDS, view_position
from cxr_desktop.domain.radiograph import InstanceHeader

HEADER_KEYWORDS = (
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyDate",
    "AccessionNumber",
    "Modality",
    "Manufacturer",
    "StudyDescription",
    "SeriesDescription",
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "PatientSex",
    "PatientAge",
    "BodyPartExamined",
    *VIEW_KEYWORDS,
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SeriesNumber",
    "InstanceNumber",
    "Laterality",
    "ImageLaterality",
    "PhotometricInterpretation",
    "NumberOfFrames",
    "Rows",
    "Columns",
)


def read_header(path: Path | str) -> InstanceHeader:
    """The header of a DICOM, PNG, JPEG or TIFF file, its pixels left unread.

    Raises DicomReadError as `read_radiograph` does, except for faults of the pixels themselves. An
    object without an image (a report, a plan) has a header with 0 rows.
    """
    path = Path(path)
    with naming(path):
        return header_of(path, first_bytes(path, LONGEST))


def header_of(path: Path, start: bytes) -> InstanceHeader:
    """As `read_header`, where the file's first LONGEST bytes are at hand. Raises what damage raises, unnamed."""
    kind = content_kind(start)
    refuse_unless_image(kind)
    if kind is ContentKind.RASTER:
        return raster_header(path)
    quieten()
    plain = plain_header(start, HEADER_KEYWORDS)
    if plain is not None:
        return instance_header(plain, path)
    if is_deflated(start) or kind is ContentKind.BARE_DICOM:
        dataset = parse(all_bytes(path), HEADER_KEYWORDS).dataset
        return instance_header(dataset, path, deflated=is_deflated(start))
    with path.open("rb") as stream:
        return instance_header(parse_header(stream, HEADER_KEYWORDS), path)


def instance_header(dataset: Dataset, path: Path, *, deflated: bool = False) -> InstanceHeader:
    """The header values of a parsed file. deflated: it was so before parsing."""
    syntax = DeflatedExplicitVRLittleEndian if deflated else dataset.file_meta.TransferSyntaxUID
    return InstanceHeader(
        path=path,
        sop_instance_uid=text(dataset, "SOPInstanceUID"),
        sop_class_uid=_shared(dataset, "SOPClassUID"),
        study_uid=_shared(dataset, "StudyInstanceUID"),
        series_uid=_shared(dataset, "SeriesInstanceUID"),
        patient_id=_shared(dataset, "PatientID"),
        patient_name=_shared(dataset, "PatientName"),
        patient_sex=_shared(dataset, "PatientSex"),
        patient_age=_shared(dataset, "PatientAge"),
        study_date=_shared(dataset, "StudyDate"),
        study_description=_shared(dataset, "StudyDescription"),
        accession_number=_shared(dataset, "AccessionNumber"),
        series_description=_shared(dataset, "SeriesDescription"),
        series_number=integer(dataset, "SeriesNumber", 0),
        instance_number=integer(dataset, "InstanceNumber", 0),
        modality=_shared(dataset, "Modality"),
        view_position=sys.intern(view_position(dataset)),
        laterality=_shared(dataset, "ImageLaterality") or _shared(dataset, "Laterality"),
        body_part=_shared(dataset, "BodyPartExamined"),
        photometric_interpretation=_shared(dataset, "PhotometricInterpretation"),
        rows=integer(dataset, "Rows", 0),
        columns=integer(dataset, "Columns", 0),
        frames=max(integer(dataset, "NumberOfFrames", 1), 1),
        transfer_syntax=sys.intern(str(syntax)),
        manufacturer=_shared(dataset, "Manufacturer"),
        patient_issuer=_shared(dataset, "IssuerOfPatientID"),
    )


def _shared(dataset: Dataset, keyword: str) -> str:
    """As `text`, kept once for all the images that say the same: a folder may hold ten thousand."""
    return sys.intern(text(dataset, keyword))
