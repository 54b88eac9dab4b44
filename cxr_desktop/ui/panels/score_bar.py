"""One score as a bar with ticks at its operating points."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cxr_desktop.ui.panels.findings_model import Confidence, Finding
from cxr_desktop.ui.translation import tr

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_COLOURS = {
    Confidence.LOW: QColor("#5f7f94"),
    Confidence.INTERMEDIATE: QColor("#d9a441"),
    Confidence.HIGH: QColor("#e2734f"),
    Confidence.UNRATED: QColor("#7d8794"),
}


class ScoreBar(QWidget):
    """Label, probability and confidence word above a bar from 0 to 1."""

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._finding = finding
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(finding.explanation)
        self.setAccessibleName(f"{finding.label}: {finding.score:.2f}, {finding.confidence.value}")

    def sizeHint(self) -> QSize:
        return QSize(200, 40)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        finding, colour = self._finding, _COLOURS[self._finding.confidence]
        words = QRectF(0, 0, self.width(), 20)
        painter.setPen(QColor("#eef2f6"))
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, finding.label)
        painter.drawText(
            words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{finding.score:.2f}"
        )
        painter.setPen(colour.lighter(115))
        painter.drawText(
            words.adjusted(0, 0, -44, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            tr(finding.confidence.value),
        )  # fmt: skip
        bar = QRectF(0, 25, self.width(), 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#242a31"))
        painter.drawRoundedRect(bar, 4, 4)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(0, 25, max(8.0, self.width() * finding.score), 8), 4, 4)
        painter.setBrush(QColor("#f4f7fa"))
        for point in finding.points:
            painter.drawRect(QRectF(self.width() * point.threshold - 1, 21.5, 2, 15))
        painter.end()
