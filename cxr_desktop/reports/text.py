"""The report as plain text, 100 columns at most where words allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import ClassVar

from cxr_desktop.domain import DISCLAIMER, Analysis
from cxr_desktop.reports.exporter import named
from cxr_desktop.reports.findings import finding_table, reading_table
from cxr_desktop.reports.tabulated import (
    Tabulated,
    box_table,
    comparison_table,
    method_table,
    operating_point_table,
    score_table,
)
from cxr_desktop.reports.template import PLAIN, Template
from cxr_desktop.reports.trust_table import agreement_table
from cxr_desktop.reports.trust_words import LIMITS as TRUST_LIMITS
from cxr_desktop.reports.trust_words import sentences
from cxr_desktop.reports.wording import LIMITS, method_title, model_facts, source_facts, study_facts

WIDTH = 100
Facts = tuple[tuple[str, str], ...]
_TABLES = (
    ("findings", finding_table),
    ("readings", reading_table),
    ("comparison", comparison_table),
    ("boxes", box_table),
    ("appendix", method_table),
)


@dataclass(frozen=True, slots=True)
class TextExporter:
    """`<stem>.txt`, UTF-8."""

    template: Template = PLAIN
    id: ClassVar[str] = "txt"
    title: ClassVar[str] = "Report (plain text)"
    suffix: ClassVar[str] = ".txt"

    def with_template(self, template: Template) -> TextExporter:
        return TextExporter(template)

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        target = named(stem, self.suffix)
        target.write_text(text_report(analysis, self.template), "utf-8")
        return (target,)


def text_report(analysis: Analysis, template: Template = PLAIN) -> str:
    """The whole report in one string, sections parted by blank lines."""
    tables = (
        score_table(analysis, tuple(analysis.prediction.scores), "Scores: probability"),
        operating_point_table(analysis),
        *(table(analysis) for name, table in _TABLES if template.shows(name)),
        *((agreement_table(analysis.trust),) if template.shows("trust") else ()),
    )
    concerns = [f"[{one.severity.value}] {one.sentence}" for one in analysis.prediction.concerns]
    blocks = [
        _titled("Chest radiograph: network analysis", [*_masthead(template), DISCLAIMER], "="),
        _titled("Study", _facts(study_facts(analysis))),
        _titled("Network", _facts(model_facts(analysis))),
        _titled("Reasons for caution", concerns) if concerns else "",
        *(_trust(analysis) if template.shows("trust") else ()),
        *(_table(table) for table in tables if table.head),
        _titled("What a map can and cannot show", [LIMITS]),
        _titled("Provenance", _facts(source_facts(analysis))),
        _titled("Notes", list(analysis.notes)) if analysis.notes else "",
    ]
    return "\n".join(block for block in blocks if block)


def _masthead(template: Template) -> tuple[str, ...]:
    return tuple(line for line in (template.institution, template.place) if line)


def _trust(analysis: Analysis) -> Iterator[str]:
    if analysis.trust.measured:
        yield _titled("How far the maps can be trusted", [TRUST_LIMITS])
    for one in analysis.trust.maps:
        yield _titled(method_title(one.method), [f"{asked}: {told}" for asked, told in sentences(one)])


def _titled(title: str, lines: list[str], rule: str = "-") -> str:
    body = (fill(line, WIDTH, break_long_words=False) for line in lines)
    return "\n".join([title, rule * len(title), *body, ""])


def _facts(facts: Facts) -> list[str]:
    longest = max(len(label) for label, _ in facts)
    return [f"{label:<{longest}}  {value}" for label, value in facts]


def _table(table: Tabulated) -> str:
    """Columns as wide as their longest cell; a '*' ends the rows that other formats shade."""
    if not table.rows:
        return _titled(table.title, [table.absent])
    widths = [max(map(len, column)) for column in zip(table.head, *table.rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(table.head, widths, strict=True)).rstrip()]
    for place, row in enumerate(table.rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        lines.append(f"{line} *" if place in table.marked else line)
    note = fill(table.note.replace("Shaded:", "*:"), WIDTH)
    return "\n".join([table.title, "-" * len(table.title), *lines, *([note] if note else []), ""])
