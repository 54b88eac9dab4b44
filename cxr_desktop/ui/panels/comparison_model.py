"""Every finding under comparison against every other kind. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cxr_desktop.domain import Box
from cxr_desktop.domain.region_overlap import MaskRegion, Overlap, overlap
from cxr_desktop.ui.translation import tr

MOST = 60
"""Findings of the reader in the table: who has drawn more looks at the selected one."""


@dataclass(frozen=True, slots=True)
class Named:
    """A finding as the table calls it. origin: 'reader', 'reference' or 'network'."""

    origin: str
    text: str
    tip: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A reader's or reference finding beside what it is compared with.

    overlap: its IoBB over the second. selected: the first is the one under the hand.
    """

    first: Named
    second: Named
    overlap: Overlap
    selected: bool = False


def pairs(
    reader: Sequence[Box],
    references: Sequence[Box],
    network: Sequence[Box],
    selected: int | None = None,
    region: MaskRegion | None = None,
) -> tuple[Pair, ...]:
    """Each reader finding with its best network and reference box, then each reference with its best network box.

    region: of the map above its threshold, held against the selected finding.
    """
    found: list[Pair] = []
    for index in _listed(len(reader), selected):
        box, chosen = reader[index], index == selected
        name = _named("reader", index, box)
        if chosen and region is not None:
            tip = tr("The map above its threshold")
            found.append(Pair(name, Named("network", tr("Map"), tip), region.overlap(box), chosen))
        for origin, others in (("network", network), ("reference", references)):
            if others:
                found.append(_best(name, box, origin, others, chosen))
    if network:
        for index, box in enumerate(references[:MOST]):
            found.append(_best(_named("reference", index, box), box, "network", network, False))
    return tuple(found)


def _listed(count: int, selected: int | None) -> Iterator[int]:
    """All, or of many the selected one and the first."""
    if selected is not None and MOST <= selected < count:
        yield selected
    yield from range(min(count, MOST))


def _best(name: Named, box: Box, origin: str, others: Sequence[Box], selected: bool) -> Pair:
    overlaps = [overlap(box, other) for other in others]
    index = max(range(len(others)), key=lambda i: overlaps[i].iou)
    return Pair(name, _named(origin, index, others[index]), overlaps[index], selected)


def _named(origin: str, index: int, box: Box) -> Named:
    title = box.source if origin == "reference" and box.source else origin.capitalize()
    return Named(origin, f"{title} {index + 1}", box.label)
