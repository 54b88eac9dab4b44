"""Letters that stay legible on black, on white and on anything between."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, floor

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

_HALO = QColor(0, 0, 0, 130)
_AROUND = tuple((x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if (x, y) != (0, 0))


def draw_haloed(
    painter: QPainter, place: QRectF, flags: Qt.AlignmentFlag, text: str, colour: QColor, ratio: float
) -> None:
    """A line of text with a dark rim, where the flags say in its place. ratio: device pixels per logical one.

    It is drawn nine times over, so the picture of that is kept: frames of a drag show the same few lines.
    """
    if not text:
        return
    left, top = floor(place.left()), floor(place.top())
    within = (place.left() - left, place.top() - top, place.width(), place.height())
    x, y, picture = _picture(text, painter.font().key(), within, flags, colour.rgba(), ratio)
    painter.drawImage(left + x, top + y, picture)


@lru_cache(maxsize=256)
def _picture(
    text: str,
    key: str,
    within: tuple[float, float, float, float],
    flags: Qt.AlignmentFlag,
    colour: int,
    ratio: float,
) -> tuple[int, int, QImage]:
    """The line as it lies in a place, and where its first pixel goes. key: of the font, which is made from it."""
    font = QFont()
    font.fromString(key)
    font.setStyleStrategy(QFont.StyleStrategy.NoSubpixelAntialias)
    place, rim = QRectF(*within), ceil(ratio) + 1
    found = QFontMetricsF(font).boundingRect(place, flags, text)
    inked = found.adjusted(-rim, -rim, rim, rim).toAlignedRect()
    picture = QImage(inked.size(), QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.translate(-inked.topLeft())
    painter.setFont(font)
    painter.setPen(_HALO)
    for x, y in _AROUND:
        painter.drawText(place.translated(x * ratio, y * ratio), flags, text)
    painter.setPen(QColor.fromRgba(colour))
    painter.drawText(place, flags, text)
    painter.end()
    return inked.left(), inked.top(), picture
