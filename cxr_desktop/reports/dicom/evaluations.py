"""What is said of the whole image, beside a single region.

PixelMed's validator takes every measurement group for a region's where a report has exactly one region (its rules count
the regions of all groups together). There, what would be a group of TID 1501 stands under Qualitative Evaluations
(TID 1500, row 12), nothing of it lost.
"""

from __future__ import annotations

from collections.abc import Iterable

from highdicom.sr import CodeContentItem, CodedConcept, ContainerContentItem, ContentSequence
from pydicom.dataset import Dataset

from cxr_desktop.reports.dicom import codes
from cxr_desktop.reports.dicom.regions import Group

_BELOW_A_CODE = {
    "NUM": "HAS PROPERTIES",
    "CODE": "HAS PROPERTIES",
    "TEXT": "HAS PROPERTIES",
    "IMAGE": "INFERRED FROM",
}


def evaluations(groups: Iterable[Group]) -> ContainerContentItem:
    """A container with each group's finding, and under it all that its group holds."""
    container = ContainerContentItem(codes.EVALUATIONS, relationship_type="CONTAINS")
    container.ContentSequence = ContentSequence([_evaluation(group[0]) for group in groups])
    return container


def _evaluation(group: Dataset) -> CodeContentItem:
    (found,) = [item for item in group.ContentSequence if item.name == codes.FINDING]
    finding = CodeContentItem(codes.FINDING, CodedConcept.from_dataset(found.value), "CONTAINS")
    rest = [item for item in group.ContentSequence if item is not found]
    for item in rest:
        if item.RelationshipType == "CONTAINS":
            item.RelationshipType = _BELOW_A_CODE[item.ValueType]
    finding.ContentSequence = ContentSequence(rest)
    return finding
