"""A picture on which rectangles are drawn with the mouse, to be blanked."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cxr_desktop.domain import Box
from cxr_desktop.ui.translation import tr

LEAST = 3.0
"""Pixels of the image; smaller drags are slips of the hand."""

_EDGE = QColor("#f2c14e")
_FILL = QColor(242, 193, 78, 70)
_CHOSEN = QColor("#ffffff")


class Rectangles(QWidget):
    """Drag to add, click to choose, Delete to take away. changed: the rectangles are others now.

    columns, rows: of the stored image, in whose pixels `boxes` are.
    """

    changed = Signal()

    def __init__(self, picture: QImage, columns: int, rows: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("deidentifyPicture")
        self.setAccessibleName(tr("The image; drag rectangles over what is to be blanked"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._picture, self._columns, self._rows = picture, columns, rows
        self._boxes: tuple[Box, ...] = ()
        self._chosen = -1
        self._from: QPointF | None = None
        self._to = QPointF()

    @property
    def boxes(self) -> tuple[Box, ...]:
        return self._boxes

    def set_boxes(self, boxes: tuple[Box, ...]) -> None:
        if boxes != self._boxes:
            self._boxes, self._chosen = boxes, -1
            self.update()
            self.changed.emit()

    def sizeHint(self) -> QSize:
        return QSize(560, 600)

    def area(self) -> QRectF:
        """Where the picture lies in the widget."""
        scale = min(self.width() / self._columns, self.height() / self._rows)
        wide, high = self._columns * scale, self._rows * scale
        return QRectF((self.width() - wide) / 2, (self.height() - high) / 2, wide, high)

    def at(self, x: float, y: float) -> QPointF:
        """A pixel of the image as a point of the widget."""
        area = self.area()
        return QPointF(area.x() + x / self._columns * area.width(), area.y() + y / self._rows * area.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._from = self._to = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            self._to = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            return
        drawn = self._dragged(self._from, event.position())
        self._from = None
        if drawn.width >= LEAST and drawn.height >= LEAST:
            self.set_boxes((*self._boxes, drawn))
        else:
            x, y = self._pixel(event.position())
            hits = [place for place, box in enumerate(self._boxes) if box.contains(x, y)]
            self._chosen = hits[-1] if hits else -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._boxes:
            gone = self._chosen if self._chosen >= 0 else len(self._boxes) - 1
            self.set_boxes(self._boxes[:gone] + self._boxes[gone + 1 :])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.area(), self._picture)
        for place, box in enumerate(self._boxes):
            self._draw(painter, box, _CHOSEN if place == self._chosen else _EDGE)
        if self._from is not None:
            self._draw(painter, self._dragged(self._from, self._to), _EDGE)
        painter.end()

    def _draw(self, painter: QPainter, box: Box, edge: QColor) -> None:
        where = QRectF(self.at(box.x, box.y), self.at(box.right, box.bottom))
        painter.fillRect(where, _FILL)
        painter.setPen(QPen(edge, 1.6))
        painter.drawRect(where)

    def _dragged(self, start: QPointF, end: QPointF) -> Box:
        drawn = Box.from_corners(*self._pixel(start), *self._pixel(end))
        inside = drawn.clipped(self._columns, self._rows)
        return Box(round(inside.x), round(inside.y), round(inside.width), round(inside.height))

    def _pixel(self, point: QPointF) -> tuple[float, float]:
        area = self.area()
        return (
            (point.x() - area.x()) / area.width() * self._columns,
            (point.y() - area.y()) / area.height() * self._rows,
        )
