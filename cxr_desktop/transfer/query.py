"""What is asked of a node, and the studies it knows."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_DATE = re.compile(r"\d{8}|\d{8}-(\d{8})?|-\d{8}")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")

RETURNED = (
    "StudyInstanceUID", "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
    "AccessionNumber", "StudyDescription", "ModalitiesInStudy", "NumberOfStudyRelatedInstances",
)  # fmt: skip
"""Keywords asked back for each study."""

_CRITERIA = {
    "patient_id": "PatientID",
    "patient_name": "PatientName",
    "date": "StudyDate",
    "accession": "AccessionNumber",
    "modality": "ModalitiesInStudy",
    "study_uid": "StudyInstanceUID",
}


@dataclass(frozen=True, slots=True)
class Query:
    """Criteria that studies must all meet; '*' and '?' are wildcards in texts.

    date: 20240131, 2024-01-31, or a range of two with '-' or '..' between, either of which may be
    left out. Raises ValueError where nothing is asked for, or a date is none.
    """

    patient_id: str = ""
    patient_name: str = ""
    date: str = ""
    accession: str = ""
    modality: str = ""
    study_uid: str = ""

    def __post_init__(self) -> None:
        if not any(getattr(self, field.name).strip(" *") for field in fields(self)):
            raise ValueError("give at least one thing to look for: a patient's ID or name, a date, a number")
        if self.date and not _DATE.fullmatch(self._dicom_date()):
            raise ValueError(f"{self.date!r} is no date; write 2024-01-31, or 2024-01-01..2024-01-31")

    def criteria(self) -> dict[str, str]:
        """Value by DICOM keyword, of what was given."""
        given = {keyword: getattr(self, name).strip() for name, keyword in _CRITERIA.items()}
        given["StudyDate"] = self._dicom_date()
        return {keyword: value for keyword, value in given.items() if value}

    def _dicom_date(self) -> str:
        return _ISO.sub(r"\1\2\3", self.date.strip()).replace("..", "-")


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study that a node knows. Texts as the node gave them; instances: None where it did not say."""

    study_uid: str
    patient_id: str = ""
    patient_name: str = ""
    birth_date: str = ""
    sex: str = ""
    date: str = ""
    time: str = ""
    accession: str = ""
    description: str = ""
    modalities: tuple[str, ...] = ()
    instances: int | None = None


def found_study(answer: Dataset) -> FoundStudy:
    """A node's answer to a query; what it left out or garbled is empty."""

    def text(keyword: str) -> str:
        return str(answer.get(keyword) or "").strip()

    modalities = answer.get("ModalitiesInStudy") or ()
    several = (modalities,) if isinstance(modalities, str) else modalities
    count = text("NumberOfStudyRelatedInstances")
    return FoundStudy(
        study_uid=text("StudyInstanceUID"),
        patient_id=text("PatientID"),
        patient_name=text("PatientName"),
        birth_date=text("PatientBirthDate"),
        sex=text("PatientSex"),
        date=text("StudyDate"),
        time=text("StudyTime"),
        accession=text("AccessionNumber"),
        description=text("StudyDescription"),
        modalities=tuple(str(one) for one in several),
        instances=int(count) if count.isdigit() else None,
    )
