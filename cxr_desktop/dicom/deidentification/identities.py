"""The words by which a patient could be known again, looked for in all that stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from cxr_desktop.dicom.deidentification.retained import IDENTIFIERS
from cxr_desktop.dicom.failure import DAMAGE

_TEXT_VRS = ("AE", "CS", "LO", "LT", "SH", "ST", "UC", "UR", "UT")
_NOTHING = r"(?!)"
_LONG = 6
_SHORTEST = 4
_SHORTEST_NAME = 3
_SHORTEST_OTHER_SCRIPT = 2
_IDEOGRAPHS = "\u2e80"  # from here on a single sign can be a family name
# Without these no program could show the image; their values are the standard's own terms.
_NEEDED = frozenset(
    {
        "Modality",
        "PhotometricInterpretation",
        "PresentationIntentType",
        "PresentationLUTShape",
        "SpecificCharacterSet",
        "VOILUTFunction",
    }
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Names of persons, identifiers and the birth date of a data set, folded.

    Short ones are left out: they would be found by chance.
    """

    words: frozenset[str]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, dataset: Dataset) -> Identity:
        """Of all levels of the data set."""
        words = frozenset(word.casefold() for element in _elements(dataset) for word in _words(element))
        return cls(words, re.compile("|".join(map(_sought, sorted(words))) or _NOTHING))

    def told_by(self, element: DataElement) -> bool:
        """Whether an element of text or bytes contains one of the words."""
        if isinstance(element.value, bytes):
            return any(word.encode() in element.value.lower() for word in self.words if _is_long(word))
        if element.VR not in _TEXT_VRS or keyword_for_tag(element.tag) in _NEEDED:
            return False
        return self.pattern.search(str(element.value).casefold()) is not None


def _sought(word: str) -> str:
    """A short name counts as a word of its own alone: 'Mary' is not what PRIMARY tells."""
    found = re.escape(word)
    return found if _is_long(word) or not word.isascii() else rf"(?<![^\W_]){found}(?![^\W_])"


def _is_long(word: str) -> bool:
    return len(word) >= _LONG


def _elements(dataset: Dataset) -> Iterator[DataElement]:
    for tag in list(dataset.keys()):
        try:
            element = dataset[tag]
        except DAMAGE:
            continue
        if element.VR == "SQ":
            for item in element.value or ():
                yield from _elements(item)
        else:
            yield element


def _words(element: DataElement) -> Iterator[str]:
    keyword = keyword_for_tag(element.tag)
    if element.VR == "PN":
        for part in re.split(r"[\^=\s\\,\[\]']+", str(element.value)):
            if _is_telling(part):
                yield part
    elif keyword in IDENTIFIERS or keyword == "PatientBirthDate":
        values = element.value if element.VM > 1 else [element.value]
        yield from (text for value in values or () if len(text := str(value or "").strip()) >= _SHORTEST)


def _is_telling(part: str) -> bool:
    """Whether a part of a name is long enough not to be met by chance."""
    if part.isascii():
        return len(part) >= _SHORTEST_NAME
    return len(part) >= _SHORTEST_OTHER_SCRIPT or part >= _IDEOGRAPHS
