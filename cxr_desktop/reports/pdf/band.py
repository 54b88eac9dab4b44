"""The title band of the first page, with the institution's name and logo where it has them."""

from __future__ import annotations

from io import BytesIO

from reportlab.lib.colors import Color
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from cxr_desktop.domain import Analysis
from cxr_desktop.reports.fonts import printable
from cxr_desktop.reports.pdf.score_bars import cut_to
from cxr_desktop.reports.pdf.theme import ACCENT, BOLD, CONTENT_WIDTH, PALE, REGULAR, SLATE, WHITE
from cxr_desktop.reports.template import Template
from cxr_desktop.reports.wording import moment

BAND = 23 * mm
TITLE = "Chest radiograph: network analysis"
_LOGO_HIGH, _LOGO_WIDE = 14 * mm, 30 * mm
_PAD = 1.4 * mm


def draw_band(canvas: Canvas, analysis: Analysis, template: Template, margin: float) -> None:
    """Title and institution at the left, the file and the report's origin at the right."""
    wide, high = template.size
    canvas.setFillColor(SLATE)
    canvas.rect(0, high - BAND, wide, BAND, stroke=0, fill=1)
    canvas.setFillColor(ACCENT)
    canvas.rect(0, high - BAND - 1.1 * mm, wide, 1.1 * mm, stroke=0, fill=1)
    left = margin + _logo(canvas, template, margin, high)
    name, made = analysis.radiograph.header.path.name, moment(analysis.created)
    right = wide - margin
    if not template.institution:
        _left(canvas, (left, high - 11.5 * mm), TITLE, (BOLD, 15), 0.65 * (right - left), WHITE)
        _left(canvas, (left, high - 17.5 * mm), name, (REGULAR, 8), 0.65 * (right - left), PALE)
        _right(canvas, (right, high - 11.5 * mm), analysis.software, 0.33 * (right - left))
        _right(canvas, (right, high - 17.5 * mm), made, 0.33 * (right - left))
        return
    room = 0.66 * (right - left)
    _left(canvas, (left, high - 9.6 * mm), TITLE, (BOLD, 13.5), room, WHITE)
    _left(canvas, (left, high - 15 * mm), template.institution, (BOLD, 8.5), room, WHITE)
    _left(canvas, (left, high - 19.2 * mm), template.place, (REGULAR, 7.5), room, PALE)
    for line, down in ((name, 9.6 * mm), (analysis.software, 15 * mm), (made, 19.2 * mm)):
        _right(canvas, (right, high - down), line, 0.33 * (right - left))


def _left(
    canvas: Canvas,
    at: tuple[float, float],
    said: str,
    face: tuple[str, float],
    room: float,
    colour: Color,
) -> None:
    canvas.setFont(*face)
    canvas.setFillColor(colour)
    canvas.drawString(*at, cut_to(printable(said), *face, room))


def _right(canvas: Canvas, at: tuple[float, float], said: str, room: float) -> None:
    canvas.setFont(REGULAR, 8)
    canvas.setFillColor(PALE)
    canvas.drawRightString(*at, cut_to(printable(said), REGULAR, 8, room))


def _logo(canvas: Canvas, template: Template, margin: float, high: float) -> float:
    """Draws the logo on white, so that any logo is seen; returns the room it took."""
    if not template.logo:
        return 0.0
    picture = ImageReader(BytesIO(template.logo))
    across, down = picture.getSize()
    scale = min(_LOGO_WIDE / across, _LOGO_HIGH / down)
    wide, tall = across * scale, down * scale
    bottom = high - (BAND + tall) / 2
    canvas.setFillColor(WHITE)
    canvas.roundRect(margin, bottom - _PAD, wide + 2 * _PAD, tall + 2 * _PAD, 1.5 * mm, stroke=0, fill=1)
    canvas.drawImage(picture, margin + _PAD, bottom, wide, tall, mask="auto")
    return wide + 2 * _PAD + 5 * mm


def margin_of(template: Template) -> float:
    """The content is as wide on every page; what is left of the page lies beside it."""
    return (template.size[0] - CONTENT_WIDTH) / 2
