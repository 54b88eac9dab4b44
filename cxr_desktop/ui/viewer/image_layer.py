"""The radiograph: 16 bit through one table to gray, at the resolution of the screen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from cxr_desktop.domain import Gray
from cxr_desktop.ui.viewer.gray_pyramid import Presentation
from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.view_transform import Turn

PIXELS_SHOWN_FROM = 8.0


class ImageLayer:
    """Renders the part that the canvas shows, from the level of the pyramid that fits."""

    overlay = False

    def __init__(self) -> None:
        self._image: LoadedImage | None = None
        self._presentation: Presentation | None = None
        self._table: Gray | None = None
        self._tile: tuple[object, QImage, Gray] | None = None
        self.state = object()

    def show(self, image: LoadedImage | None) -> None:
        self._image, self._presentation, self._table, self._tile = image, None, None, None
        self.state = object()

    def present(self, presentation: Presentation) -> None:
        if self._image is None or presentation == self._presentation:
            return
        self._presentation = presentation
        self._table = self._image.pyramid.lookup(self._image.radiograph.grayscale, presentation)
        self._tile = None
        self.state = object()

    def paint(self, painter: QPainter, frame: Frame) -> None:
        if self._image is None or self._presentation is None:
            return
        radiograph = self._image.radiograph
        visible = frame.view.visible(radiograph.columns, radiograph.rows, frame.width, frame.height)
        if visible[0] >= visible[2] or visible[1] >= visible[3]:
            return
        level = self._image.pyramid.level_for(frame.view.scale, coarse=frame.moving)
        step = 2**level
        region = (visible[0] // step, visible[1] // step, -(-visible[2] // step), -(-visible[3] // step))
        smooth = frame.view.scale < PIXELS_SHOWN_FROM and not self._image.pyramid.rough
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        target = frame.rect(*(step * edge for edge in region))
        painter.save()
        whole = frame.rect(0, 0, radiograph.columns, radiograph.rows)
        painter.setClipRect(whole, Qt.ClipOperation.IntersectClip)
        painter.drawImage(target, self._rendered(level, region, frame.view.turn, smooth))
        painter.restore()

    def _rendered(self, level: int, region: tuple[int, int, int, int], turn: Turn, smooth: bool) -> QImage:
        key = (level, region, turn, smooth)
        if self._tile is None or self._tile[0] != key:
            assert self._image is not None
            assert self._presentation is not None
            gray = turn.turned(
                self._image.pyramid.gray(
                    level, region, self._table, self._image.radiograph.grayscale, self._presentation
                )
            )
            height, width = gray.shape
            image = QImage(gray.data, width, height, width, QImage.Format.Format_Grayscale8)
            # Qt draws RGB32 in half the time, to the same gray, but puts the edges of single pixels less exactly
            exact = not smooth and not self._image.pyramid.rough
            kind = QImage.Format.Format_Grayscale8 if exact else QImage.Format.Format_RGB32
            self._tile = (key, image.convertToFormat(kind), gray)
        return self._tile[1]
