"""Text in the corners of the canvas: whose image this is, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from cxr_desktop.ui.viewer.caption_rows import rows, shared
from cxr_desktop.ui.viewer.haloed import draw_haloed
from cxr_desktop.ui.viewer.layer import Frame

MARGIN = 12
LINE, GAP = 17, 12
_TEXT = QColor(205, 212, 222)


@dataclass(frozen=True, slots=True)
class Captions:
    """Lines of the four corners, from the top down."""

    top_left: Sequence[str] = field(default=())
    top_right: Sequence[str] = field(default=())
    bottom_left: Sequence[str] = field(default=())
    bottom_right: Sequence[str] = field(default=())


class CaptionLayer:
    """Stays when overlays are hidden: it says whose image it is."""

    overlay = False

    def __init__(self) -> None:
        self._captions = Captions()

    @property
    def state(self) -> object:
        return self._captions

    def show(self, captions: Captions) -> None:
        self._captions = captions

    def paint(self, painter: QPainter, frame: Frame) -> None:
        font = QFont(painter.font())
        font.setPixelSize(round(12 * frame.ratio))
        painter.setFont(font)
        captions = self._captions
        _edge(painter, frame, captions.top_left, captions.top_right, bottom=False)
        _edge(painter, frame, captions.bottom_left, captions.bottom_right, bottom=True)


def _edge(
    painter: QPainter, frame: Frame, left: Sequence[str], right: Sequence[str], *, bottom: bool
) -> None:
    margin, line = MARGIN * frame.ratio, LINE * frame.ratio
    across, gap = frame.width - 2 * margin, GAP * frame.ratio
    metrics = QFontMetricsF(painter.font())

    def elide(text: str, width: float) -> str:
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)

    for number, pair in enumerate(rows(left, right, from_below=bottom)):
        top = frame.height - margin - line * (number + 1) if bottom else margin + line * number
        texts = shared(*pair, across - gap, metrics.horizontalAdvance, elide)
        for text, side in zip(texts, (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight), strict=True):
            place, flags = QRectF(margin, top, across, line), side | Qt.AlignmentFlag.AlignVCenter
            draw_haloed(painter, place, flags, text, _TEXT, frame.ratio)
