"""The labels of findings, each at the first corner where no other one lies."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import ceil

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from cxr_desktop.domain import Box
from cxr_desktop.ui.viewer.layer import Frame

CELL = 64
_GROUND = QColor(8, 10, 13, 200)


class Tags:
    """Labels placed so far, by the cells of the canvas that they touch: looking for room stays quick.

    crowded: a label that finds no room above its box is left out, not laid over another. taken: what else
    labels keep away from.
    """

    def __init__(self, crowded: bool = False, taken: Iterable[QRectF] = ()) -> None:
        self._cells: dict[tuple[int, int], list[QRectF]] = {}
        self._crowded = crowded
        for spot in taken:
            self._take(spot)

    def place(self, painter: QPainter, frame: Frame, tags: Iterable[tuple[Box, str, QColor]]) -> None:
        """Draw labels of boxes in their colours; those off the canvas and empty ones are left out."""
        key = painter.font().key()
        canvas = QRectF(0, 0, frame.width, frame.height)
        for box, text, colour in tags:
            rect = frame.box(box)
            if not text or not rect.adjusted(-1, -1, 1, 1).intersects(canvas):
                continue
            picture = _picture(text, key, colour.rgba(), frame.ratio)
            spot = self._spot(rect, canvas, picture.width(), picture.height(), 2 * frame.ratio)
            if spot is not None:
                painter.drawImage(round(spot.left()), round(spot.top()), picture)

    def _spot(self, rect: QRectF, canvas: QRectF, width: int, height: int, gap: float) -> QRectF | None:
        if self._crowded:
            above = QRectF(rect.left(), rect.top() - height - gap, width, height)
            spot = above if self._is_free(above) else None
        else:
            corners = _corners(rect.intersected(canvas), canvas.right(), width, height, gap)
            spots = (QRectF(x, y, width, height) for x, y in corners)
            free = (spot for spot in spots if canvas.contains(spot) and self._is_free(spot))
            spot = next(free, None) or QRectF(*corners[0], width, height)
        if spot is not None:
            self._take(spot)
        return spot

    def _take(self, spot: QRectF) -> None:
        for cell in _cells(spot):
            self._cells.setdefault(cell, []).append(spot)

    def _is_free(self, spot: QRectF) -> bool:
        return not any(spot.intersects(taken) for cell in _cells(spot) for taken in self._cells.get(cell, ()))


@lru_cache(maxsize=256)
def _picture(text: str, key: str, colour: int, ratio: float) -> QImage:
    """A label on its ground: drawing letters takes many times as long as this picture of them. key: of the font."""
    font = QFont()
    font.fromString(key)
    font.setStyleStrategy(QFont.StyleStrategy.NoSubpixelAntialias)
    metrics, pad = QFontMetricsF(font), 4 * ratio
    size = ceil(metrics.horizontalAdvance(text) + 2 * pad), ceil(metrics.height() + pad / 2)
    picture = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(_GROUND)
    painter = QPainter(picture)
    painter.setFont(font)
    painter.setPen(QColor.fromRgba(colour))
    painter.drawText(picture.rect(), Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return picture


def _corners(
    seen: QRectF, edge: float, width: float, height: float, gap: float
) -> tuple[tuple[float, float], ...]:
    """Where the label of a box can begin, the best first. seen: what the canvas, which ends at edge, shows of it."""
    left, right = max(min(seen.left(), edge - width), 0.0), max(seen.right() - width, 0.0)
    above, below, inside = seen.top() - height - gap, seen.bottom() + gap, seen.top() + gap
    return (
        (left, above),
        (left, below),
        (right, above),
        (right, below),
        (left + gap, inside),
        (left + gap, inside + height + gap),
    )


def _cells(rect: QRectF) -> list[tuple[int, int]]:
    columns = range(int(rect.left()) // CELL, int(rect.right()) // CELL + 1)
    rows = range(int(rect.top()) // CELL, int(rect.bottom()) // CELL + 1)
    return [(column, row) for column in columns for row in rows]
