"""Tables and counts of a document on paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from cxr_desktop.domain.document import CountMatrix, DataTable
from cxr_desktop.reports.fonts import printable
from cxr_desktop.reports.pdf.theme import (
    BOLD,
    CARD_TITLE,
    CONTENT_WIDTH,
    PANEL,
    RULE,
    SLATE,
    SMALL,
    TABLE_HEAD,
    grid,
    text,
)

GOOD, BAD = "#DFF1E6", "#FBE3D6"
_SMALLEST = 6.0


def study_table(table: DataTable) -> Flowable:
    """The head comes again on every page that the table runs over."""
    head_texts, *row_texts = ([_unbroken(cell) for cell in row] for row in (table.head, *table.rows))
    widths, size = _columns([head_texts, *row_texts])
    body = SMALL.clone("cell", fontSize=size, leading=size * 1.3)
    head = TABLE_HEAD.clone("head", fontSize=size, leading=size * 1.3)
    cells = [[text(value, head) for value in head_texts]]
    for row in row_texts:
        cells.append([text(value, body) for value in row])
    made = grid(cells, widths, repeated=1)
    made.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, SLATE),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
            ("LEFTPADDING", (0, 0), (-1, -1), 2.5),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2.5),
            ("TOPPADDING", (0, 0), (-1, -1), 1.8),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.4),
            *(("BACKGROUND", (0, row + 1), (-1, row + 1), PANEL) for row in sorted(table.pale)),
        ]
    )
    return made


def parts_that_fit(table: DataTable) -> tuple[DataTable, ...]:
    """The table, or where it is wider than the page its columns in parts of equal count, one below the other.

    The leading texts, which say what a row is, stand in each part.
    """
    named = max(table.texts, 1)
    others = len(table.head) - named
    for count in range(1, others + 1):
        each = -(-others // count)
        parts = tuple(
            _of_columns(table, (*range(named), *range(begun, min(begun + each, len(table.head)))))
            for begun in range(named, len(table.head), each)
        )
        if all(_fits(part) for part in parts):
            return parts
    return (table,)


def _of_columns(table: DataTable, chosen: Sequence[int]) -> DataTable:
    rows = tuple(tuple(row[place] for place in chosen) for row in table.rows)
    return replace(table, head=tuple(table.head[place] for place in chosen), rows=rows)


def _fits(table: DataTable) -> bool:
    widths, _ = _columns([[_unbroken(cell) for cell in row] for row in (table.head, *table.rows)])
    return sum(widths) <= CONTENT_WIDTH + 0.5


def _unbroken(cell: str) -> str:
    """The bounds of an interval stay on one line."""
    return re.sub(r"\([^)]* to [^)]*\)", lambda found: found[0].replace(" ", "\u00a0"), cell)


def _columns(rows: Sequence[Sequence[str]]) -> tuple[list[float], float]:
    """Widths and size of type: as wide as their texts where there is room, never narrower than a word."""
    columns = list(zip(*rows, strict=True))
    size = SMALL.fontSize
    while True:
        whole = [max(_width(cell, size) for cell in cells) for cells in columns]
        words = [max(_width(word, size) for cell in cells for word in cell.split(" ")) for cells in columns]
        if sum(words) <= CONTENT_WIDTH or size <= _SMALLEST:
            break
        size -= 0.2
    slack, room = sum(whole) - sum(words), CONTENT_WIDTH - sum(words)
    share = min(1.0, room / slack) if slack > 0 and room > 0 else 0.0
    return [word + share * (full - word) for full, word in zip(whole, words, strict=True)], size


def _width(content: str, size: float) -> float:
    """In bold, as heads are, with the cell's padding."""
    return stringWidth(printable(content), BOLD, size) + 6.5


def study_matrix(matrix: CountMatrix) -> Flowable:
    """Counts in tinted cells."""
    head = [text("", TABLE_HEAD), *(text(name, TABLE_HEAD) for name in matrix.columns)]
    rows = [
        [text(name, TABLE_HEAD), *(text(str(count), CARD_TITLE) for count in counts)]
        for name, counts in zip(matrix.rows, matrix.counts, strict=True)
    ]
    made = grid([head, *rows], [42 * mm, *[34 * mm] * len(matrix.columns)])
    tints = [(place, GOOD) for place in sorted(matrix.good)] + [(place, BAD) for place in sorted(matrix.bad)]
    made.setStyle(
        [
            ("GRID", (1, 1), (-1, -1), 0.4, RULE),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            *(("BACKGROUND", (c + 1, r + 1), (c + 1, r + 1), colour) for (r, c), colour in tints),
        ]
    )
    return made
