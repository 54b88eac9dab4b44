"""Type, colours and measures of the printed report, and text made safe for it."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, Table

from cxr_desktop.reports.fonts import font_path, printable

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 16 * mm
CONTENT_WIDTH = PAGE_WIDTH - 2 * MARGIN
GUTTER = 5 * mm
COLUMN_WIDTH = (CONTENT_WIDTH - GUTTER) / 2

SLATE = HexColor("#1F2A37")
ACCENT = HexColor("#0E7490")
INK = HexColor("#161D26")
MUTED = HexColor("#5F6B7A")
RULE = HexColor("#D5DBE2")
PANEL = HexColor("#F3F5F8")
WHITE = HexColor("#FFFFFF")
PALE = HexColor("#C7D0DB")
HIGHLIGHT = HexColor("#DFF1F5")
CAUTION = HexColor("#9A5B00")
CAUTION_GROUND = HexColor("#FFF6E3")
ALARM = HexColor("#B3261E")
ALARM_GROUND = HexColor("#FDECEA")

REGULAR, BOLD, ITALIC = "CxrVera", "CxrVera-Bold", "CxrVera-Italic"


def set_up() -> None:
    """Make the embedded faces known to reportlab, and let it write binary streams instead of ASCII ones.

    ASCII streams are its default; they take a quarter more room and half of the time. Does nothing
    the second time.
    """
    rl_config.useA85 = 0
    known = set(pdfmetrics.getRegisteredFontNames())
    for name, weight in ((REGULAR, "regular"), (BOLD, "bold"), (ITALIC, "italic")):
        if name not in known:
            pdfmetrics.registerFont(TTFont(name, str(font_path(weight))))


def _style(
    name: str, size: float, leading: float, font: str = REGULAR, colour: Color = INK
) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=leading, textColor=colour)


BODY = _style("body", 8.5, 12.4)
SMALL = _style("small", 7.2, 9.8)
SMALL_BOLD = _style("small bold", 7.2, 10, BOLD)
LABEL = _style("label", 7.2, 10.6, REGULAR, MUTED)
VALUE = _style("value", 8, 10.6)
HEADING = _style("heading", 11.5, 15, BOLD, SLATE)
CARD_TITLE = _style("card title", 9, 13.5, BOLD, SLATE)
TABLE_HEAD = _style("table head", 7.2, 9.6, BOLD, MUTED)


def text(content: str, style: ParagraphStyle = BODY) -> Paragraph:
    """A paragraph of plain text: nothing in it is markup, nothing lacks a glyph, long words break."""
    return Paragraph(escape(printable(content)), style)


class Heading(Paragraph):
    """A section's title, which also appears in the outline of the document."""

    def __init__(self, title: str) -> None:
        super().__init__(escape(title), HEADING)
        self.outline_title = title


def grid(cells: Sequence[Sequence[object]], widths: Sequence[float], repeated: int = 0) -> Table:
    """A table of flowables in an embedded face: reportlab's own default would name one that is not.

    repeated: rows at the top that come again on every page.
    """
    table = Table(cells, colWidths=list(widths), repeatRows=repeated, hAlign="LEFT")
    table.setStyle([("FONTNAME", (0, 0), (-1, -1), REGULAR)])
    return table


def fact_table(
    facts: Sequence[tuple[str, str]], width: float, label_width: float = 24 * mm, padding: float = 1.2
) -> Table:
    """Labels to the left of their values; long values wrap."""
    rows = [[text(label, LABEL), text(value, VALUE)] for label, value in facts]
    table = grid(rows, [label_width, width - label_width])
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), padding),
            ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
            # the smaller type of the labels, brought down to the baseline of their values
            ("TOPPADDING", (0, 0), (0, -1), padding + VALUE.fontSize - LABEL.fontSize),
        ]
    )
    return table


def panel(content: list[Flowable], width: float, ground: Color = PANEL, bar: Color = ACCENT) -> Table:
    """Flowables on a tinted ground with a bar of colour at the left."""
    table = grid([[content]], [width])
    table.setStyle(_panel_style(0, ground, bar))
    return table


def panel_pair(left: list[Flowable], right: list[Flowable]) -> Table:
    """Two panels on the columns of the page's grid, equally high."""
    table = grid([[left, [], right]], [COLUMN_WIDTH, GUTTER, COLUMN_WIDTH])
    table.setStyle([*_panel_style(0, PANEL, ACCENT), *_panel_style(2, PANEL, ACCENT)])
    return table


def _panel_style(column: int, ground: Color, bar: Color) -> list[tuple[object, ...]]:
    start, end = (column, 0), (column, -1)
    return [
        ("VALIGN", start, end, "TOP"),
        ("BACKGROUND", start, end, ground),
        ("LINEBEFORE", start, end, 2.2, bar),
        ("LEFTPADDING", start, end, 9),
        ("RIGHTPADDING", start, end, 9),
        ("TOPPADDING", start, end, 6),
        ("BOTTOMPADDING", start, end, 7),
    ]


def side_by_side(left: list[Flowable], right: list[Flowable]) -> Table:
    """Two columns of the page's grid."""
    table = grid([[left, [], right]], [COLUMN_WIDTH, GUTTER, COLUMN_WIDTH])
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ]
    )
    return table


def listing(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    """A ruled table whose head is repeated on every page it runs over. Add styles for single rows after."""
    cells: list[list[Flowable]] = [[text(title, TABLE_HEAD) for title in head]]
    cells += [[text(value, SMALL) for value in row] for row in rows]
    scale = CONTENT_WIDTH / sum(widths)
    table = grid(cells, [width * scale for width in widths], repeated=1)
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, SLATE),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 2.2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
    )
    return table
