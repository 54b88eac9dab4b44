"""Bit planes of the file over the image: what the modality or a workstation drew into it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter

from cxr_desktop.domain import Radiograph
from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.view_transform import Turn

COLOUR = QColor(159, 232, 112)


class OverlayLayer:
    """Shown small, a pixel is drawn where any of those that it stands for is, so that thin lines stay."""

    overlay = True

    def __init__(self) -> None:
        self._radiograph: Radiograph | None = None
        self._levels: list[NDArray[np.bool_]] = []
        self._tile: tuple[object, QImage, NDArray[np.uint32]] | None = None
        self.visible = True
        self._shown = object()

    @property
    def state(self) -> object:
        return self._shown, self.visible

    def show(self, image: LoadedImage | None) -> None:
        radiograph = image.radiograph if image is not None else None
        if radiograph is not self._radiograph:
            self._radiograph, self._levels, self._tile = radiograph, [], None
            self._shown = object()

    def paint(self, painter: QPainter, frame: Frame) -> None:
        radiograph = self._radiograph
        if radiograph is None or not radiograph.overlays or not self.visible:
            return
        x0, y0, x1, y1 = frame.view.visible(radiograph.columns, radiograph.rows, frame.width, frame.height)
        if x0 >= x1 or y0 >= y1:
            return
        level = max(int(np.log2(1 / frame.view.scale)), 0) if frame.view.scale < 1 else 0
        plane = self._plane(radiograph, level)
        step = 2**level
        region = (x0 // step, y0 // step, -(-x1 // step), -(-y1 // step))
        painter.save()
        painter.setClipRect(
            frame.rect(0, 0, radiograph.columns, radiograph.rows), Qt.ClipOperation.IntersectClip
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, frame.view.scale < 1)
        target = frame.rect(*(step * edge for edge in region))
        painter.drawImage(target, self._coloured(plane, level, region, frame.view.turn))
        painter.restore()

    def _plane(self, radiograph: Radiograph, level: int) -> NDArray[np.bool_]:
        """All planes of the frame in one, any over 2**level x 2**level pixels."""
        if not self._levels:
            planes = [one.on_image(radiograph.rows, radiograph.columns) for one in radiograph.overlays]
            self._levels = [np.logical_or.reduce(planes)]
        while len(self._levels) <= level:
            self._levels.append(_halved(self._levels[-1]))
        return self._levels[level]

    def _coloured(
        self, plane: NDArray[np.bool_], level: int, region: tuple[int, int, int, int], turn: Turn
    ) -> QImage:
        key = (level, region, turn)
        if self._tile is None or self._tile[0] != key:
            x0, y0, x1, y1 = region
            drawn = turn.turned(plane[y0:y1, x0:x1])
            colours = drawn.astype(np.uint32) * np.uint32(COLOUR.rgba())
            height, width = colours.shape
            image = QImage(colours.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
            self._tile = (key, image, colours)
        return self._tile[1]


def _halved(plane: NDArray[np.bool_]) -> NDArray[np.bool_]:
    rows, columns = plane.shape
    even = np.pad(plane, ((0, rows % 2), (0, columns % 2)))
    return even[0::2, 0::2] | even[0::2, 1::2] | even[1::2, 0::2] | even[1::2, 1::2]
