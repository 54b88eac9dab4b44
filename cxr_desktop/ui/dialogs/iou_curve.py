"""IoU over the threshold of a map, to be read and to be dragged on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from cxr_desktop.domain import Threshold, ThresholdKind
from cxr_desktop.ui.translation import tr

if TYPE_CHECKING:
    from cxr_desktop.localization import IouCurve

LINE, BEST, RULE = QColor("#56b4e9"), QColor("#40c896"), QColor("#2b3139")
TEXT, DIM = QColor("#d3d9e1"), QColor("#8d97a5")
LEFT, TOP, RIGHT, BOTTOM = 34, 10, 12, 32
PERCENTILES = (50.0, 60.0, 70.0, 75.0, 80.0, 85.0, 90.0, 92.5, 95.0, 97.0, 98.0, 99.0, 99.5)
"""Equally far apart on the axis, as what matters crowds near 100."""
NAMED = (50.0, 80.0, 90.0, 95.0, 99.0)
STEP = 0.5


class IouCurveView(QWidget):
    """A click or drag across it chooses the percentile; so do the arrow keys."""

    chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("iouCurve")
        self.setAccessibleName(tr("Mean IoU over the threshold of the map"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setMinimumHeight(130)
        self._curve: IouCurve | None = None
        self._threshold = Threshold()

    def sizeHint(self) -> QSize:
        return QSize(360, 140)

    def show_curve(self, curve: IouCurve | None, threshold: Threshold) -> None:
        self._curve, self._threshold = curve, threshold
        self.update()

    def across(self, percentile: float) -> float:
        """Where a percentile lies, in pixels: the named ones are equally far apart."""
        place = np.interp(percentile, PERCENTILES, np.arange(len(PERCENTILES)))
        return LEFT + float(place) / (len(PERCENTILES) - 1) * (self.width() - LEFT - RIGHT)

    def percentile(self, across: float) -> float:
        """The inverse of `across`, to half a percent."""
        share = (across - LEFT) / max(self.width() - LEFT - RIGHT, 1) * (len(PERCENTILES) - 1)
        found = float(np.interp(share, np.arange(len(PERCENTILES)), PERCENTILES))
        return round(found / STEP) * STEP

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.chosen.emit(self.percentile(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.chosen.emit(self.percentile(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -STEP, Qt.Key.Key_Right: STEP}.get(Qt.Key(event.key()))
        if step is None or self._threshold.kind is not ThresholdKind.PERCENTILE:
            super().keyPressEvent(event)
            return
        self.chosen.emit(min(max(self._threshold.value + step, PERCENTILES[0]), PERCENTILES[-1]))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - BOTTOM)
        self._paint_axes(painter, frame)
        if self._curve is not None:
            self._paint_curve(painter, frame, self._curve)
        if self._threshold.kind is ThresholdKind.PERCENTILE:
            x = self.across(self._threshold.value)
            painter.setPen(QPen(TEXT, 1.4))
            painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()))
        if self.hasFocus():
            painter.setPen(QPen(LINE, 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_axes(self, painter: QPainter, frame: QRectF) -> None:
        top = self._top()
        for value in (0.0, top / 2, top):
            y = frame.bottom() - value / top * frame.height()
            painter.setPen(QPen(RULE, 1))
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))
            painter.setPen(DIM)
            box = QRectF(0, y - 9, LEFT - 6, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:g}")
        for value in NAMED:
            box = QRectF(self.across(value) - 20, frame.bottom() + 2, 40, 14)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, f"{value:g}")
        foot = QRectF(frame.left(), frame.bottom() + 15, frame.width(), 16)
        painter.drawText(foot, Qt.AlignmentFlag.AlignHCenter, tr("percentile of the map that is cut off"))

    def _paint_curve(self, painter: QPainter, frame: QRectF, curve: IouCurve) -> None:
        top = self._top()
        points = [
            QPointF(self.across(threshold.value), frame.bottom() - float(value) / top * frame.height())
            for threshold, value in zip(curve.thresholds, curve.mean, strict=True)
        ]
        painter.setPen(QPen(LINE, 2))
        painter.drawPolyline(QPolygonF(points))
        best, value = curve.best
        painter.setPen(QPen(QColor(0, 0, 0), 1))
        painter.setBrush(BEST)
        painter.drawEllipse(
            QPointF(self.across(best.value), frame.bottom() - value / top * frame.height()), 5, 5
        )

    def _top(self) -> float:
        """Of the axis: half or the whole, as the curve needs."""
        return 0.5 if self._curve is None or float(self._curve.mean.max()) <= 0.5 else 1.0
