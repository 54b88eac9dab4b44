"""What it takes to do it again: parameters, sources, hashes, versions."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Spacer

from cxr_desktop.domain import Analysis, OperatingPoint
from cxr_desktop.reports.pdf.cover import shown_labels
from cxr_desktop.reports.pdf.theme import BODY, CONTENT_WIDTH, Heading, fact_table, listing, text
from cxr_desktop.reports.wording import (
    method_source,
    method_title,
    number,
    parameters_text,
    small_share,
    source_facts,
)


def appendix(analysis: Analysis) -> list[Flowable]:
    """Method parameters, further scores, operating points, sources and notes."""
    return [
        *_methods(analysis),
        *_further_scores(analysis),
        *_operating_points(analysis),
        CondPageBreak(60 * mm),
        Heading("Provenance"),
        Spacer(0, 1.5 * mm),
        fact_table(source_facts(analysis), CONTENT_WIDTH, 34 * mm),
        *_notes(analysis),
    ]


def _methods(analysis: Analysis) -> list[Flowable]:
    if not analysis.maps:
        return []
    rows = [
        (
            method_title(found.method),
            found.method,
            method_source(found.method) or "–",
            parameters_text(found),
            number(found.start, 4),
            small_share(found.gap),
            found.device,
        )
        for found in analysis.maps
    ]
    head = ("Method", "Name", "Source", "Parameters", "Sum due", "Gap", "Device")
    table = listing(head, rows, (32, 27, 32, 44, 15, 16, 12))
    return [
        CondPageBreak(50 * mm),
        Heading("Methods and parameters"),
        Spacer(0, 2 * mm),
        table,
        Spacer(0, 5 * mm),
    ]


def _further_scores(analysis: Analysis) -> list[Flowable]:
    shown = shown_labels(analysis)
    rest = {label: score for label, score in analysis.prediction.scores.items() if label not in shown}
    if not rest:
        return []
    rows = [(label, number(score, 3)) for label, score in sorted(rest.items(), key=lambda item: -item[1])]
    return [
        CondPageBreak(40 * mm),
        Heading("Further scores"),
        Spacer(0, 2 * mm),
        listing(("Label", "Probability"), rows, (140, 38)),
        Spacer(0, 5 * mm),
    ]


def _operating_points(analysis: Analysis) -> list[Flowable]:
    points = analysis.prediction.operating_points
    if not points:
        return []
    rows = [(point.label, point.name, *_measured(point)) for point in points]
    head = ("Label", "Operating point", "Threshold", "Sensitivity", "Specificity", "Measured on")
    return [
        CondPageBreak(40 * mm),
        Heading("Operating points, bound to these weights"),
        Spacer(0, 2 * mm),
        listing(head, rows, (40, 32, 20, 21, 21, 44)),
        Spacer(0, 5 * mm),
    ]


def _measured(point: OperatingPoint) -> tuple[str, str, str, str]:
    return (
        number(point.threshold, 3),
        number(point.sensitivity),
        number(point.specificity),
        point.measured_on or "–",
    )


def _notes(analysis: Analysis) -> list[Flowable]:
    if not analysis.notes:
        return []
    notes = [text(f"• {note}", BODY) for note in analysis.notes]
    return [Spacer(0, 5 * mm), CondPageBreak(30 * mm), Heading("Notes"), Spacer(0, 1 * mm), *notes]
