"""The boxes of people, each with a name that figures and tables share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from cxr_desktop.domain import Analysis, Box, Localization


@dataclass(frozen=True, slots=True)
class PersonBox:
    """A box that no network drew. name: its maker, numbered where the maker drew several."""

    name: str
    box: Box
    by_reader: bool


def people_boxes(analysis: Analysis) -> tuple[PersonBox, ...]:
    """References in their order, then the readers' boxes in theirs."""
    found = [(box.source or "Reference", box, False) for box in analysis.references]
    found += [
        (reading.reader or "Reader", box, True) for reading in analysis.readings for box in reading.boxes
    ]
    drawn = Counter(maker for maker, _, _ in found)
    counted: Counter[str] = Counter()
    named = []
    for maker, box, by_reader in found:
        counted[maker] += 1
        name = f"{maker} {counted[maker]}" if drawn[maker] > 1 else maker
        named.append(PersonBox(name, box, by_reader))
    return tuple(named)


def reference_name(analysis: Analysis, found: Localization) -> str:
    """What the box of a comparison is called, its source where it is none of the case's."""
    for one in people_boxes(analysis):
        if one.box == found.reference:
            return one.name
    return found.source or "Reference"
