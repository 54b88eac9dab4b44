"""The map's colours over the radiograph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from cxr_desktop.ui.viewer.heat_image import HeatImage, HeatLook
from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.view_transform import Turn


class HeatmapLayer:
    """Opacity, colours, sign and threshold change one table only, so they act within a frame."""

    overlay = True

    def __init__(self) -> None:
        self._heat: HeatImage | None = None
        self._look: HeatLook | None = None
        self._region: NDArray[np.bool_] | None = None
        self._drawn: tuple[Turn, QImage, NDArray[np.uint32]] | None = None
        self.state = object()

    def show(self, heat: HeatImage | None, look: HeatLook, region: NDArray[np.bool_] | None) -> None:
        """region: what reaches the threshold, at the map's screen size."""
        region = region if look.above_cut else None
        if heat is not self._heat or look != self._look or region is not self._region:
            self._heat, self._look, self._region, self._drawn = heat, look, region, None
            self.state = object()

    def paint(self, painter: QPainter, frame: Frame) -> None:
        if self._heat is None:
            return
        rows, columns = self._heat.source.values.shape
        painter.save()
        painter.setClipRect(frame.pixels(0, 0, columns, rows))
        self.lay(painter, frame)
        painter.restore()

    def lay(self, painter: QPainter, frame: Frame) -> None:
        """The colours alone, which go on beyond the image where its last block does."""
        if self._heat is None:
            return
        height, width = self._heat.index.shape
        step = self._heat.step
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(
            frame.rect(0, 0, width * step, height * step), self._coloured(self._heat, frame.view.turn)
        )

    def _coloured(self, heat: HeatImage, turn: Turn) -> QImage:
        if self._drawn is None or self._drawn[0] != turn:
            assert self._look is not None
            colours = turn.turned(heat.colours(self._look, self._region))
            height, width = colours.shape
            image = QImage(colours.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
            self._drawn = (turn, image, colours)
        return self._drawn[1]
