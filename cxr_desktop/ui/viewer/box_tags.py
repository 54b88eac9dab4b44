"""The labels of findings, each at the first corner where no other one lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

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
        metrics = QFontMetricsF(painter.font())
        canvas = QRectF(0, 0, frame.width, frame.height)
        widths: dict[str, float] = {}
        for box, text, colour in tags:
            rect = frame.box(box)
            if not text or not rect.adjusted(-1, -1, 1, 1).intersects(canvas):
                continue
            width = widths.setdefault(text, metrics.horizontalAdvance(text))
            spot = self._spot(rect, canvas, width, metrics.height(), frame.ratio)
            if spot is None:
                continue
            painter.fillRect(spot, _GROUND)
            painter.setPen(colour)
            painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, text)

    def _spot(
        self, rect: QRectF, canvas: QRectF, text_width: float, text_height: float, ratio: float
    ) -> QRectF | None:
        pad, gap = 4 * ratio, 2 * ratio
        width, height = text_width + 2 * pad, text_height + pad / 2
        if self._crowded:
            above = QRectF(rect.left(), rect.top() - height - gap, width, height)
            spot = above if self._is_free(above) else None
        else:
            spots = _corners(rect.intersected(canvas), canvas.right(), width, height, gap)
            spot = next((one for one in spots if canvas.contains(one) and self._is_free(one)), spots[0])
        if spot is not None:
            self._take(spot)
        return spot

    def _take(self, spot: QRectF) -> None:
        for cell in _cells(spot):
            self._cells.setdefault(cell, []).append(spot)

    def _is_free(self, spot: QRectF) -> bool:
        return not any(spot.intersects(taken) for cell in _cells(spot) for taken in self._cells.get(cell, ()))


def _corners(seen: QRectF, edge: float, width: float, height: float, gap: float) -> tuple[QRectF, ...]:
    """Where the label of a box can go, the best first. seen: what the canvas, which ends at edge, shows of it."""
    left, right = max(min(seen.left(), edge - width), 0.0), max(seen.right() - width, 0.0)
    above, below, inside = seen.top() - height - gap, seen.bottom() + gap, seen.top() + gap
    return tuple(
        QRectF(x, y, width, height)
        for x, y in (
            (left, above),
            (left, below),
            (right, above),
            (right, below),
            (left + gap, inside),
            (left + gap, inside + height + gap),
        )
    )


def _cells(rect: QRectF) -> Iterator[tuple[int, int]]:
    for column in range(int(rect.left()) // CELL, int(rect.right()) // CELL + 1):
        for row in range(int(rect.top()) // CELL, int(rect.bottom()) // CELL + 1):
            yield column, row
