"""The threshold protocols side by side, as sections of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cxr_desktop.cohort.plan import ALL, SummaryRow
from cxr_desktop.cohort.protocol_views import ProtocolView
from cxr_desktop.cohort.protocols import Protocol
from cxr_desktop.cohort.summary_blocks import (
    BASELINES,
    against_opponents,
    bar_chart_of,
    paired_table,
    summary_table,
)
from cxr_desktop.cohort.tuning import TunedValue, Tuning
from cxr_desktop.cohort.words import interval_told
from cxr_desktop.domain.document import Block, DataTable, Paragraph, Section


def protocol_named(protocol: Protocol) -> Paragraph:
    """What stands over a table, so that none can be read without its protocol."""
    return Paragraph(f"Threshold protocol: {protocol.title}.", muted=True)


def protocol_sections(views: Sequence[ProtocolView], tuning: Tuning) -> Iterator[Section]:
    """Nothing where no box was compared. views: the first is the one that the rest of the report follows."""
    if not any(row.n for view in views for row in view.summary):
        return
    yield Section("Threshold protocols", tuple(_side_by_side(views)))
    for view in views[1:]:
        yield Section(f"All boxes, {view.protocol.title}", tuple(_one(view)))
    if tuning.values and any(str(view.protocol.kind) == "tuned" for view in views):
        yield Section("Tuned thresholds", tuple(_tuned(tuning)))


def _side_by_side(views: Sequence[ProtocolView]) -> Iterator[Block]:
    yield Paragraph(
        "How well a map's boxes meet the readers' depends on where the map is cut. The same maps under each rule; "
        f"everything else in this report follows {views[0].protocol.title!r}."
    )
    for view in views:
        yield Paragraph(f"{view.protocol.title}: {view.protocol.rule}.", muted=True)
    for label in dict.fromkeys(row.label for view in views for row in view.summary):
        yield Paragraph(f"Mean IoU by protocol, {'all boxes' if label == ALL else label}:")
        yield _means(views, label)


def _means(views: Sequence[ProtocolView], label: str) -> DataTable:
    """A row a method, a column a protocol."""
    rows = {(view.protocol, row.method): row for view in views for row in view.summary if row.label == label}
    methods = tuple(dict.fromkeys(method for _, method in rows))
    body = tuple(
        (method, *(_told(rows.get((view.protocol, method))) for view in views)) for method in methods
    )
    pale = frozenset(place for place, method in enumerate(methods) if method in BASELINES)
    return DataTable(("Method", *(view.protocol.title for view in views)), body, 1, pale)


def _told(row: SummaryRow | None) -> str:
    return "–" if row is None or not row.n else f"{interval_told(row.mean_iou)}, n = {row.n}"


def _one(view: ProtocolView) -> Iterator[Block]:
    rows = [row for row in view.summary if row.label == ALL]
    if not any(row.n for row in rows):
        yield Paragraph("No map has a threshold under this protocol.")
        return
    if view.protocol.upper_bound:
        yield Paragraph(
            "An upper bound: thresholds chosen with the box known. No figure of it is a performance, and the location "
            "prior has no such help: a difference from it says nothing."
        )
    yield bar_chart_of(f"Mean IoU with the readers' boxes, {view.protocol.title}", rows, "mean_iou")
    yield protocol_named(view.protocol)
    yield summary_table(rows)
    shown = against_opponents(view.paired)
    if shown:
        yield Paragraph(f"Methods against each other, {view.protocol.title}:", muted=True)
        yield paired_table(shown)


def _tuned(tuning: Tuning) -> Iterator[Block]:
    for sentence in tuning.rule:
        yield Paragraph(sentence)
    yield DataTable(
        (
            *("Method", "Label", "Part scored", "Threshold", "Mean IoU where tuned"),
            *("Patients tuned on", "Boxes tuned on", "Boxes scored"),
        ),
        tuple(_tuned_row(value) for value in tuning.values),
        4,
    )


def _tuned_row(value: TunedValue) -> tuple[str, ...]:
    return (
        *(value.method, value.target, value.part, value.threshold, f"{value.iou:.2f}"),
        *(str(value.patients), str(value.boxes), str(value.scored)),
    )
