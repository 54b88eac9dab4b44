"""A round lens under the mouse: the image alone, three times as large."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from cxr_desktop.ui.viewer.gray_pyramid import Presentation
from cxr_desktop.ui.viewer.image_layer import ImageLayer
from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.loaded_image import LoadedImage

FACTOR = 3.0
RADIUS = 130.0
_RIM = QColor(200, 208, 218)


class MagnifierLayer:
    """Marks are left out of the lens, so that what lies under them is seen."""

    overlay = False

    def __init__(self) -> None:
        self._image = ImageLayer()
        self._presentation: Presentation | None = None
        self._at: tuple[float, float] | None = None

    @property
    def state(self) -> object:
        return self._at, self._presentation, self._image.state

    def show(self, image: LoadedImage | None) -> None:
        self._image.show(image)

    def place(self, at: tuple[float, float] | None, presentation: Presentation) -> None:
        """at: device pixel under the mouse, None for no lens."""
        self._at, self._presentation = at, presentation

    def paint(self, painter: QPainter, frame: Frame) -> None:
        if self._at is None or self._presentation is None:
            return
        self._image.present(self._presentation)
        x, y = self._at
        radius = round(RADIUS * frame.ratio)
        left, top = round(x) - radius, round(y) - radius
        view = frame.view.zoomed(FACTOR, x, y).panned(-left, -top)
        lens = QPainterPath()
        lens.addEllipse(QRectF(0, 0, 2 * radius, 2 * radius))
        painter.save()
        painter.translate(left, top)
        painter.setClipPath(lens)
        painter.fillRect(0, 0, 2 * radius, 2 * radius, QColor(0, 0, 0))
        self._image.paint(painter, replace(frame, view=view, width=2 * radius, height=2 * radius))
        painter.restore()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(_RIM, 1.5 * frame.ratio))
        painter.drawEllipse(QPointF(left + radius, top + radius), radius, radius)
        painter.restore()
