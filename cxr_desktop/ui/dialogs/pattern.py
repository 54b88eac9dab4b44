"""The monitor test pattern over the whole screen, pixel by pixel."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.monitor_pattern import (
    BACKGROUND,
    LETTERS,
    LEVELS,
    Area,
    PatternPlan,
    monitor_pattern,
    plan,
    wanted_luminance,
)

DARKEST, BRIGHTEST = 1.0, 350.0
SMALLEST = (640, 480)
"""In which the pattern has its place."""
ADVICE = (
    later(
        "All 18 steps differ, and the corners of each.   Both inner squares are seen.   The ramps have no steps.   "
        "The fine lines are sharp and even.   Most letters can be read."
    ),
    later(
        "L: cd/m² that DICOM's grayscale function wants between {darkest:g} and {brightest:g}.   Esc: close.   "
        "A look replaces no photometer."
    ),
)


class PatternWindow(QWidget):
    """Esc or a click closes; L shows the luminance that is wanted of each patch.

    parent: keeps it, and has it open on its own screen.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("patternWindow")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Monitor test pattern"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(*SMALLEST)
        self.setGeometry(self.screen().geometry())
        self._numbers = False
        self._drawn: np.ndarray | None = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() == Qt.Key.Key_L:
            self._numbers = not self._numbers
            self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self.close()

    def paintEvent(self, _event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        if self._drawn is None or self._drawn.shape != (height, width):
            self._drawn = np.ascontiguousarray(monitor_pattern(width, height))
        painter = QPainter(self)
        painter.scale(1 / ratio, 1 / ratio)
        painter.drawImage(
            0, 0, QImage(self._drawn.data, width, height, width, QImage.Format.Format_Grayscale8)
        )
        layout = plan(width, height)
        for area, base in zip(layout.letters, (0, BACKGROUND, 255), strict=True):
            _letters(painter, area, base)
        if self._numbers:
            _luminances(painter, layout)
        _advice(painter, width, height, layout.side)
        painter.end()


def _letters(painter: QPainter, area: Area, base: int) -> None:
    """Fifteen letters, each one level fainter than the one before."""
    font = QFont(painter.font())
    font.setPixelSize(max(round(area.height * 0.6), 6))
    font.setBold(True)
    font.setStyleStrategy(QFont.StyleStrategy.NoAntialias)
    painter.setFont(font)
    step = area.width / len(LETTERS)
    for number, letter in enumerate(LETTERS):
        contrast = len(LETTERS) - number
        level = base - contrast if base == 255 else base + contrast
        painter.setPen(QColor(level, level, level))
        cell = QRectF(area.x + number * step, area.y, step, area.height)
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, letter)


def _luminances(painter: QPainter, layout: PatternPlan) -> None:
    font = QFont(painter.font())
    font.setPixelSize(max(layout.side // 6, 9))
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    painter.setFont(font)
    for area, level in zip(layout.patches, LEVELS, strict=True):
        painter.setPen(QColor(0, 0, 0) if level > BACKGROUND else QColor(255, 255, 255))
        told = f"{level}\n{wanted_luminance(level, DARKEST, BRIGHTEST):.3g}"
        rect = QRectF(area.x, area.y, area.width, area.height)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, told)


def _advice(painter: QPainter, width: int, height: int, side: int) -> None:
    font = QFont(painter.font())
    font.setPixelSize(max(side // 7, 10))
    font.setBold(False)
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    painter.setFont(font)
    painter.setPen(QColor(0, 0, 0))
    place = QRectF(2 * side, height - side, width - 4 * side, 0.8 * side)
    painter.fillRect(place, QColor(BACKGROUND, BACKGROUND, BACKGROUND))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap.value, _advice_words())


def _advice_words() -> str:
    return "\n".join(tr(line) for line in ADVICE).format(darkest=DARKEST, brightest=BRIGHTEST)
