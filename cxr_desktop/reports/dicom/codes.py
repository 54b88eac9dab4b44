"""Concepts as codes: those of DICOM and SNOMED where there are any, else our own scheme 99CXR."""

from __future__ import annotations

import hashlib
import re

from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import CodedConcept

from cxr_desktop.domain import Certainty, Laterality, Verdict
from cxr_desktop.domain.label_set import finding_codes
from cxr_desktop.domain.labels import LabelMap
from cxr_desktop.reports.dicom.writing import MANUFACTURER, line

OWN = "99CXR"
_PREFERRED = ("SCT", "DCM", "RADLEX")
_SHORT = 16


def own(value: str, meaning: str) -> CodedConcept:
    """A concept of our own coding scheme."""
    return CodedConcept(value, OWN, meaning)


CERTAINTY = CodedConcept("111012", "DCM", "Certainty of Finding")
COMMENT = CodedConcept("121106", "DCM", "Comment")
FINDING = CodedConcept("121071", "DCM", "Finding")
EVALUATIONS = CodedConcept("C0034375", "UMLS", "Qualitative Evaluations")
BOUNDED_BY = CodedConcept("75958009", "SCT", "Bounded by")
WIDTH = CodedConcept("103355008", "SCT", "Width")
HEIGHT = CodedConcept("121207", "DCM", "Height")
IMAGING_PROCEDURE = CodedConcept("363679005", "SCT", "Imaging procedure")
CHEST = CodedConcept("816094009", "SCT", "Thorax")
ABNORMAL = CodedConcept("49755003", "SCT", "Morphologically Abnormal Structure")
NO_UNITS = CodedConcept("1", "UCUM", "no units")
PER_CENT = CodedConcept("%", "UCUM", "Percent")
MILLIMETRE = CodedConcept("mm", "UCUM", "millimeter")

IOU = own("IOU", "Intersection over union")
IOBB = own("IOBB", "Intersection over predicted box")
BOX_SCORE = own("BOXSCORE", "Score of the box")
REGION_SOURCE = own("SOURCE", "Who or what drew the region")
RELEVANCE = own("RELEVANCE", "Relevance of the pixel for the score")
ABOVE = own("ABOVE", "At or above the operating point")
BELOW = own("BELOW", "Below the operating point")
READER_CERTAINTY = own("CERTAINTY", "Certainty of the reader")
CERTAINTIES = {
    Certainty.POSSIBLE: own("POSSIBLE", "Possible"),
    Certainty.PROBABLE: own("PROBABLE", "Probable"),
    Certainty.DEFINITE: own("DEFINITE", "Definite"),
}
LATERALITY = CodedConcept("272741003", "SCT", "Laterality")
SIDES = {
    Laterality.RIGHT: CodedConcept("24028007", "SCT", "Right"),
    Laterality.LEFT: CodedConcept("7771000", "SCT", "Left"),
    Laterality.BOTH: CodedConcept("51440002", "SCT", "Bilateral"),
}
VERDICTS = {
    Verdict.ACCEPTED: own("ACCEPTED", "Accepted as it is"),
    Verdict.CORRECTED: own("CORRECTED", "Accepted with other edges"),
    Verdict.REJECTED: own("REJECTED", "Rejected"),
}


def finding(label: str) -> CodedConcept:
    """The code of a label: the vocabulary's, SNOMED CT first, or one of our own scheme that carries its words."""
    known = {code.scheme: code for code in finding_codes().get(LabelMap.load().canonical(label), ())}
    for scheme in _PREFERRED:
        if scheme in known:
            return CodedConcept(known[scheme].value, scheme, known[scheme].meaning)
    return own(_value(label), line(label) or "Finding without a name")


def operating_point(name: str, threshold: float) -> CodedConcept:
    return own(_value(f"OP {name}"), line(f"Operating point '{name}', {threshold:.3f}"))


def verdict_of(reader: str) -> CodedConcept:
    return own(_value(f"VERDICT {reader}"), line(f"Verdict of {reader} on the network's box"))


def own_scheme() -> CodingSchemeIdentificationItem:
    """Who is responsible for 99CXR."""
    return CodingSchemeIdentificationItem(OWN, f"{MANUFACTURER} codes", None, None, None, MANUFACTURER)


def _value(text: str) -> str:
    """A code value of at most 16 characters, different for different texts."""
    plain = re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")
    if plain and len(plain) <= _SHORT and plain == text.upper().replace(" ", "_"):
        return plain
    return f"{plain[:9]}_{hashlib.sha256(text.encode()).hexdigest()[:6]}".upper().strip("_")
