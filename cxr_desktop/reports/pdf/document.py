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
from cxr_desktop.reports.pdf.cover import cover
from cxr_desktop.reports.pdf.maps import maps
from cxr_desktop.reports.pdf.score_bars import cut_to
from cxr_desktop.reports.pdf.tables import tables
from cxr_desktop.reports.pdf.theme import (
    ACCENT,
    BOLD,
    CONTENT_WIDTH,
    MARGIN,
    MUTED,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    PALE,
    REGULAR,
    RULE,
    SLATE,
    WHITE,
    Heading,
    set_up,
)
from cxr_desktop.reports.pdf.trust import trust_pages
from cxr_desktop.reports.wording import date, moment, person_name

BAND = 23 * mm
FOOT = 15 * mm
TITLE = "Chest radiograph: network analysis"


def write_pdf(analysis: Analysis, path: Path) -> None:
    """Write the report; equal cases give equal bytes. Raises OSError."""
    set_up()
    manifest = Manifest.sealed(case_of(analysis, path.stem))
    document = _Report(analysis, path, manifest)
    story: list[Flowable] = [NextPageTemplate("later"), *cover(analysis), PageBreak()]
    story += [*maps(analysis), *tables(analysis), *trust_pages(analysis)]
    story += appendix(analysis, manifest.case_sha256)
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
            self.drawRightString(PAGE_WIDTH - MARGIN, FOOT - 5 * mm, f"Page {number} of {len(self._held)}")
            super().showPage()
        super().save()


class _Report(BaseDocTemplate):
    """Two page shapes: the first with its title band, later ones with the identity in a slim header."""

    def __init__(self, analysis: Analysis, path: Path, manifest: Manifest) -> None:
        model = analysis.prediction.model
        super().__init__(
            str(path),
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
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
        self.addPageTemplates(
            [
                PageTemplate("first", [_frame(BAND + 6 * mm)], onPage=self._first_page),
                PageTemplate("later", [_frame(20 * mm)], onPage=self._later_page),
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
        canvas.setFillColor(SLATE)
        canvas.rect(0, PAGE_HEIGHT - BAND, PAGE_WIDTH, BAND, stroke=0, fill=1)
        canvas.setFillColor(ACCENT)
        canvas.rect(0, PAGE_HEIGHT - BAND - 1.1 * mm, PAGE_WIDTH, 1.1 * mm, stroke=0, fill=1)
        canvas.setFillColor(WHITE)
        canvas.setFont(BOLD, 15)
        canvas.drawString(MARGIN, PAGE_HEIGHT - 11.5 * mm, TITLE)
        canvas.setFont(REGULAR, 8)
        canvas.setFillColor(PALE)
        name = printable(self._analysis.radiograph.header.path.name)
        canvas.drawString(MARGIN, PAGE_HEIGHT - 17.5 * mm, cut_to(name, REGULAR, 8, CONTENT_WIDTH * 0.65))
        right = PAGE_WIDTH - MARGIN
        canvas.drawRightString(right, PAGE_HEIGHT - 11.5 * mm, printable(self._analysis.software))
        canvas.drawRightString(right, PAGE_HEIGHT - 17.5 * mm, printable(moment(self._analysis.created)))
        _footer(canvas)

    def _later_page(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        header, top = self._analysis.radiograph.header, PAGE_HEIGHT - 12 * mm
        whom = (person_name(header.patient_name), header.patient_id, date(header.study_date))
        left = printable("   ".join(part for part in whom if part) or header.path.name)
        right = printable(self._analysis.prediction.model.caption)
        canvas.setFont(REGULAR, 7)
        canvas.setFillColor(MUTED)
        canvas.drawString(MARGIN, top, cut_to(left, REGULAR, 7, CONTENT_WIDTH * 0.47))
        canvas.drawRightString(PAGE_WIDTH - MARGIN, top, cut_to(right, REGULAR, 7, CONTENT_WIDTH * 0.47))
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, top - 2.5 * mm, PAGE_WIDTH - MARGIN, top - 2.5 * mm)
        _footer(canvas)


def _frame(top: float) -> Frame:
    return Frame(
        MARGIN,
        FOOT + 2 * mm,
        CONTENT_WIDTH,
        PAGE_HEIGHT - top - FOOT - 2 * mm,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )


def _footer(canvas: Canvas) -> None:
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, FOOT - 1 * mm, PAGE_WIDTH - MARGIN, FOOT - 1 * mm)
    canvas.setFont(BOLD, 7)
    canvas.setFillColor(MUTED)
    canvas.drawString(MARGIN, FOOT - 5 * mm, DISCLAIMER)


def _date_as(canvas: Canvas, created: str) -> None:
    """Date the file by the case instead of by the clock, so that equal cases give equal bytes."""
    try:
        when = datetime.fromisoformat(created)
    except ValueError:
        return
    offset = when.strftime("%z")
    zone = f"{offset[:3]}'{offset[3:5]}'" if offset else ""
    canvas.setDateFormatter(lambda *_clock: f"D:{when:%Y%m%d%H%M%S}{zone}")
