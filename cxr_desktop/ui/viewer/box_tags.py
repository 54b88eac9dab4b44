"""The labels of findings, each at the first corner where no other one lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from cxr_desktop.domain import Box
from cxr_desktop.ui.viewer.layer import Frame

CELL = 64
_GROUND = QColor(8, 10, 13, 200)


class Tags:
    """Labels placed so far, by the cells of the canvas that they touch: looking for room stays quick.

    crowded: a label that finds no room above its box is left out, not laid over another.
    """

    def __init__(self, crowded: bool = False) -> None:
        self._cells: dict[tuple[int, int], list[QRectF]] = {}
        self._crowded = crowded

    def place(self, painter: QPainter, frame: Frame, tags: Iterable[tuple[Box, str, QColor]]) -> None:
        """Draw labels of boxes in their colours; those off the canvas and empty ones are left out."""
        metrics = QFontMetricsF(painter.font())
        canvas = QRectF(0, 0, frame.width, frame.height)
        widths: dict[str, float] = {}
        for box, text, colour in tags:
            rect = frame.box(box)
            if not text or not rect.adjusted(-1, -1, 1, 1).intersects(canvas):
                continue
            width = widths.setdefault(text, metrics.horizontalAdvance(text))
            spot = self._spot(rect, width, metrics.height(), frame.ratio)
            if spot is None:
                continue
            painter.fillRect(spot, _GROUND)
            painter.setPen(colour)
            painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, text)

    def _spot(self, rect: QRectF, text_width: float, text_height: float, ratio: float) -> QRectF | None:
        pad, gap = 4 * ratio, 2 * ratio
        width, height = text_width + 2 * pad, text_height + pad / 2
        places = (
            QPointF(rect.left(), rect.top() - height - gap),
            QPointF(rect.left(), rect.bottom() + gap),
            QPointF(rect.right() - width, rect.top() - height - gap),
            QPointF(rect.right() - width, rect.bottom() + gap),
            QPointF(rect.left() + gap, rect.top() + gap),
        )
        tried = places[:1] if self._crowded else places
        spots = (QRectF(place.x(), place.y(), width, height) for place in tried)
        usual = None if self._crowded else QRectF(places[0].x(), places[0].y(), width, height)
        spot = next(filter(self._is_free, spots), usual)
        if spot is not None:
            for cell in _cells(spot):
                self._cells.setdefault(cell, []).append(spot)
        return spot

    def _is_free(self, spot: QRectF) -> bool:
        return not any(spot.intersects(taken) for cell in _cells(spot) for taken in self._cells.get(cell, ()))


def _cells(rect: QRectF) -> Iterator[tuple[int, int]]:
    for column in range(int(rect.left()) // CELL, int(rect.right()) // CELL + 1):
        for row in range(int(rect.top()) // CELL, int(rect.bottom()) // CELL + 1):
            yield column, row
