"""Whose boxes can be held against each other, and how a pair of them lies on the image. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import TYPE_CHECKING

from cxr_desktop.domain import Box
from cxr_desktop.ui.translation import tr

if TYPE_CHECKING:
    from cxr_desktop.localization.agreement import Sides

OWN, NETWORK = "own", "network"


@dataclass(frozen=True, slots=True)
class Source:
    """Boxes of one origin. key: the same from image to image. title: as menus name it."""

    key: str
    title: str
    boxes: tuple[Box, ...]


class Part(StrEnum):
    """What a box is to the pair of sources under comparison."""

    MATCHED = "matched"
    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Mark:
    """A box as the canvas shows it. second: it is the second source's."""

    box: Box
    part: Part
    second: bool
    caption: str


def sources(
    own: tuple[str, Sequence[Box]],
    others: Mapping[str, Sequence[Box]],
    references: Sequence[Box],
    network: Sequence[Box] | None,
) -> tuple[Source, ...]:
    """The reader at work, other readers, groups of reference boxes, the network at its threshold.

    network: None where no map is shown.
    """
    groups: dict[str, list[Box]] = {}
    for box in references:
        groups.setdefault(box.source, []).append(box)
    found = [Source(OWN, tr("{own}, you").format(own=own[0]), tuple(own[1]))]
    found += [
        Source(f"reader:{name}", name, tuple(boxes)) for name, boxes in others.items() if name != own[0]
    ]
    for name, boxes in groups.items():
        title = tr("{name} (reference)").format(name=name) if name else tr("Reference")
        found.append(Source(f"reference:{name}", title, tuple(boxes)))
    if network is not None:
        found.append(Source(NETWORK, tr("Network"), tuple(network)))
    return tuple(found)


def first_choice(found: Sequence[Source]) -> tuple[str, str]:
    """Two sources to begin with: those with boxes, people before the network."""
    drawn = [source.key for source in found if source.boxes]
    rest = [source.key for source in found if not source.boxes]
    keys = [*drawn, *rest]
    return (keys[0], keys[1]) if len(keys) > 1 else (keys[0], keys[0])


def marks(sides: Sides) -> tuple[Mark, ...]:
    """Every box of the two sources, the pairs told with their IoU."""
    partner = {m.a: m.iou for m in sides.matches}
    other = {m.b: m.iou for m in sides.matches}
    return (
        *(_mark(box, partner.get(place), False) for place, box in enumerate(sides.first)),
        *(_mark(box, other.get(place), True) for place, box in enumerate(sides.second)),
    )


def counted(sides: Sides) -> str:
    """The outcome in a sentence."""
    if not sides.first and not sides.second:
        return tr("Neither has a box here.")
    mean = "" if isnan(sides.mean_iou) else tr(", mean IoU {mean_iou:.2f}").format(mean_iou=sides.mean_iou)
    return tr("{matches} matched{mean} · {extras} only in A · {misses} only in B").format(
        matches=len(sides.matches), mean=mean, extras=len(sides.extras), misses=len(sides.misses)
    )


def cell(sides: Sides) -> tuple[str, str]:
    """The outcome as a cell of a table, and in words: the mean IoU of the pairs, – where there is no box at all."""
    most = max(len(sides.first), len(sides.second))
    if not most:
        return "–", tr("Neither has a box here")
    told = "0" if isnan(sides.mean_iou) else f"{sides.mean_iou:.2f}"
    return told, tr("{matches} of {most} boxes matched").format(matches=len(sides.matches), most=most)


def _mark(box: Box, overlap: float | None, second: bool) -> Mark:
    alone = Part.SECOND if second else Part.FIRST
    said = "" if overlap is None or second else tr("IoU {overlap:.2f}").format(overlap=overlap)
    name = box.label or (tr("Network") if box.source in ("", "network") else box.source)
    text = " · ".join(part for part in (f"{'B' if second else 'A'} {name}", said) if part)
    return Mark(box, alone if overlap is None else Part.MATCHED, second, text)
