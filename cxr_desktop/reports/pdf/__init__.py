"""The report as a PDF."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cxr_desktop.domain import Analysis
from cxr_desktop.reports.exporter import named
from cxr_desktop.reports.template import PLAIN, Template


@dataclass(frozen=True, slots=True)
class PdfExporter:
    """`<stem>.pdf`: fonts embedded, the same bytes for the same case and template."""

    template: Template = PLAIN
    id: ClassVar[str] = "pdf"
    title: ClassVar[str] = "Report (PDF)"
    suffix: ClassVar[str] = ".pdf"

    def with_template(self, template: Template) -> PdfExporter:
        return PdfExporter(template)

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        from cxr_desktop.reports.pdf.document import write_pdf

        target = named(stem, self.suffix)
        write_pdf(analysis, target, self.template)
        return (target,)
