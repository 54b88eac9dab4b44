"""Right for the wrong reason: each image's prediction against the truth, beside where its maps lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cxr_desktop.cohort.groups import GroupRow
from cxr_desktop.cohort.index import IndexRow
from cxr_desktop.cohort.operating import Point
from cxr_desktop.cohort.records import ImageRecord, MethodRecord
from cxr_desktop.cohort.scoring import RSNA_CLASS
from cxr_desktop.domain.labels import LabelMap
from cxr_desktop.domain.reasons import Look, LookRule, Outcome, ReasonCase

_OPACITY = "Lung Opacity"
_TRUE = frozenset({"1", "1.0", "true", "yes"})
_FALSE = frozenset({"0", "0.0", "false", "no"})


def reason_cases(
    rows: Sequence[IndexRow],
    records: Sequence[ImageRecord],
    methods: Sequence[str],
    points: Mapping[str, Point],
    label_map: LabelMap,
) -> tuple[ReasonCase, ...]:
    """A case an image, label of the model and method, in the order of the index.

    truth: a box for the label says yes; else a column of the index that is named as the label and holds 0
    and 1, or `rsna_class`; else nothing is known. rows, records: of the same images.
    """
    cases = []
    truths = {
        RSNA_CLASS,
        *(name for row in rows[:1] for name in row.columns if _names_one(name, points, label_map)),
    }
    groups = [_grouping(row, record, truths) for row, record in zip(rows, records, strict=True)]
    for label, point in points.items():
        told = [index_truth(row, label, label_map) for row in rows]
        for own, record, truth in zip(groups, records, told, strict=True):
            made = {found.method: found for found in record.methods if found.target == label}
            boxed = any(found.boxed for found in made.values())
            for method in methods:
                cases.append(_case(own, record, method, point, True if boxed else truth, made.get(method)))
    order = {row.name: place for place, row in enumerate(rows)}
    return tuple(sorted(cases, key=lambda case: order[case.image]))


def index_truth(row: IndexRow, label: str, label_map: LabelMap) -> bool | None:
    """Whether the index says that an image shows the label's finding; None where it does not tell."""
    wanted = label_map.canonical(label)
    for name, value in row.columns.items():
        if label_map.canonical(name) == wanted and value:
            text = value.casefold()
            return True if text in _TRUE else False if text in _FALSE else None
    read = row.columns.get(RSNA_CLASS, "")
    if read and label_map.matches(_OPACITY, label):
        return read == _OPACITY
    return None


def _grouping(row: IndexRow, record: ImageRecord, truths: Collection[str]) -> dict[str, str]:
    """The index's columns; what the file's header says stands in for those that it lacks."""
    own = {name: text for name, text in row.columns.items() if name not in truths}
    known = {name.casefold() for name in own}
    return own | {name: text for name, text in record.header.items() if name not in known}


def _names_one(column: str, labels: Iterable[str], label_map: LabelMap) -> bool:
    return label_map.canonical(column) in {label_map.canonical(label) for label in labels}


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of a method and label: by outcome, then by look."""

    method: str
    target: str
    counts: Mapping[tuple[Outcome, Look], int]

    def of(self, outcome: Outcome, look: Look) -> int:
        return self.counts.get((outcome, look), 0)


def tallies(cases: Sequence[ReasonCase], rule: LookRule) -> tuple[Tally, ...]:
    """One a method and label, in the order of the cases."""
    kinds = dict.fromkeys((case.method, case.target) for case in cases)
    return tuple(
        Tally(
            method,
            target,
            Counter(
                (case.outcome, case.look(rule))
                for case in cases
                if (case.method, case.target) == (method, target)
            ),
        )
        for method, target in kinds
    )


def _case(
    groups: Mapping[str, str],
    record: ImageRecord,
    method: str,
    point: Point,
    truth: bool | None,
    found: MethodRecord | None,
) -> ReasonCase:
    comparisons = found.comparisons if found else ()
    return ReasonCase(
        image=record.image,
        method=method,
        target=point.label,
        truth=truth,
        score=record.scores[point.label],
        point=point.threshold,
        iou=max((c.iou for c in comparisons), default=None),
        hit=any(c.hit for c in comparisons) if comparisons else None,
        shares=found.shares if found else {},
        areas=record.areas,
        lungs=bool(record.areas) and not record.no_lungs,
        groups=groups,
    )


@dataclass(frozen=True, slots=True)
class Reasons:
    """What was found of every image, and by which rules. protocol: of the thresholds that cut the maps."""

    cases: tuple[ReasonCase, ...]
    groups: tuple[GroupRow, ...]
    rule: LookRule
    points: tuple[Point, ...]
    protocol: str

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(case.method for case in self.cases))

    def of(self, method: str, target: str) -> tuple[ReasonCase, ...]:
        return tuple(case for case in self.cases if (case.method, case.target) == (method, target))

    def shown(self, target: str) -> str:
        """The method that is drawn: the one with the highest mean IoU; '' where none has any."""

        def mean(method: str) -> float:
            overlaps = [case.iou for case in self.of(method, target) if case.iou is not None]
            return float(np.mean(overlaps)) if overlaps else -1.0

        best = max(self.methods, key=mean, default="")
        return best if best and mean(best) >= 0 else ""
