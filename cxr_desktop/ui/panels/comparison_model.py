"""Every box under comparison against every other kind. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxr_desktop.domain import Box


@dataclass(frozen=True, slots=True)
class Pair:
    """A reader's or reference box beside the box it is compared with.

    iou: intersection over union. iobb: intersection over the compared (second) box.
    """

    first: str
    second: str
    iou: float
    iobb: float
    selected: bool = False


def pairs(
    reader: Sequence[Box],
    references: Sequence[Box],
    network: Sequence[Box],
    selected: int | None = None,
) -> tuple[Pair, ...]:
    """Each reader box with its best network and best reference box, then each reference with its best network box."""
    found: list[Pair] = []
    for index, box in enumerate(reader):
        name = _name("Reader", index, box.label)
        for origin, others in (("Network", network), ("Reference", references)):
            if others:
                found.append(_best(name, box, origin, others, index == selected))
    if network:
        for index, box in enumerate(references):
            found.append(
                _best(_name(box.source or "Reference", index, box.label), box, "Network", network, False)
            )
    return tuple(found)


def _best(name: str, box: Box, origin: str, others: Sequence[Box], selected: bool) -> Pair:
    overlaps = [_iou(box, other) for other in others]
    index = max(range(len(others)), key=overlaps.__getitem__)
    other = others[index]
    inside = box.intersection_area(other)
    iobb = inside / other.area if other.area > 0 else 0.0
    label = "" if origin == "Network" else other.label
    return Pair(name, _name(origin, index, label), overlaps[index], iobb, selected)


def _iou(first: Box, second: Box) -> float:
    inside = first.intersection_area(second)
    union = first.area + second.area - inside
    return inside / union if union > 0 else 0.0


def _name(origin: str, index: int, label: str) -> str:
    return f"{origin} {index + 1}" + (f" · {label}" if label else "")
