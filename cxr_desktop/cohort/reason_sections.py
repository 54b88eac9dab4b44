"""Right for the wrong reason, as sections of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from cxr_desktop.cohort.groups import SMALL, GroupRow, bootstrap_mean, cluster_of, interval_of
from cxr_desktop.cohort.operating import Point
from cxr_desktop.cohort.plan import Interval
from cxr_desktop.cohort.reasons import Tally, tallies
from cxr_desktop.domain.document import (
    Block,
    CountMatrix,
    DataTable,
    Mark,
    Paragraph,
    ScatterPlot,
    Section,
)
from cxr_desktop.domain.reasons import Look, LookRule, Outcome, Quadrant, ReasonCase
from cxr_desktop.localization import Region

KINDS = (*Quadrant, "false positive, no box", "true negative, no box")
"""The legend of a scatter: the four, then images without a box."""

_OUTCOMES = (Outcome.TRUE_POSITIVE, Outcome.FALSE_NEGATIVE, Outcome.FALSE_POSITIVE, Outcome.TRUE_NEGATIVE)
_LUNGS = (Region.RIGHT_LUNG, Region.LEFT_LUNG)
_OTHERS = (Region.HEART, Region.BODY, Region.OUTSIDE, Region.BORDER, Region.LETTERING)
_STRAYED = (Region.OUTSIDE, Region.BORDER, Region.LETTERING)
_GROUP_MEASURES = (
    *("accuracy", "sensitivity", "specificity", "mean IoU", "looked there", "relevance: lungs"),
    f"relevance: {Region.LETTERING}",
)
_MOST_MARKS = 3000
_MOST_STRAYED, _LEAST_STRAYED = 8, 0.02


@dataclass(frozen=True, slots=True)
class Reasons:
    """What was found of every image, and by which rules."""

    cases: tuple[ReasonCase, ...]
    groups: tuple[GroupRow, ...]
    rule: LookRule
    points: tuple[Point, ...]

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


def reason_sections(reasons: Reasons) -> Iterator[Section]:
    """Nothing where no map was made."""
    if not any(case.shares for case in reasons.cases):
        return
    yield Section("Right, and for the right reason?", tuple(_confusion(reasons)))
    yield Section("What the relevance lies on", tuple(_regions(reasons)))
    if reasons.groups:
        yield Section("Groups compared", tuple(_groups(reasons)))


def _confusion(reasons: Reasons) -> Iterator[Block]:
    yield Paragraph(
        "Each image's prediction at its operating point is set against the truth, and its map against the readers' "
        f"boxes: it looked there where {reasons.rule}. A network that is right and looked elsewhere was right for "
        "another reason than the finding."
    )
    for point in reasons.points:
        counted = [tally for tally in tallies(reasons.cases, reasons.rule) if tally.target == point.label]
        if not any(sum(tally.counts.values()) for tally in counted):
            continue
        yield Paragraph(
            f"{point.label}: shown from a probability of {point.threshold:.3g} on (operating point: {point.name}).",
            True,
        )
        yield _tally_table(counted)
        method = reasons.shown(point.label)
        if method:
            drawn = next(tally for tally in counted if tally.method == method)
            yield _matrix(drawn)
            yield _scatter(reasons, method, point)
    yield Paragraph(
        "The truth is that the finding is there where a reader drew a box for it; without one, what the index says. "
        "Images of which neither tells are not counted. False positives and true negatives have no box, so that there "
        "is no place to have looked at; maps are made of the false positives, for the regions below.",
        True,
    )


def _tally_table(counted: Sequence[Tally]) -> DataTable:
    head = (
        *(
            "Method",
            "Right, there",
            "Right, elsewhere",
            "Share elsewhere",
            "Wrong, there",
            "Wrong, elsewhere",
        ),
        *("Right, no box", "Wrong, no box", "False positive", "True negative", "Truth unknown"),
    )
    rows = []
    for tally in counted:
        there, elsewhere = (tally.of(Outcome.TRUE_POSITIVE, look) for look in (Look.THERE, Look.ELSEWHERE))
        share = f"{elsewhere / (there + elsewhere):.2f}" if there + elsewhere else "–"
        missed = [tally.of(Outcome.FALSE_NEGATIVE, look) for look in Look]
        numbers = (missed[0], missed[1], tally.of(Outcome.TRUE_POSITIVE, Look.NO_PLACE), missed[2])
        rest = (Outcome.FALSE_POSITIVE, Outcome.TRUE_NEGATIVE, Outcome.UNKNOWN)
        others = (sum(tally.of(outcome, look) for look in Look) for outcome in rest)
        rows.append((tally.method, str(there), str(elsewhere), share, *map(str, numbers), *map(str, others)))
    return DataTable(head, tuple(rows))


def _matrix(tally: Tally) -> CountMatrix:
    counts = tuple(tuple(tally.of(outcome, look) for look in Look) for outcome in _OUTCOMES)
    return CountMatrix(
        f"{tally.method} for {tally.target}",
        tuple(str(outcome).capitalize() for outcome in _OUTCOMES),
        tuple(str(look).capitalize() for look in Look),
        counts,
        good=frozenset({(0, 0)}),
        bad=frozenset({(0, 1)}),
    )


def _scatter(reasons: Reasons, method: str, point: Point) -> ScatterPlot:
    marks = []
    for case in reasons.of(method, point.label):
        kind = kind_of(case, reasons.rule)
        if kind is not None:
            marks.append(Mark(case.score, case.iou or 0.0, kind, case.image))
    step = -(-len(marks) // _MOST_MARKS)
    some = f" (every {step}th of {len(marks)} images)" if step > 1 else ""
    return ScatterPlot(
        f"{method} for {point.label}: how sure, and how near to the readers' boxes{some}",
        "probability",
        "best IoU with a reader's box",
        tuple(str(kind) for kind in KINDS),
        tuple(marks[:: max(step, 1)]),
        across=point.threshold,
        up=None if reasons.rule.pointing else reasons.rule.iou,
    )


def kind_of(case: ReasonCase, rule: LookRule) -> int | None:
    """Place in KINDS; None for an image that says nothing: truth unknown, or shown without a box."""
    quadrant = case.quadrant(rule)
    if quadrant is not None:
        return KINDS.index(quadrant)
    return {Outcome.FALSE_POSITIVE: 4, Outcome.TRUE_NEGATIVE: 5}.get(case.outcome)


def _regions(reasons: Reasons) -> Iterator[Block]:
    parted = [case for case in reasons.cases if case.shares]
    images = {case.image: case.lungs for case in parted}
    yield Paragraph(
        "Share of each map's positive relevance by part of the image, means over images with 95 % intervals. The last "
        "row has the shares of the area: what relevance without any preference would have."
    )
    rows: list[tuple[str, ...]] = []
    pale: set[int] = set()
    for target in dict.fromkeys(case.target for case in parted):
        mine = [case for case in parted if case.target == target]
        for method in dict.fromkeys(case.method for case in mine):
            rows.append((target, method, *_share_cells([case for case in mine if case.method == method])))
        once = list({case.image: case for case in mine}.values())
        pale.add(len(rows))
        rows.append((target, "share of the area", *_share_cells(once, areas=True)))
    names = ("Both lungs", *(str(region).capitalize() for region in _OTHERS))
    yield DataTable(("Label", "Method", "Images", *names), tuple(rows), 2, frozenset(pale))
    lost = sum(not found for found in images.values())
    yield Paragraph(
        f"Lungs were found on {len(images) - lost} of {len(images)} images; on the others lungs, heart and the rest of "
        "the body are not told apart and left out of their columns. The regions are an estimate from the image alone: "
        "a usual outline laid on it and drawn to what is dark; faint tubes and lines are not told from bone.",
        True,
    )
    yield from _strayed(reasons)


def _share_cells(cases: Sequence[ReasonCase], areas: bool = False) -> tuple[str, ...]:
    cells = [str(len(cases))]
    for wanted in (_LUNGS, *((region,) for region in _OTHERS)):
        anatomy = wanted[0] in (*_LUNGS, Region.HEART, Region.BODY)
        used = [case for case in cases if case.lungs or not anatomy]
        values = np.array(
            [sum((c.areas if areas else c.shares)[r] for r in wanted) for c in used], dtype=np.float64
        )
        if values.size == 0:
            cells.append("–")
        elif areas:
            cells.append(f"{values.mean():.3f}")
        else:
            drawn = bootstrap_mean(values, [cluster_of(case) for case in used])
            cells.append(_interval(interval_of(float(values.mean()), drawn), 3))
    return tuple(cells)


def _strayed(reasons: Reasons) -> Iterator[Block]:
    """The images whose maps lie most on what is not the patient."""
    found = [
        (sum(case.shares[region] for region in _STRAYED), case)
        for target in dict.fromkeys(case.target for case in reasons.cases)
        for case in reasons.of(reasons.shown(target), target)
        if case.shares
    ]
    found = [(share, case) for share, case in found if share >= _LEAST_STRAYED]
    worst = sorted(found, key=lambda pair: (-pair[0], pair[1].image))[:_MOST_STRAYED]
    if worst:
        yield Paragraph("Images whose map lies most on borders, markers and air:")
        yield DataTable(
            (
                "Image",
                "Method",
                "Outcome",
                "Outside, borders, markers",
                *(str(r).capitalize() for r in _STRAYED),
            ),
            tuple(
                (
                    case.image,
                    case.method,
                    str(case.outcome),
                    f"{share:.3f}",
                    *(f"{case.shares[r]:.3f}" for r in _STRAYED),
                )
                for share, case in worst
            ),
            3,
        )


def _groups(reasons: Reasons) -> Iterator[Block]:
    yield Paragraph(
        "Each measure in each group. Intervals: 95 %, by resampling patients where the index names them, else images. "
        "A star marks a difference to all other images whose interval leaves out 0; many are looked at here, and one "
        f"in twenty would be marked by chance. Groups of fewer than {SMALL} images are pale and have no star: nothing "
        "should be concluded from them. groups.csv has every measure of every method."
    )
    for point in reasons.points:
        method = reasons.shown(point.label)
        rows = [r for r in reasons.groups if r.target == point.label and r.method in ("", method)]
        yield _group_table(rows)
        yield Paragraph(f"{point.label}; maps: {method or 'none'}.", muted=True)


def _group_table(rows: Sequence[GroupRow]) -> DataTable:
    names = dict.fromkeys((row.column, row.value) for row in rows)
    by_name = {(row.column, row.value, row.measure): row for row in rows}
    body: list[tuple[str, ...]] = []
    pale: set[int] = set()
    for column, value in names:
        mine = [by_name.get((column, value, measure)) for measure in _GROUP_MEASURES]
        most = max((row.n for row in mine if row), default=0)
        if most < SMALL:
            pale.add(len(body))
        body.append((column, value, str(most), *(_group_cell(row) for row in mine)))
    head = ("Column", "Group", "Images", *(measure[0].upper() + measure[1:] for measure in _GROUP_MEASURES))
    return DataTable(head, tuple(body), 2, frozenset(pale))


def _group_cell(row: GroupRow | None) -> str:
    if row is None:
        return "–"
    apart = not row.small and (row.difference.low > 0 or row.difference.high < 0)
    return _interval(row.mean) + (" *" if apart else "")


def _interval(interval: Interval, digits: int = 2) -> str:
    if isnan(interval.value):
        return "–"
    return f"{interval.value:.{digits}f} ({interval.low:.{digits}f} to {interval.high:.{digits}f})"
