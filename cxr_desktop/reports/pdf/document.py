"""The document around the sections: pages, header, footer, outline, metadata."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, NextPageTemplate, PageBreak, PageTemplate

from cxr_desktop.domain import DISCLAIMER, Analysis
from cxr_desktop.reports.fonts import printable
from cxr_desktop.reports.manifest import SUFFIX, Manifest, case_of
from cxr_desktop.reports.pdf.appendix import appendix
from cxr_desktop.reports.pdf.attachment import attach
from cxr_desktop.reports.pdf.band import BAND, TITLE, draw_band, margin_of
from cxr_desktop.reports.pdf.cover import cover
from cxr_desktop.reports.pdf.maps import maps
from cxr_desktop.reports.pdf.score_bars import cut_to
from cxr_desktop.reports.pdf.tables import tables
from cxr_desktop.reports.pdf.theme import (
    BOLD,
    CONTENT_WIDTH,
    MUTED,
    REGULAR,
    RULE,
    Heading,
    set_up,
)
from cxr_desktop.reports.pdf.trust import trust_pages
from cxr_desktop.reports.template import PLAIN, Template
from cxr_desktop.reports.wording import date, person_name

FOOT = 15 * mm


def write_pdf(analysis: Analysis, path: Path, template: Template = PLAIN) -> None:
    """Write the report; equal cases and templates give equal bytes. Raises OSError."""
    set_up()
    manifest = Manifest.sealed(case_of(analysis, path.stem))
    document = _Report(analysis, path, manifest, template)
    story: list[Flowable] = [NextPageTemplate("later"), *cover(analysis), PageBreak()]
    story += maps(analysis) if template.shows("maps") else []
    story += tables(analysis, template)
    story += trust_pages(analysis) if template.shows("trust") else []
    story += appendix(analysis, manifest.case_sha256, whole=template.shows("appendix"))
    document.build(story, canvasmaker=_NumberedCanvas)


class _NumberedCanvas(Canvas):
    """Holds pages back until their number is known, then prints 'Page x of y' on each."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self._held: list[dict[str, object]] = []

    def showPage(self) -> None:  # noqa: N802 (reportlab's name)
        self._held.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._held, start=1):
            self.__dict__.update(page)
            self.setFont(REGULAR, 7)
            self.setFillColor(MUTED)
            right = (self._pagesize[0] + CONTENT_WIDTH) / 2
            self.drawRightString(right, FOOT - 5 * mm, f"Page {number} of {len(self._held)}")
            super().showPage()
        super().save()


class _Report(BaseDocTemplate):
    """Two page shapes: the first with its title band, later ones with the identity in a slim header."""

    def __init__(self, analysis: Analysis, path: Path, manifest: Manifest, template: Template) -> None:
        model = analysis.prediction.model
        super().__init__(
            str(path),
            pagesize=template.size,
            title=printable(f"{TITLE}, {analysis.radiograph.header.path.name}"),
            author=printable(analysis.software or "CXR Desktop"),
            subject=printable(f"{model.name} {model.version}, weights SHA-256 {model.weights_sha256}"),
            keywords=DISCLAIMER,
            creator=printable(analysis.software or "CXR Desktop"),
            lang="en",
            invariant=1,
            initialFontName=REGULAR,
        )
        self._analysis = analysis
        self._manifest = manifest
        self._template = template
        self._margin = margin_of(template)
        self.addPageTemplates(
            [
                PageTemplate("first", [self._frame(BAND + 6 * mm)], onPage=self._first_page),
                PageTemplate("later", [self._frame(20 * mm)], onPage=self._later_page),
            ]
        )

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 (reportlab's name)
        if isinstance(flowable, Heading):
            key = f"section-{self.seq.nextf('section')}"
            self.canv.bookmarkHorizontal(key, 0, self.frame._y + 20)
            self.canv.addOutlineEntry(flowable.outline_title, key)

    def _first_page(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        _date_as(canvas, self._analysis.created)
        attach(canvas, f"case{SUFFIX}", self._manifest.to_bytes(), "What 'cxr-desktop verify' replays")
        draw_band(canvas, self._analysis, self._template, self._margin)
        self._footer(canvas)

    def _later_page(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        header, (wide, high) = self._analysis.radiograph.header, self._template.size
        margin, top = self._margin, high - 12 * mm
        whom = (person_name(header.patient_name), header.patient_id, date(header.study_date))
        left = printable("   ".join(part for part in whom if part) or header.path.name)
        right = printable(self._analysis.prediction.model.caption)
        canvas.setFont(REGULAR, 7)
        canvas.setFillColor(MUTED)
        canvas.drawString(margin, top, cut_to(left, REGULAR, 7, CONTENT_WIDTH * 0.47))
        canvas.drawRightString(wide - margin, top, cut_to(right, REGULAR, 7, CONTENT_WIDTH * 0.47))
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(margin, top - 2.5 * mm, wide - margin, top - 2.5 * mm)
        self._footer(canvas)

    def _frame(self, top: float) -> Frame:
        high = self._template.size[1] - top - FOOT - 2 * mm
        return Frame(self._margin, FOOT + 2 * mm, CONTENT_WIDTH, high, 0, 0, 0, 0)

    def _footer(self, canvas: Canvas) -> None:
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(self._margin, FOOT - 1 * mm, self._margin + CONTENT_WIDTH, FOOT - 1 * mm)
        canvas.setFont(BOLD, 7)
        canvas.setFillColor(MUTED)
        canvas.drawString(self._margin, FOOT - 5 * mm, DISCLAIMER)


def _date_as(canvas: Canvas, created: str) -> None:
    """Date the file by the case instead of by the clock, so that equal cases give equal bytes."""
    try:
        when = datetime.fromisoformat(created)
    except ValueError:
        return
    offset = when.strftime("%z")
    zone = f"{offset[:3]}'{offset[3:5]}'" if offset else ""
    canvas.setDateFormatter(lambda *_clock: f"D:{when:%Y%m%d%H%M%S}{zone}")
