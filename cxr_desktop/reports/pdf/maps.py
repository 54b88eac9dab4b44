"""Every method's map with how it came about."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from cxr_desktop.domain import Analysis, AttributionMap, LocalizedMap
from cxr_desktop.reports.figure import legend_of
from cxr_desktop.reports.marks import drawn, human_marks, network_marks
from cxr_desktop.reports.pdf.pictures import ColourBar, Legend, Picture
from cxr_desktop.reports.pdf.theme import (
    CARD_TITLE,
    COLUMN_WIDTH,
    LABEL,
    SMALL,
    Heading,
    fact_table,
    side_by_side,
    text,
)
from cxr_desktop.reports.rendering import Rgb8, clean, fitted, overlaid
from cxr_desktop.reports.wording import comparison_text, map_facts, method_title

MAP_SIDE = 840
COMPARISONS_SHOWN = 2


def maps(analysis: Analysis) -> list[Flowable]:
    """A grid of two maps a row; empty where no map was computed."""
    if not analysis.maps:
        return []
    radiograph = analysis.radiograph
    base = clean(radiograph.display(), fitted(radiograph.rows, radiograph.columns, MAP_SIDE))
    cards = [
        _card(analysis, base, found, localized)
        for found, localized in zip(analysis.maps, analysis.localized, strict=True)
    ]
    made: list[Flowable] = [CondPageBreak(130 * mm), Heading("Maps of each method")]
    made += [Legend(legend_of(analysis), beside_heading=True), Spacer(0, 2 * mm)]
    for place in range(0, len(cards), 2):
        right = cards[place + 1] if place + 1 < len(cards) else []
        made += [KeepTogether([side_by_side(cards[place], right), Spacer(0, 3 * mm)])]
    return made


def _card(analysis: Analysis, base: Rgb8, found: AttributionMap, localized: LocalizedMap) -> list[Flowable]:
    stored = (analysis.radiograph.rows, analysis.radiograph.columns)
    marks = (*human_marks(analysis), *network_marks(localized))
    pixels = drawn(overlaid(base, found, localized), stored, marks)
    compared = [one for one in analysis.localizations if one.method == found.method]
    compared.sort(key=lambda one: -one.iou)
    lines = [text(comparison_text(analysis, one), SMALL) for one in compared[:COMPARISONS_SHOWN]]
    if len(compared) > COMPARISONS_SHOWN:
        rest = len(compared) - COMPARISONS_SHOWN
        lines.append(text(f"and {rest} further comparisons in the table below", LABEL))
    return [
        Picture(pixels, COLUMN_WIDTH, COLUMN_WIDTH),
        Spacer(0, 1.2 * mm),
        ColourBar(found.signed, COLUMN_WIDTH),
        Spacer(0, 0.8 * mm),
        text(method_title(found.method), CARD_TITLE),
        fact_table(map_facts(found, localized), COLUMN_WIDTH, 29 * mm, padding=0.3),
        Spacer(0, 0.8 * mm),
        *lines,
        *(text(note, LABEL) for note in found.notes),
    ]
