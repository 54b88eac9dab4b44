"""Right for the wrong reason, as sections of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cxr_desktop.cohort.group_section import group_blocks
from cxr_desktop.cohort.operating import Point
from cxr_desktop.cohort.reasons import Reasons, Tally, tallies
from cxr_desktop.cohort.region_section import region_blocks
from cxr_desktop.domain.document import Block, CountMatrix, DataTable, Mark, Paragraph, ScatterPlot, Section
from cxr_desktop.domain.reasons import KINDS, Look, Outcome, kind_of

_OUTCOMES = (Outcome.TRUE_POSITIVE, Outcome.FALSE_NEGATIVE, Outcome.FALSE_POSITIVE, Outcome.TRUE_NEGATIVE)
_MOST_MARKS = 3000


def reason_sections(reasons: Reasons) -> Iterator[Section]:
    """Nothing where no map was made."""
    if not any(case.shares for case in reasons.cases):
        return
    yield Section("Right, and for the right reason?", tuple(_confusion(reasons)))
    yield Section("What the relevance lies on", tuple(region_blocks(reasons)))
    if reasons.groups:
        yield Section("Groups compared", tuple(group_blocks(reasons)))


def _confusion(reasons: Reasons) -> Iterator[Block]:
    yield Paragraph(
        "Each image's prediction at its operating point is set against the truth, and its map against the readers' "
        f"boxes: it looked there where {reasons.rule}, with thresholds by the protocol {reasons.protocol!r}. A network "
        "that is right and looked elsewhere was right for another reason than the finding."
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
            yield _matrix(drawn, reasons.protocol)
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


def _matrix(tally: Tally, protocol: str) -> CountMatrix:
    counts = tuple(tuple(tally.of(outcome, look) for look in Look) for outcome in _OUTCOMES)
    return CountMatrix(
        f"{tally.method} for {tally.target}, {protocol} thresholds",
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
        f"{method} for {point.label}, {reasons.protocol} thresholds: how sure, and how near to the boxes{some}",
        "probability",
        "best IoU with a reader's box",
        KINDS,
        tuple(marks[:: max(step, 1)]),
        across=point.threshold,
        up=None if reasons.rule.pointing else reasons.rule.iou,
    )
