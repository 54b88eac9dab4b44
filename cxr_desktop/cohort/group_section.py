"""Groups of patients compared, as a section of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cxr_desktop.cohort.groups import SMALL, GroupRow
from cxr_desktop.cohort.reasons import Reasons
from cxr_desktop.cohort.words import interval_told
from cxr_desktop.domain.document import Block, DataTable, Paragraph
from cxr_desktop.domain.region import Region

_MEASURES = (
    *("accuracy", "sensitivity", "specificity", "mean IoU", "looked there", "relevance: lungs"),
    f"relevance: {Region.LETTERING}",
)


def group_blocks(reasons: Reasons) -> Iterator[Block]:
    yield Paragraph(
        "Each measure in each group. Intervals: 95 %, by resampling patients where the index names them, else images. "
        "A star marks a difference to all other images whose interval leaves out 0; many are looked at here, and one "
        f"in twenty would be marked by chance. Groups of fewer than {SMALL} images are pale and have no star: nothing "
        "should be concluded from them. groups.csv has every measure of every method."
    )
    for point in reasons.points:
        method = reasons.shown(point.label)
        rows = [r for r in reasons.groups if r.target == point.label and r.method in ("", method)]
        if not rows:
            continue
        yield _group_table(rows)
        told = f"{point.label}; maps: {method or 'none'}, cut by the protocol {reasons.protocol!r}."
        yield Paragraph(told, muted=True)


def _group_table(rows: Sequence[GroupRow]) -> DataTable:
    names = dict.fromkeys((row.column, row.value) for row in rows)
    by_name = {(row.column, row.value, row.measure): row for row in rows}
    body: list[tuple[str, ...]] = []
    pale: set[int] = set()
    for column, value in names:
        mine = [by_name.get((column, value, measure)) for measure in _MEASURES]
        most = max((row.n for row in mine if row), default=0)
        if most < SMALL:
            pale.add(len(body))
        body.append((column, value, str(most), *(_group_cell(row) for row in mine)))
    head = ("Column", "Group", "Images", *(measure[0].upper() + measure[1:] for measure in _MEASURES))
    return DataTable(head, tuple(body), 2, frozenset(pale))


def _group_cell(row: GroupRow | None) -> str:
    if row is None:
        return "–"
    apart = not row.small and (row.difference.low > 0 or row.difference.high < 0)
    return interval_told(row.mean) + (" *" if apart else "")
