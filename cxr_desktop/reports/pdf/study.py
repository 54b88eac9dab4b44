"""A document of many images as a PDF: the same content as its HTML page, drawn for paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    Image,
    KeepTogether,
    NextPageTemplate,
    PageTemplate,
    Spacer,
)

from cxr_desktop.domain import DISCLAIMER
from cxr_desktop.domain.document import (
    BarChart,
    Block,
    CountMatrix,
    DataTable,
    Document,
    Paragraph,
    PictureGrid,
    ScatterPlot,
    Section,
)
from cxr_desktop.domain.whole_file import written_whole
from cxr_desktop.reports.fonts import printable
from cxr_desktop.reports.pdf.study_charts import Bars, Scatter
from cxr_desktop.reports.pdf.study_tables import parts_that_fit, study_matrix, study_table
from cxr_desktop.reports.pdf.theme import (
    ACCENT,
    BODY,
    BOLD,
    CARD_TITLE,
    CONTENT_WIDTH,
    LABEL,
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
    fact_table,
    grid,
    set_up,
    text,
)

BAND, FOOT, TOP = 23 * mm, 15 * mm, 14 * mm
ACROSS, GAP = 4, 3 * mm


def write_study_pdf(document: Document, path: Path) -> None:
    """Write the document; equal documents give equal bytes. Raises OSError."""
    set_up()
    story: list[Flowable] = [NextPageTemplate("later")]
    for section in document.sections:
        story += [CondPageBreak(_room(section)), Heading(section.title), Spacer(0, 1.5 * mm)]
        for block in section.blocks:
            story += _drawn(block)
        story.append(Spacer(0, 4 * mm))
    if document.facts:
        story += [CondPageBreak(50 * mm), Heading("Every parameter"), Spacer(0, 1.5 * mm)]
        story.append(fact_table(document.facts, CONTENT_WIDTH, 46 * mm))
    _Pages(document, path).build(story)


def save_study_pdf(document: Document, path: Path) -> None:
    """As `write_study_pdf`, with an ExportError that says what to do."""
    with written_whole(path) as staged:
        write_study_pdf(document, staged)


def _room(section: Section) -> float:
    """What must be left of a page for a section to begin there: a heading stays with its first chart or pictures."""
    if any(isinstance(block, PictureGrid) for block in section.blocks):
        return 110 * mm
    heights = [Bars(block).height for block in section.blocks[:2] if isinstance(block, BarChart)]
    return 30 * mm + max(heights, default=20 * mm)


class _Pages(BaseDocTemplate):
    """The first page with a title band, later ones with a slim header."""

    def __init__(self, document: Document, path: Path) -> None:
        super().__init__(
            str(path),
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
            title=printable(document.title),
            subject=printable(document.subtitle),
            author="CXR Desktop",
            creator="CXR Desktop",
            keywords=DISCLAIMER,
            lang="en",
            invariant=1,
            initialFontName=REGULAR,
        )
        self._document = document
        self.addPageTemplates(
            [
                PageTemplate("first", [_frame(BAND + 5 * mm)], onPage=self._first_page),
                PageTemplate("later", [_frame(TOP + 5 * mm)], onPage=self._later_page),
            ]
        )

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 (reportlab's name)
        if isinstance(flowable, Heading):
            key = f"section-{self.seq.nextf('section')}"
            self.canv.bookmarkHorizontal(key, 0, self.frame._y + 20)
            self.canv.addOutlineEntry(flowable.outline_title, key)

    def _first_page(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        canvas.setFillColor(SLATE)
        canvas.rect(0, PAGE_HEIGHT - BAND, PAGE_WIDTH, BAND, stroke=0, fill=1)
        canvas.setFillColor(ACCENT)
        canvas.rect(0, PAGE_HEIGHT - BAND - 1.1 * mm, PAGE_WIDTH, 1.1 * mm, stroke=0, fill=1)
        canvas.setFillColor(WHITE)
        canvas.setFont(BOLD, 15)
        canvas.drawString(MARGIN, PAGE_HEIGHT - 11.5 * mm, printable(self._document.title))
        canvas.setFont(REGULAR, 8)
        canvas.setFillColor(PALE)
        canvas.drawString(MARGIN, PAGE_HEIGHT - 17.5 * mm, printable(self._document.subtitle))
        self._foot(canvas)

    def _later_page(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        canvas.setFont(BOLD, 8)
        canvas.setFillColor(SLATE)
        canvas.drawString(MARGIN, PAGE_HEIGHT - TOP + 2 * mm, printable(self._document.title))
        canvas.setFont(REGULAR, 7)
        canvas.setFillColor(MUTED)
        subtitle = printable(self._document.subtitle)
        canvas.drawRightString(PAGE_WIDTH - MARGIN, PAGE_HEIGHT - TOP + 2 * mm, subtitle)
        canvas.setStrokeColor(RULE)
        canvas.line(MARGIN, PAGE_HEIGHT - TOP, PAGE_WIDTH - MARGIN, PAGE_HEIGHT - TOP)
        self._foot(canvas)

    def _foot(self, canvas: Canvas) -> None:
        canvas.setStrokeColor(RULE)
        canvas.line(MARGIN, FOOT - 1 * mm, PAGE_WIDTH - MARGIN, FOOT - 1 * mm)
        canvas.setFont(BOLD, 7)
        canvas.setFillColor(MUTED)
        canvas.drawString(MARGIN, FOOT - 5 * mm, DISCLAIMER)
        canvas.setFont(REGULAR, 7)
        canvas.drawRightString(PAGE_WIDTH - MARGIN, FOOT - 5 * mm, f"Page {canvas.getPageNumber()}")


def _frame(top: float) -> Frame:
    height = PAGE_HEIGHT - top - FOOT
    return Frame(
        MARGIN, FOOT, CONTENT_WIDTH, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0
    )


def _drawn(block: Block) -> Iterator[Flowable]:
    match block:
        case Paragraph(text=sentence, muted=muted):
            yield text(sentence, LABEL if muted else BODY)
            yield Spacer(0, 1.2 * mm)
        case DataTable():
            for part in parts_that_fit(block):
                yield study_table(part)
                yield Spacer(0, 3 * mm)
        case BarChart():
            yield KeepTogether([text(block.title, CARD_TITLE), Bars(block)])
            yield Spacer(0, 2 * mm)
        case ScatterPlot():
            yield KeepTogether([text(block.title, CARD_TITLE), Scatter(block)])
            yield Spacer(0, 2 * mm)
        case CountMatrix():
            yield KeepTogether([text(block.title, CARD_TITLE), Spacer(0, 1 * mm), study_matrix(block)])
            yield Spacer(0, 3 * mm)
        case PictureGrid():
            yield from _pictures(block)


def _pictures(pictures: PictureGrid) -> Iterator[Flowable]:
    width = (CONTENT_WIDTH - (ACROSS - 1) * GAP) / ACROSS
    cells: list[list[Flowable]] = []
    for one in pictures.pictures:
        scale = width / max(one.width, one.height)
        image = Image(BytesIO(one.jpeg), one.width * scale, one.height * scale)
        cells.append([image, text(one.caption, LABEL)])
    rows: list[Sequence[object]] = [cells[at : at + ACROSS] for at in range(0, len(cells), ACROSS)]
    for place, row in enumerate(rows):
        line = grid([[*row, *[[]] * (ACROSS - len(row))]], [width + GAP] * ACROSS)
        line.setStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), GAP),
            ]
        )
        yield KeepTogether([text(pictures.title, CARD_TITLE), line]) if place == 0 else line
    yield Spacer(0, 3 * mm)
