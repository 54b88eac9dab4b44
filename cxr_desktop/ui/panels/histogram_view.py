"""The histogram with the window's limits, to be dragged."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cxr_desktop.domain import Window
from cxr_desktop.ui.theme import ACCENT
from cxr_desktop.ui.translation import tr
from cxr_desktop.ui.viewer.gray_histogram import BINS, GrayHistogram
from cxr_desktop.ui.viewer.viewer_model import ViewerModel

HEIGHT, STRIP, EDGE, REACH = 96, 10, 8, 8
_BARS, _INSIDE, _RIM = QColor("#4a5563"), QColor("#9fb2c6"), QColor("#323a44")
_KEYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


EMPTY = GrayHistogram(np.zeros(BINS, np.int64), 0.0, 1.0)


class _Hold(Enum):
    LOW = "low"
    HIGH = "high"
    BOTH = "both"


class HistogramView(QWidget):
    """Drag a limit, or between them to move both. Arrow keys: centre across, width up and down."""

    def __init__(self, viewer: ViewerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("histogram")
        self.setAccessibleName(tr("Histogram with the window's limits"))
        self.setToolTip(tr("Drag a limit of the window, or between the limits to move both"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._viewer = viewer
        self._histogram: GrayHistogram | None = None
        self._hold: _Hold | None = None
        self._from = 0.0
        self._before = Window(128, 256)
        viewer.image_changed.connect(self._forget)
        viewer.presentation_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(280, HEIGHT)

    def position(self, value: float) -> float:
        """Where a modality value lies, in pixels from the left, kept on the widget."""
        histogram = self._counted()
        share = (value - histogram.low) / (histogram.high - histogram.low)
        return EDGE + min(max(share, 0.0), 1.0) * (self.width() - 2 * EDGE)

    def value(self, x: float) -> float:
        """The modality value at a position, the inverse of `position`."""
        histogram = self._counted()
        share = (x - EDGE) / max(self.width() - 2 * EDGE, 1)
        return histogram.low + min(max(share, 0.0), 1.0) * (histogram.high - histogram.low)

    @property
    def limits(self) -> tuple[float, float]:
        """Modality values at which the window ends."""
        window = self._viewer.window()
        return window.centre - window.width / 2, window.centre + window.width / 2

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._viewer.image is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._hold = self._under(event.position().x())
        self._from, self._before = event.position().x(), self._viewer.window()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._hold is None:
            over = self._viewer.image is not None and self._under(x) is not _Hold.BOTH
            self.setCursor(Qt.CursorShape.SizeHorCursor if over else Qt.CursorShape.OpenHandCursor)
            return
        self._show(*self._dragged(self._hold, x))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._hold = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _KEYS.get(Qt.Key(event.key()))
        if step is None or self._viewer.image is None:
            event.ignore()
            return
        window, histogram = self._viewer.window(), self._counted()
        gain = (histogram.high - histogram.low) / 100
        width = max(window.width + step[1] * gain, self._viewer.narrowest)
        centre = window.centre + step[0] * gain
        self._show(centre - width / 2, centre + width / 2)

    def focusInEvent(self, _event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, _event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(QColor(ACCENT) if self.hasFocus() else _RIM))
        painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))
        if self._viewer.image is not None:
            floor = self.height() - STRIP - 4
            self._bars(painter, floor)
            self._strip(painter, floor + 2)
            self._limits(painter, floor)
        painter.end()

    def _forget(self) -> None:
        self._histogram, self._hold = None, None
        self.update()

    def _counted(self) -> GrayHistogram:
        """Of the image at rest: one that goes by brings none."""
        image = self._viewer.image
        if self._histogram is None and image is not None:
            self._histogram = image.histogram
        return self._histogram or EMPTY

    def _under(self, x: float) -> _Hold:
        low, high = (self.position(limit) for limit in self.limits)
        if min(abs(x - low), abs(x - high)) > REACH:
            return _Hold.BOTH
        if high - low < 1:  # one on the other: the one that has room where the hand is
            upper = high <= EDGE or (x >= high and high < self.width() - EDGE)
            return _Hold.HIGH if upper else _Hold.LOW
        return _Hold.LOW if abs(x - low) <= abs(x - high) else _Hold.HIGH

    def _dragged(self, hold: _Hold, x: float) -> tuple[float, float]:
        """The limits with the mouse at x. One that lies beyond the histogram comes from its end, where it is drawn."""
        low = self._before.centre - self._before.width / 2
        high = self._before.centre + self._before.width / 2
        narrowest = self._viewer.narrowest
        if hold is _Hold.LOW:
            return min(self.value(x - self._from + self.position(low)), high - narrowest), high
        if hold is _Hold.HIGH:
            return low, max(self.value(x - self._from + self.position(high)), low + narrowest)
        shift = self.value(x) - self.value(self._from)
        return low + shift, high + shift

    def _show(self, low: float, high: float) -> None:
        window = self._viewer.window()
        self._viewer.set_voi(replace(window, centre=(low + high) / 2, width=high - low, explanation="custom"))

    def _bars(self, painter: QPainter, floor: int) -> None:
        """Heights by the square root, so that rare values are seen beside the background."""
        histogram = self._counted()
        counts = histogram.counts
        heights = np.sqrt(counts / max(counts.max(), 1)) * (floor - 8)
        step, numbers = (self.width() - 2 * EDGE) / len(counts), np.arange(len(counts))
        places = EDGE + step * numbers
        middles = histogram.low + (numbers + 0.5) * (histogram.high - histogram.low) / len(counts)
        low, high = self.limits
        inside = (middles >= low) & (middles <= high)
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, chosen in ((_BARS, ~inside), (_INSIDE, inside)):
            painter.setBrush(colour)
            which = chosen & (counts > 0)
            bars = zip(places[which].tolist(), heights[which].tolist(), strict=True)
            painter.drawRects([QRectF(place, floor - height, step + 0.5, height) for place, height in bars])

    def _strip(self, painter: QPainter, top: int) -> None:
        """The gray that each value is shown in."""
        image, presentation = self._viewer.image, self._viewer.presentation
        assert image is not None
        histogram = self._counted()
        values = np.linspace(histogram.low, histogram.high, BINS, dtype=np.float32)
        gray = image.radiograph.grayscale.grays(values, presentation.voi)
        gray = np.ascontiguousarray(255 - gray if presentation.inverted else gray)
        strip = QImage(gray.data, BINS, 1, BINS, QImage.Format.Format_Grayscale8)
        painter.drawImage(QRectF(EDGE, top, self.width() - 2 * EDGE, STRIP), strip)

    def _limits(self, painter: QPainter, floor: int) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for limit in self.limits:
            x = self.position(limit)
            painter.setPen(QPen(QColor(ACCENT), 1.5))
            painter.drawLine(QPointF(x, 4), QPointF(x, floor + STRIP))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ACCENT))
            painter.drawPolygon(QPolygonF([QPointF(x - 5, 2), QPointF(x + 5, 2), QPointF(x, 10)]))
