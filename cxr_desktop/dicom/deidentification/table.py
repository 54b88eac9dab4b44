"""Which action PS3.15 Table E.1-1 asks for, as the library dicom-anonymizer carries it (edition 2026c).

Of the library the table is used, not the walk: its own looks at the top level of a data set alone, draws
UIDs afresh in every process and writes the year 1 where a date should go.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from pydicom.datadict import dictionary_has_tag, keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.tag import Tag

from cxr_desktop.dicom.deidentification.options import Dates, Options
from cxr_desktop.dicom.deidentification.retained import (
    DEVICE_IDENTITY,
    NEVER_KEPT,
    PATIENT_CHARACTERISTICS,
)

EDITION = "2026c"
_OVERLAYS, _CURVES = 0x6000, 0x5000
_TEMPORAL = ("DA", "TM", "DT")
_TIMEZONE = "TimezoneOffsetFromUTC"
# Free text and names that the table does not know: nothing says that they are harmless.
_UNLISTED_TEXT = ("PN", "LT", "ST", "UT", "UN")
# Holds the originals of an earlier de-identification.
_ALWAYS_REMOVED = frozenset({"EncryptedAttributesSequence"})
_TYPE_2 = frozenset({"AcquisitionContextSequence"})
# UIDs of kinds of things, which name no instance.
_KINDS = ("ClassUID", "CodingSchemeUID", "ContextUID", "MappingResourceUID", "TransferSyntaxUID")
_PATIENT = frozenset({"PatientID", "PatientName"})


class Ruling(StrEnum):
    """What is to be done with an element."""

    KEEP = "keep"
    REMOVE = "remove"
    EMPTY = "empty"
    DUMMY = "dummy"
    NEW_UID = "new UID"
    SHIFT = "shift"
    PSEUDONYM = "pseudonym"


# Where the table leaves a choice, the attribute is optional (type 3) in the radiography IODs (PS3.3 A.2,
# A.8, A.14, A.26) and goes; 'Z' ones are of type 2 there and are left empty. Enhanced multi-frame IODs
# require values for all that may be a dummy.
_RULINGS: dict[str, Ruling] = {
    "D_TAGS": Ruling.DUMMY,
    "Z_TAGS": Ruling.EMPTY,
    "X_TAGS": Ruling.REMOVE,
    "U_TAGS": Ruling.NEW_UID,
    "Z_D_TAGS": Ruling.EMPTY,
    "X_Z_TAGS": Ruling.REMOVE,
    "X_D_TAGS": Ruling.REMOVE,
    "X_Z_D_TAGS": Ruling.REMOVE,
    "X_Z_U_STAR_TAGS": Ruling.NEW_UID,
}


_IN_ENHANCED = _RULINGS | dict.fromkeys(("Z_D_TAGS", "X_D_TAGS", "X_Z_D_TAGS"), Ruling.DUMMY)


def ruling(element: DataElement, options: Options, *, enhanced: bool = False) -> Ruling:
    """What the profile with these options does to an element, wherever it lies.

    enhanced: the data set is of an enhanced multi-frame IOD.
    """
    tag, keyword = element.tag, keyword_for_tag(element.tag)
    if tag.is_private or tag.group & 0xFF00 in (_OVERLAYS, _CURVES) or keyword in _ALWAYS_REMOVED:
        return Ruling.REMOVE
    if keyword in _PATIENT:
        return Ruling.PSEUDONYM
    if _is_retained(keyword, options):
        return Ruling.KEEP
    listed = rulings(enhanced).get(int(tag))
    if listed is not None:
        return Ruling.EMPTY if keyword in _TYPE_2 else _temporal(element, keyword, options) or listed
    return _unlisted(element, keyword, options)


def _is_retained(keyword: str, options: Options) -> bool:
    by_patient = options.patient and keyword in PATIENT_CHARACTERISTICS
    return by_patient or (options.device and keyword in DEVICE_IDENTITY)


def _temporal(element: DataElement, keyword: str, options: Options) -> Ruling | None:
    """What a date option makes of a listed date or time; None where the table's own action stays."""
    if options.dates is Dates.REMOVED or keyword in NEVER_KEPT:
        return None
    if keyword == _TIMEZONE:
        return Ruling.KEEP
    if element.VR not in _TEMPORAL:
        return None
    return Ruling.KEEP if options.dates is Dates.FULL else Ruling.SHIFT


def _unlisted(element: DataElement, keyword: str, options: Options) -> Ruling:
    """Attributes that the table leaves alone; unknown ones and free text are not trusted."""
    if element.VR in _UNLISTED_TEXT or not dictionary_has_tag(element.tag):
        return Ruling.REMOVE
    if element.VR == "UI" and not keyword.endswith(_KINDS):
        return Ruling.NEW_UID
    if element.VR in ("DA", "DT"):
        return {Dates.REMOVED: Ruling.REMOVE, Dates.MODIFIED: Ruling.SHIFT}.get(options.dates, Ruling.KEEP)
    return Ruling.KEEP


@cache
def rulings(enhanced: bool) -> Mapping[int, Ruling]:
    """The table by tag; its repeating groups are handled by `ruling` itself."""
    from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as table

    actions = _IN_ENHANCED if enhanced else _RULINGS
    return {
        int(Tag(tag)): ruled
        for category, ruled in actions.items()
        for tag in getattr(table, category)
        if len(tag) == 2
    }
