"""Every box under comparison against every other kind. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxr_desktop.domain import Box


@dataclass(frozen=True, slots=True)
class Named:
    """A box as the table calls it. origin: 'reader', 'reference' or 'network'."""

    origin: str
    text: str
    tip: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A reader's or reference box beside the box it is compared with.

    iou: intersection over union. iobb: intersection over the compared (second) box. selected: the
    first is the one under the hand.
    """

    first: Named
    second: Named
    iou: float
    iobb: float
    selected: bool = False


def pairs(
    reader: Sequence[Box],
    references: Sequence[Box],
    network: Sequence[Box],
    selected: int | None = None,
) -> tuple[Pair, ...]:
    """Each reader box with its best network and reference box, then each reference with its best network box."""
    found: list[Pair] = []
    for index, box in enumerate(reader):
        name = _named("reader", index, box)
        for origin, others in (("network", network), ("reference", references)):
            if others:
                found.append(_best(name, box, origin, others, index == selected))
    if network:
        for index, box in enumerate(references):
            found.append(_best(_named("reference", index, box), box, "network", network, False))
    return tuple(found)


def _best(name: Named, box: Box, origin: str, others: Sequence[Box], selected: bool) -> Pair:
    overlaps = [_iou(box, other) for other in others]
    index = max(range(len(others)), key=overlaps.__getitem__)
    other = others[index]
    iobb = box.intersection_area(other) / other.area if other.area > 0 else 0.0
    return Pair(name, _named(origin, index, other), overlaps[index], iobb, selected)


def _iou(first: Box, second: Box) -> float:
    inside = first.intersection_area(second)
    union = first.area + second.area - inside
    return inside / union if union > 0 else 0.0


def _named(origin: str, index: int, box: Box) -> Named:
    title = box.source if origin == "reference" and box.source else origin.capitalize()
    return Named(origin, f"{title} {index + 1}", box.label)
