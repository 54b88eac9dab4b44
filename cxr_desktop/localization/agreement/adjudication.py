"""Where two readers differ on an image, one question at a time, and what follows from the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.finding import region_of
from cxr_desktop.localization.agreement.consensus import weighted_box_fusion
from cxr_desktop.localization.agreement.sides import side_by_side

AGREED_IOU = 0.5
"""From which two boxes of one finding are the same to both readers."""

SameFinding = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A finding that one reader alone has (the other's box is None), or that both drew or named otherwise."""

    first: Box | None
    second: Box | None
    iou: float = 0.0

    @property
    def boxes(self) -> tuple[Box, ...]:
        return tuple(box for box in (self.first, self.second) if box is not None)


def disagreements(
    first: Sequence[Box], second: Sequence[Box], same: SameFinding, limit: float = AGREED_IOU
) -> tuple[Disagreement, ...]:
    """In the first's order, then what the second alone has. same: whether two labels name one finding."""
    sides = side_by_side(first, second)
    partner = {match.a: match for match in sides.matches}
    found = []
    for place, box in enumerate(first):
        match = partner.get(place)
        if match is None:
            found.append(Disagreement(box, None))
        elif not _agree(box, second[match.b], match.iou, same, limit):
            found.append(Disagreement(box, second[match.b], match.iou))
    return (*found, *(Disagreement(None, second[place]) for place in sides.misses))


@dataclass(frozen=True, slots=True)
class Accord:
    """What both see. fused: the mean of their edges under the first's label; of other shapes the first's own."""

    first: Box
    second: Box
    fused: Box


def accords(
    first: Sequence[Box], second: Sequence[Box], same: SameFinding, limit: float = AGREED_IOU
) -> tuple[Accord, ...]:
    """The pairs that are no disagreement, in the first's order."""
    found = []
    for match in side_by_side(first, second).matches:
        a, b = first[match.a], second[match.b]
        if _agree(a, b, match.iou, same, limit):
            found.append(Accord(a, b, _fused(a, b)))
    return tuple(found)


def _fused(a: Box, b: Box) -> Box:
    if not (isinstance(region_of(a), Box) and isinstance(region_of(b), Box)):
        return a
    (one,) = weighted_box_fusion([[replace(box, label="", score=None)] for box in (a, b)], limit=0.0)
    return replace(one.box, label=a.label, score=None)


def _agree(a: Box, b: Box, overlap: float, same: SameFinding, limit: float) -> bool:
    return overlap >= limit and same(a.label, b.label)
