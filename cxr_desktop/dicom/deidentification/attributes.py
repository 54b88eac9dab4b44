"""The profile applied to every attribute of a data set, at all levels."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag

from cxr_desktop.dicom.deidentification.changes import Action, Change, named, written
from cxr_desktop.dicom.deidentification.identities import Identity
from cxr_desktop.dicom.deidentification.options import Options
from cxr_desktop.dicom.deidentification.pseudonyms import Pseudonyms, shifted
from cxr_desktop.dicom.deidentification.table import Ruling, ruling
from cxr_desktop.dicom.elements import text
from cxr_desktop.dicom.failure import DAMAGE

_OLDEST = 89
_AGGREGATED_AGE = "090Y"
_PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
_DUMMIES = {
    "AS": "000Y",
    "DA": "19000101",
    "DT": "19000101000000",
    "TM": "000000",
    "UR": "http://removed.invalid",
}
_NUMERIC = ("DS", "IS", "FD", "FL", "SS", "US", "SL", "UL", "SV", "UV")
_TEXTUAL = ("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT")


class Profile:
    """One data set's pass through the profile. Changes the data set it is given."""

    def __init__(self, dataset: Dataset, options: Options, pseudonyms: Pseudonyms) -> None:
        self._dataset, self._options, self._pseudonyms = dataset, options, pseudonyms
        self._patient = _patient_of(dataset)
        self._enhanced = "SharedFunctionalGroupsSequence" in dataset
        self._identity = Identity.of(dataset)
        self._shift: timedelta = pseudonyms.shift(self._patient)
        self._counts: Counter[Change] = Counter()

    def apply(self) -> tuple[Change, ...]:
        """What was changed, in order of the tags, equal changes counted together."""
        self._walk(self._dataset, "")
        return tuple(
            Change(one.tag, one.name, one.action, count) for one, count in sorted(self._counts.items())
        )

    def _walk(self, dataset: Dataset, path: str) -> None:
        for tag in sorted(dataset.keys()):
            if tag in _PIXELS:
                continue
            element = _parsed(dataset, tag)
            if element is None:
                self._remove(dataset, tag, path)
                continue
            self._rule(dataset, element, path)

    def _rule(self, dataset: Dataset, element: DataElement, path: str) -> None:
        ruled = ruling(element, self._options, enhanced=self._enhanced)
        if ruled is Ruling.KEEP and self._identity.told_by(element):
            ruled = Ruling.EMPTY
        match ruled:
            case Ruling.REMOVE:
                self._remove(dataset, element.tag, path)
            case Ruling.EMPTY:
                self._put(element, _empty(element), Action.EMPTIED, path)
            case Ruling.DUMMY:
                self._dummy(dataset, element, path)
            case Ruling.PSEUDONYM:
                self._put(element, self._pseudonyms.patient(self._patient), Action.REPLACED, path)
            case Ruling.SHIFT:
                self._move(dataset, element, path)
            case _:
                self._keep(element, ruled, path)

    def _keep(self, element: DataElement, ruled: Ruling, path: str) -> None:
        """What stays: sequences are looked into, the ages of the very old aggregated."""
        if element.VR == "SQ":
            for item in element.value or ():
                self._walk(item, f"{path}{written(element.tag)} > ")
        elif ruled is Ruling.NEW_UID:
            self._replace_uids(element, path)
        elif keyword_for_tag(element.tag) == "PatientAge" and _is_very_old(element):
            self._put(element, _AGGREGATED_AGE, Action.AGGREGATED, path)

    def _replace_uids(self, element: DataElement, path: str) -> None:
        values = list(element.value) if element.VM > 1 else [element.value] if element.value else []
        new = [self._pseudonyms.uid(str(value)) for value in values]
        if new and new != [str(value) for value in values]:
            self._put(element, new if len(new) > 1 else new[0], Action.NEW_UID, path)

    def _move(self, dataset: Dataset, element: DataElement, path: str) -> None:
        values = element.value if isinstance(element.value, MultiValue) else [element.value]
        moved = [shifted(str(value), element.VR, self._shift) for value in values if value]
        if any(value is None for value in moved):
            self._remove(dataset, element.tag, path)
        elif moved and element.VR != "TM":
            self._put(element, moved if len(moved) > 1 else moved[0], Action.SHIFTED, path)

    def _dummy(self, dataset: Dataset, element: DataElement, path: str) -> None:
        dummy = _dummy_of(element.VR)
        if dummy is None:
            self._remove(dataset, element.tag, path)
        else:
            self._put(element, dummy, Action.REPLACED, path)

    def _remove(self, dataset: Dataset, tag: BaseTag, path: str) -> None:
        del dataset[tag]
        self._count(tag, Action.REMOVED, path)

    def _put(self, element: DataElement, value: object, action: Action, path: str) -> None:
        """Sets a value; what was empty before is no change."""
        if not element.is_empty:
            element.value = value
            self._count(element.tag, action, path)

    def _count(self, tag: BaseTag, action: Action, path: str) -> None:
        self._counts[Change(f"{path}{written(tag)}", named(tag), action)] += 1


def _parsed(dataset: Dataset, tag: BaseTag) -> DataElement | None:
    """The element, or None where its bytes cannot be understood and so cannot be trusted."""
    try:
        element = dataset[tag]
        element.is_empty  # noqa: B018  a lazily converted value fails here
    except DAMAGE:
        return None
    return element


def _patient_of(dataset: Dataset) -> str:
    """What tells patients apart: the identifier with its issuer, else the name."""
    issuer, number = text(dataset, "IssuerOfPatientID"), text(dataset, "PatientID")
    return f"{number}\0{issuer}" if number else text(dataset, "PatientName")


def _empty(element: DataElement) -> object:
    return [] if element.VR == "SQ" else element.empty_value


def _dummy_of(vr: str) -> object | None:
    if vr in _NUMERIC:
        return 0
    return "ANONYMIZED" if vr in _TEXTUAL else _DUMMIES.get(vr)


def _is_very_old(element: DataElement) -> bool:
    age = str(element.value).strip()
    return age.endswith("Y") and age[:-1].isdigit() and int(age[:-1]) > _OLDEST
