"""Text in the corners of the canvas: whose image this is, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from cxr_desktop.ui.viewer.layer import Frame

MARGIN = 12
LINE = 17
_TEXT = QColor(205, 212, 222)
_SHADE = QColor(0, 0, 0, 190)


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

    def show(self, captions: Captions) -> None:
        self._captions = captions

    def paint(self, painter: QPainter, frame: Frame) -> None:
        font = QFont(painter.font())
        font.setPixelSize(round(12 * frame.ratio))
        painter.setFont(font)
        captions = self._captions
        for lines, right, bottom in (
            (captions.top_left, False, False),
            (captions.top_right, True, False),
            (captions.bottom_left, False, True),
            (captions.bottom_right, True, True),
        ):
            _corner(painter, frame, [line for line in lines if line], right, bottom)


def _corner(painter: QPainter, frame: Frame, lines: list[str], right: bool, bottom: bool) -> None:
    margin, line = MARGIN * frame.ratio, LINE * frame.ratio
    top = frame.height - margin - line * len(lines) if bottom else margin
    flags = (
        Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    ) | Qt.AlignmentFlag.AlignVCenter
    for number, text in enumerate(lines):
        rect = QRectF(margin, top + number * line, frame.width - 2 * margin, line)
        painter.setPen(_SHADE)
        painter.drawText(rect.translated(frame.ratio, frame.ratio), flags, text)
        painter.setPen(_TEXT)
        painter.drawText(rect, flags, text)
