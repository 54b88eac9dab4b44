"""What a de-identified copy may keep, and the codes that say so (PS3.16 CID 7050)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cxr_desktop.domain.box import Box


class Dates(StrEnum):
    """What becomes of dates and times. modified: moved by the same number of days for all of a patient."""

    REMOVED = "removed"
    MODIFIED = "modified"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the profile (PS3.15 E.3). device, patient: keep the device's identity, the patient's
    characteristics (sex, age, size, weight). clean: rectangles to blank, in pixels of the stored image.
    """

    dates: Dates = Dates.REMOVED
    device: bool = False
    patient: bool = False
    clean: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept of the DICOM controlled terminology."""

    value: str
    meaning: str


BASIC_PROFILE = Code("113100", "Basic Application Confidentiality Profile")
CLEAN_PIXEL_DATA = Code("113101", "Clean Pixel Data Option")
_FULL_DATES = Code("113106", "Retain Longitudinal Temporal Information Full Dates Option")
_MODIFIED_DATES = Code("113107", "Retain Longitudinal Temporal Information Modified Dates Option")
_PATIENT = Code("113108", "Retain Patient Characteristics Option")
_DEVICE = Code("113109", "Retain Device Identity Option")


def codes_of(options: Options) -> tuple[Code, ...]:
    """The items of De-identification Method Code Sequence, the profile first."""
    chosen = (
        (CLEAN_PIXEL_DATA, bool(options.clean)),
        (_FULL_DATES, options.dates is Dates.FULL),
        (_MODIFIED_DATES, options.dates is Dates.MODIFIED),
        (_PATIENT, options.patient),
        (_DEVICE, options.device),
    )
    return (BASIC_PROFILE, *(code for code, is_chosen in chosen if is_chosen))
