"""The probability from which a label counts as shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxr_desktop.domain import OperatingPoint

BALANCED = "balanced"
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Point:
    """Where a label's probability counts as 'shown'. name: of the operating point in the model's card."""

    label: str
    name: str
    threshold: float


def operating_points(labels: Sequence[str], stated: Sequence[OperatingPoint]) -> dict[str, Point]:
    """Per label the 'balanced' point of the card, else its first; 0.5, and named so, where it states none."""
    found = {}
    for label in labels:
        own = [point for point in stated if point.label == label]
        chosen = next((point for point in own if point.name == BALANCED), own[0] if own else None)
        found[label] = (
            Point(label, chosen.name, chosen.threshold) if chosen else Point(label, "none stated", HALF)
        )
    return found
