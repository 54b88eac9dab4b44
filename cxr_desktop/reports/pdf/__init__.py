"""The report as a PDF."""

from __future__ import annotations

from pathlib import Path

from cxr_desktop.domain import Analysis
from cxr_desktop.reports.exporter import named


class PdfExporter:
    """`<stem>.pdf`: A4, fonts embedded, the same bytes for the same case."""

    id = "pdf"
    title = "Report (PDF)"
    suffix = ".pdf"

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        from cxr_desktop.reports.pdf.document import write_pdf

        target = named(stem, self.suffix)
        write_pdf(analysis, target)
        return (target,)
