"""Boxes from structured reports of any maker: the regions that they outline on images (PS3.3 C.17.3, C.18.6)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydicom.dataset import Dataset

from cxr_desktop.dicom.elements import items, number, numbers, text
from cxr_desktop.dicom.failure import naming
from cxr_desktop.dicom.object import read_object
from cxr_desktop.dicom.report_region import region_within
from cxr_desktop.domain.box import Box
from cxr_desktop.domain.finding import Certainty, Finding, Laterality
from cxr_desktop.domain.label_set import finding_of
from cxr_desktop.domain.shapes import Point

KINDS = {
    "1.2.840.10008.5.1.4.1.1.88.22": "Enhanced SR",
    "1.2.840.10008.5.1.4.1.1.88.33": "Comprehensive SR",
    "1.2.840.10008.5.1.4.1.1.88.34": "Comprehensive 3D SR",
    "1.2.840.10008.5.1.4.1.1.88.35": "Extensible SR",
    "1.2.840.10008.5.1.4.1.1.88.50": "Mammography CAD SR",
    "1.2.840.10008.5.1.4.1.1.88.65": "Chest CAD SR",
}
_DEEPEST = 64
_OWN = "99CXR"
_FINDINGS = frozenset({("DCM", "121071"), ("DCM", "111059"), ("SRT", "F-01796"), ("SCT", "404684003")})
_PERSON = ("DCM", "121008")
_ALGORITHM = ("DCM", "111001")
_PARAMETER = ("DCM", "111002")
_METHOD = "Attribution method: "
_TRACKING = ("DCM", "112039")
_SOURCE = (_OWN, "SOURCE")
_BOX_SCORE = (_OWN, "BOXSCORE")
_CERTAINTY = ("DCM", "111012")
_READER_CERTAINTY = (_OWN, "CERTAINTY")
_COMMENT = ("DCM", "121106")
_SITES = frozenset({("SCT", "363698007"), ("SRT", "G-C0E3")})
_SIDE = frozenset({("SCT", "272741003"), ("SRT", "G-C171")})
_SIDES = {
    "24028007": Laterality.RIGHT,
    "G-A100": Laterality.RIGHT,
    "7771000": Laterality.LEFT,
    "G-A101": Laterality.LEFT,
    "51440002": Laterality.BOTH,
    "G-A102": Laterality.BOTH,
}


@dataclass(frozen=True, slots=True)
class StructuredReport:
    """What a report outlines. boxes: by SOP Instance UID of the image, pixels of the stored image.

    by_people: those of the boxes that no algorithm claims. notes: regions that are no box on an image, in plain
    sentences.
    """

    sop_instance_uid: str
    study_uid: str
    title: str = ""
    boxes: Mapping[str, tuple[Box, ...]] = field(default_factory=dict)
    by_people: Mapping[str, tuple[Box, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Context:
    """What content items further up say of a region. Empty where none does."""

    label: str = ""
    tracking: str = ""
    source: str = ""
    person: str = ""
    algorithm: str = ""
    score: float | None = None
    certainty: Certainty = Certainty.UNSTATED
    laterality: Laterality = Laterality.UNSTATED
    comment: str = ""


def read_structured_report(path: Path | str) -> StructuredReport:
    """The regions of a report: upright rectangles as boxes, other outlines, circles and ellipses as findings.

    A box's label is its group's finding (by our vocabulary where that has the code), its source who drew
    it: a reader, the attribution method, the algorithm. Raises DicomReadError, its message naming the file, for
    anything but a structured report with a content tree.
    """
    path = Path(path)
    with naming(path):
        dataset = read_object(path, KINDS, "a structured report with regions")
        notes: list[str] = []
        found = list(_Reader(dataset, notes).regions())
        return StructuredReport(
            text(dataset, "SOPInstanceUID"),
            text(dataset, "StudyInstanceUID"),
            _meaning(dataset, "ConceptNameCodeSequence"),
            _by_image(found),
            _by_image(one for one in found if not one.by_algorithm),
            tuple(dict.fromkeys(notes)),
        )


@dataclass(frozen=True, slots=True)
class _Region:
    image: str
    box: Box
    by_algorithm: bool


def _by_image(regions: Iterable[_Region]) -> dict[str, tuple[Box, ...]]:
    gathered: dict[str, list[Box]] = {}
    for one in regions:
        gathered.setdefault(one.image, []).append(one.box)
    return {image: tuple(boxes) for image, boxes in gathered.items()}


class _Reader:
    """Walks the content tree of one report."""

    def __init__(self, root: Dataset, notes: list[str]) -> None:
        self._root, self._notes = root, notes

    def regions(self) -> Iterator[_Region]:
        yield from self._within(self._root, _Context(), 0)

    def _within(self, node: Dataset, above: _Context, depth: int) -> Iterator[_Region]:
        if depth > _DEEPEST:
            self._notes.append("The content tree is nested too deeply; what lies deeper was left out.")
            return
        children = items(node, "ContentSequence")
        context = _context(children, _named(node, above))
        for child in children:
            kind = text(child, "ValueType").upper()
            if kind == "SCOORD":
                yield from self._region(child, context)
            elif kind == "SCOORD3D":
                self._notes.append(
                    "A region in the patient's space (SCOORD3D) was left out: radiographs have no place in it."
                )
            else:
                yield from self._within(child, context, depth + 1)

    def _region(self, node: Dataset, context: _Context) -> Iterator[_Region]:
        shape = region_within(text(node, "GraphicType").upper(), numbers(node, "GraphicData"))
        if shape is None or isinstance(shape, Point):
            self._notes.append(
                f"A region of type {text(node, 'GraphicType')[:16] or 'unknown'} is no box and was left out."
            )
            return
        found = Finding.of(shape) if isinstance(shape, Box) else Finding.around(shape)
        box = Finding.of(
            found,
            label=context.label or context.tracking,
            score=context.score,
            source=context.source or context.person or context.algorithm,
            certainty=context.certainty,
            laterality=context.laterality,
            comment=context.comment,
        ).simplest
        images = list(self._images(node))
        if not images:
            self._notes.append("A region that names no image was left out.")
        for image in images:
            yield _Region(image, box, bool(context.algorithm))

    def _images(self, node: Dataset) -> Iterator[str]:
        for child in items(node, "ContentSequence"):
            child = self._target(child)
            if text(child, "ValueType").upper() == "IMAGE":
                for one in items(child, "ReferencedSOPSequence"):
                    yield text(one, "ReferencedSOPInstanceUID")

    def _target(self, node: Dataset) -> Dataset:
        """The item that a by-reference relationship names by its place in the tree (PS3.3 C.17.3.2.5)."""
        place = numbers(node, "ReferencedContentItemIdentifier")
        found = self._root
        for position in place[1:]:
            children = items(found, "ContentSequence")
            if not (math.isfinite(position) and 1 <= position <= len(children)):
                return node
            found = children[int(position) - 1]
        return found if len(place) > 1 else node


def _named(node: Dataset, above: _Context) -> _Context:
    """What lies below a coded finding speaks of that finding, as in CAD reports (TID 4006 and 4104)."""
    if text(node, "ValueType").upper() == "CODE" and _code(node, "ConceptNameCodeSequence") in _FINDINGS:
        return replace(above, label=_label(node))
    return above


def _context(children: tuple[Dataset, ...], above: _Context) -> _Context:
    """What a container's items say, over what is said further up.

    A container that names its own person or algorithm overrides both of those above.
    """
    here = _Context()
    for child in children:
        name, kind = _code(child, "ConceptNameCodeSequence"), text(child, "ValueType").upper()
        if name in _FINDINGS and not here.label:
            here = replace(here, label=_label(child) if kind == "CODE" else text(child, "TextValue"))
        elif name == _TRACKING:
            here = replace(here, tracking=text(child, "TextValue"))
        elif name == _PERSON:
            here = replace(here, person=text(child, "PersonName").strip("^ "))
        elif name == _ALGORITHM:
            here = replace(here, algorithm=here.algorithm or text(child, "TextValue"))
        elif name == _PARAMETER and text(child, "TextValue").startswith(_METHOD):
            here = replace(here, source=text(child, "TextValue").removeprefix(_METHOD))
        elif name == _SOURCE:
            here = replace(here, source=text(child, "TextValue"))
        elif name == _READER_CERTAINTY:
            stated = _code(child, "ConceptCodeSequence")[1]
            here = replace(here, certainty=Certainty.__members__.get(stated, Certainty.UNSTATED))
        elif name == _COMMENT:
            here = replace(here, comment=text(child, "TextValue"))
        elif name in _SITES:
            here = replace(here, laterality=_side(child))
        elif name in _SIDE:
            here = replace(here, laterality=_side_of(child))
        elif name in (_BOX_SCORE, _CERTAINTY) and kind == "NUM":
            here = replace(here, score=_score(child, name) if here.score is None else here.score)
    maker = here if here.source or here.person or here.algorithm else above
    return _Context(
        here.label or above.label,
        here.tracking or above.tracking,
        maker.source,
        maker.person,
        maker.algorithm,
        above.score if here.score is None else here.score,
        here.certainty or above.certainty,
        here.laterality or above.laterality,
        here.comment,
    )


def _side(site: Dataset) -> Laterality:
    """The side that modifies a finding site."""
    for child in items(site, "ContentSequence"):
        if _code(child, "ConceptNameCodeSequence") in _SIDE:
            return _side_of(child)
    return Laterality.UNSTATED


def _side_of(node: Dataset) -> Laterality:
    return _SIDES.get(_code(node, "ConceptCodeSequence")[1], Laterality.UNSTATED)


def _score(node: Dataset, name: tuple[str, str]) -> float | None:
    for item in items(node, "MeasuredValueSequence")[:1]:
        exact = number(item, "FloatingPointValue")
        value = number(item, "NumericValue") if exact is None else exact
        if value is not None:
            return value / 100 if name == _CERTAINTY else value
    return None


def _code(node: Dataset, keyword: str) -> tuple[str, str]:
    for item in items(node, keyword)[:1]:
        value = text(item, "CodeValue") or text(item, "LongCodeValue") or text(item, "URNCodeValue")
        return text(item, "CodingSchemeDesignator"), value
    return "", ""


def _meaning(node: Dataset, keyword: str) -> str:
    return next((text(item, "CodeMeaning") for item in items(node, keyword)), "")


def _label(node: Dataset) -> str:
    """The vocabulary's name of a coded finding, else the code's own words."""
    scheme, value = _code(node, "ConceptCodeSequence")
    return finding_of(scheme, value) or _meaning(node, "ConceptCodeSequence")
