"""Tables of the case on the page."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Spacer

from cxr_desktop.domain import Analysis
from cxr_desktop.reports.findings import finding_table, reading_table
from cxr_desktop.reports.pdf.theme import BODY, HIGHLIGHT, LABEL, Heading, listing, text
from cxr_desktop.reports.tabulated import Tabulated, box_table, comparison_table
from cxr_desktop.reports.template import Template

FINDING_WIDTHS = (23, 25, 26, 26, 25, 28, 32)
READING_WIDTHS = (25, 24, 25, 52, 22, 30)
COMPARISON_WIDTHS = (36, 30, 22, 44, 13, 14, 17)
BOX_WIDTHS = (48, 34, 52, 30, 14)


def tables(analysis: Analysis, template: Template) -> list[Flowable]:
    """What people found and when, the comparison with their boxes, and the network's boxes."""
    readings = reading_table(analysis)
    parts = (
        ("findings", finding_table(analysis), FINDING_WIDTHS),
        ("readings", readings, READING_WIDTHS),
        ("comparison", comparison_table(analysis), COMPARISON_WIDTHS),
        ("boxes", box_table(analysis), BOX_WIDTHS),
    )
    made: list[Flowable] = []
    for name, table, widths in parts:
        if template.shows(name) and (table is not readings or readings.rows):
            made += section(table, widths)
    return made


def section(table: Tabulated, widths: Sequence[float]) -> list[Flowable]:
    """A heading, the table with its marked rows tinted, and its note; or the sentence for no rows."""
    made: list[Flowable] = [CondPageBreak(45 * mm), Heading(table.title)]
    if not table.rows:
        return [*made, Spacer(0, 1 * mm), text(table.absent, BODY), Spacer(0, 5 * mm)]
    ruled = listing(table.head, [[_kept_together(cell) for cell in row] for row in table.rows], widths)
    ruled.setStyle([("BACKGROUND", (0, row + 1), (-1, row + 1), HIGHLIGHT) for row in sorted(table.marked)])
    made += [Spacer(0, 2 * mm), ruled]
    if table.note:
        made += [Spacer(0, 1.5 * mm), text(table.note, LABEL)]
    return [*made, Spacer(0, 5 * mm)]


def _kept_together(cell: str) -> str:
    """Sizes are not broken within: '228 × 225 px'."""
    return cell.replace(" × ", "\u00a0×\u00a0").replace(" px", "\u00a0px").replace(" mm", "\u00a0mm")
