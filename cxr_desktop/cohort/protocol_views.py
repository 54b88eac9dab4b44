"""The same maps under each threshold protocol: what was measured, as if that protocol alone had been asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from cxr_desktop.cohort.plan import LOCATION_PRIOR, EvaluationPlan, SummaryRow
from cxr_desktop.cohort.protocols import Kind, Protocol
from cxr_desktop.cohort.records import Comparison, ImageRecord, MethodRecord
from cxr_desktop.cohort.significance import PairedRow, paired_rows
from cxr_desktop.cohort.summary import summarise
from cxr_desktop.cohort.tuning import Tuning
from cxr_desktop.domain import Threshold

BEST_OF = "best for the box"


@dataclass(frozen=True, slots=True)
class ProtocolView:
    """measured: what every protocol starts from. under: a record of it, cut as this one says."""

    protocol: Protocol
    measured: Sequence[ImageRecord]
    under: Callable[[ImageRecord], ImageRecord]
    summary: tuple[SummaryRow, ...]
    paired: tuple[PairedRow, ...]

    def records(self) -> Iterator[ImageRecord]:
        """Cut anew each time, for they take memory; maps without a threshold have no comparisons."""
        return map(self.under, self.measured)


def protocol_view(
    protocol: Protocol,
    plan: EvaluationPlan,
    stated: Mapping[str, Threshold],
    records: Sequence[ImageRecord],
    tuning: Tuning,
) -> ProtocolView:
    """stated: the model's own thresholds by method. records: with the location prior, which no protocol changes."""
    under = partial(_under, _cutter(protocol, plan, stated, tuning))
    found = tuple(map(under, records))
    methods = plan.methods
    return ProtocolView(protocol, records, under, summarise(found, methods), paired_rows(found, methods))


def _cutter(
    protocol: Protocol, plan: EvaluationPlan, stated: Mapping[str, Threshold], tuning: Tuning
) -> Callable[[str, MethodRecord], MethodRecord]:
    """From an image's name and a map's record to the record under the protocol."""

    def cut(image: str, found: MethodRecord) -> MethodRecord:
        if not found.comparisons:
            return found
        match protocol.kind:
            case Kind.BEST:
                return best_cut(found)
            case Kind.TUNED:
                chosen = tuning.chosen.get((image, found.method, found.target))
                return found.at(chosen) if chosen else replace(found, comparisons=())
            case Kind.OWN:
                return found.at(str(plan.own_threshold(found.method, stated)))
            case _:
                return found.at(protocol.name)

    return cut


def best_cut(found: MethodRecord) -> MethodRecord:
    """Each reference against the box of the threshold that meets it best, of all that were measured."""
    thresholds = found.cuts.thresholds
    own = np.array([[one.iou for one in found.comparisons]])
    swept = np.concatenate([own, found.overlaps(thresholds)])
    best = tuple(
        one.recut(found.cuts[thresholds[cut - 1]][place]) if cut else one
        for place, (one, cut) in enumerate(zip(found.comparisons, swept.argmax(axis=0).tolist(), strict=True))
    )
    return replace(found, threshold=BEST_OF, cut=None, comparisons=best)


def _under(recut: Callable[[str, MethodRecord], MethodRecord], record: ImageRecord) -> ImageRecord:
    """The prior keeps those of its comparisons that maps have under the protocol, too."""
    cut = [
        found if found.method == LOCATION_PRIOR else recut(record.image, found) for found in record.methods
    ]
    kept = {_key(one) for found in cut if found.method != LOCATION_PRIOR for one in found.comparisons}
    methods = (
        replace(found, comparisons=tuple(one for one in found.comparisons if _key(one) in kept))
        if found.method == LOCATION_PRIOR
        else found
        for found in cut
    )
    return replace(record, methods=tuple(methods))


def _key(comparison: Comparison) -> tuple[object, ...]:
    return comparison.label, comparison.source, comparison.reference
