"""Letters that stay legible on black, on white and on anything between."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

_HALO = QColor(0, 0, 0, 130)
_AROUND = tuple((x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if (x, y) != (0, 0))


def draw_haloed(
    painter: QPainter, place: QRectF, flags: Qt.AlignmentFlag, text: str, colour: QColor, ratio: float
) -> None:
    """Text with a dark rim. ratio: device pixels per logical one."""
    painter.setPen(_HALO)
    for x, y in _AROUND:
        painter.drawText(place.translated(x * ratio, y * ratio), flags, text)
    painter.setPen(colour)
    painter.drawText(place, flags, text)
