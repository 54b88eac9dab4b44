"""Lines around what reaches the threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.mark_style import NETWORK_COLOUR


class ContourLayer:
    """Segments in stored pixels, drawn as lines of constant width on a dark casing."""

    overlay = True

    def __init__(self) -> None:
        self._segments: NDArray[np.float32] | None = None
        self._lines: list[QLineF] = []
        self.state = object()

    def show(self, segments: NDArray[np.float32] | None) -> None:
        if segments is not self._segments:
            self._segments = segments
            self._lines = [] if segments is None else [QLineF(*ends) for ends in segments.tolist()]
            self.state = object()

    def paint(self, painter: QPainter, frame: Frame) -> None:
        if not self._lines:
            return
        painter.save()
        view = frame.view
        painter.setTransform(QTransform(*view.matrix, view.left, view.top) * painter.worldTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not frame.moving)
        for colour, width in ((QColor(0, 0, 0, 150), 3.2), (NETWORK_COLOUR, 1.5)):
            pen = QPen(colour, width * frame.ratio)
            pen.setCosmetic(True)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)  # round ends take many times as long, and cannot be seen
            painter.setPen(pen)
            painter.drawLines(self._lines)
        painter.restore()
