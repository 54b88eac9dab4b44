"""What it takes to do it again: parameters, sources, hashes, versions."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Spacer

from cxr_desktop.domain import Analysis
from cxr_desktop.reports.pdf.cover import shown_labels
from cxr_desktop.reports.pdf.tables import section
from cxr_desktop.reports.pdf.theme import BODY, CONTENT_WIDTH, Heading, fact_table, text
from cxr_desktop.reports.tabulated import method_table, operating_point_table, score_table
from cxr_desktop.reports.wording import source_facts


def appendix(analysis: Analysis, case_sha256: str, *, whole: bool = True) -> list[Flowable]:
    """Method parameters, further scores, operating points, provenance and notes.

    case_sha256: of the case that the manifest holds. whole: False for provenance and notes alone.
    """
    made = _parameters(analysis) if whole else []
    made += [CondPageBreak(60 * mm), Heading("Provenance"), Spacer(0, 1.5 * mm)]
    facts = (*source_facts(analysis), ("Case SHA-256", case_sha256))
    made += [fact_table(facts, CONTENT_WIDTH, 34 * mm)]
    return [*made, *_notes(analysis)]


def _parameters(analysis: Analysis) -> list[Flowable]:
    shown = shown_labels(analysis)
    rest = tuple(label for label in analysis.prediction.scores if label not in shown)
    made = section(method_table(analysis), (37, 36, 43, 32, 15, 15))
    if rest:
        made += section(score_table(analysis, rest, "Further scores"), (140, 38))
    return made + section(operating_point_table(analysis), (26, 28, 19, 20, 20, 65))


def _notes(analysis: Analysis) -> list[Flowable]:
    if not analysis.notes:
        return []
    notes = [text(f"• {note}", BODY) for note in analysis.notes]
    return [Spacer(0, 5 * mm), CondPageBreak(30 * mm), Heading("Notes"), Spacer(0, 1 * mm), *notes]
