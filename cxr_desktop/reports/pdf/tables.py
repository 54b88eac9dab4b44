"""Tables of the case on the page."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Spacer

from cxr_desktop.domain import Analysis
from cxr_desktop.reports.pdf.theme import BODY, HIGHLIGHT, LABEL, Heading, listing, text
from cxr_desktop.reports.tabulated import Tabulated, box_table, comparison_table

COMPARISON_WIDTHS = (36, 30, 22, 44, 13, 14, 17)
BOX_WIDTHS = (48, 34, 52, 30, 14)


def tables(analysis: Analysis) -> list[Flowable]:
    """The comparison with people's boxes, and all boxes."""
    return [
        *section(comparison_table(analysis), COMPARISON_WIDTHS),
        *section(box_table(analysis), BOX_WIDTHS),
    ]


def section(table: Tabulated, widths: Sequence[float]) -> list[Flowable]:
    """A heading, the table with its marked rows tinted, and its note; or the sentence for no rows."""
    made: list[Flowable] = [CondPageBreak(45 * mm), Heading(table.title)]
    if not table.rows:
        return [*made, Spacer(0, 1 * mm), text(table.absent, BODY), Spacer(0, 5 * mm)]
    ruled = listing(table.head, table.rows, widths)
    ruled.setStyle([("BACKGROUND", (0, row + 1), (-1, row + 1), HIGHLIGHT) for row in sorted(table.marked)])
    made += [Spacer(0, 2 * mm), ruled]
    if table.note:
        made += [Spacer(0, 1.5 * mm), text(table.note, LABEL)]
    return [*made, Spacer(0, 5 * mm)]
