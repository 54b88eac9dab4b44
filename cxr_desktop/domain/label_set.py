"""What boxes can be called: ordered sets of labels with their codes, and the way from one set to another."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cxr_desktop.domain.labels import LabelMap
from cxr_desktop.resources import resource

KEYS = 9
"""How many labels of a set have a number key."""


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept. scheme: designator as DICOM spells it (SCT, DCM, RADLEX). meaning: in the scheme's words."""

    scheme: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Label:
    """A finding by its name in a set; codes may be empty."""

    name: str
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelSet:
    """Labels in the order of their number keys. source: who defined the set."""

    id: str
    title: str
    source: str
    labels: tuple[Label, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(label.name for label in self.labels)

    def of_key(self, number: int) -> str | None:
        """The label of a number key, 1 to 9; None where the set has fewer."""
        return self.names[number - 1] if 1 <= number <= min(KEYS, len(self.labels)) else None

    def nearest(self, label: str, labels: LabelMap) -> str | None:
        """What another set's label is called here: the same finding, else the closest one above it.

        None where no label of this set stands for it.
        """
        for name in self.names:
            if labels.canonical(name) == labels.canonical(label):
                return name
        above = [name for name in self.names if labels.matches(label, name)]
        closest = [
            one for one in above if not any(other != one and labels.matches(other, one) for other in above)
        ]
        return closest[0] if closest else None


def finding_codes() -> dict[str, tuple[Code, ...]]:
    """Codes of each finding of the bundled vocabulary, by its name in lower case."""
    spelled = LabelMap.load()
    return {spelled.canonical(name): codes for name, codes in _vocabulary()}


def finding_of(scheme: str, value: str) -> str | None:
    """The name of the bundled vocabulary's finding that has the code; None where none has."""
    for name, codes in _vocabulary():
        if any((code.scheme, code.value) == (scheme, value) for code in codes):
            return name
    return None


def _vocabulary() -> Iterator[tuple[str, tuple[Code, ...]]]:
    findings: Mapping[str, Mapping[str, list[list[str]]]] = tomllib.loads(
        resource("labels", "chest.toml").read_text(encoding="utf-8")
    )
    for name, finding in findings.items():
        yield name, tuple(Code(*entry) for entry in finding.get("codes", ()))
