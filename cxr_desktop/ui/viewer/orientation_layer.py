"""Letters at the edges of the canvas: which side of the patient is where."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from cxr_desktop.ui.viewer.edge_letters import edge_letters
from cxr_desktop.ui.viewer.haloed import draw_haloed
from cxr_desktop.ui.viewer.layer import Frame

MARGIN = 12
SIZE = 18
NARROW = 560
_TEXT = QColor(240, 228, 66)


class OrientationLayer:
    """Stays when overlays are hidden; shows nothing where the file says nothing."""

    overlay = False

    def __init__(self) -> None:
        self._orientation = ("", "")

    @property
    def state(self) -> object:
        return self._orientation

    def show(self, orientation: tuple[str, str]) -> None:
        self._orientation = orientation

    def paint(self, painter: QPainter, frame: Frame) -> None:
        letters = edge_letters(self._orientation, frame.view.turn)
        font = QFont(painter.font())
        font.setPixelSize(round(SIZE * frame.ratio))
        font.setBold(True)
        painter.save()
        painter.setFont(font)
        margin = MARGIN * frame.ratio
        # On a narrow canvas the corners' lines meet in the middle: the letters go between them
        top, bottom = (76, 56) if frame.width < NARROW * frame.ratio else (MARGIN, MARGIN)
        room = QRectF(margin, top * frame.ratio, frame.width - 2 * margin, 0)
        room.setBottom(frame.height - bottom * frame.ratio)
        middle, across = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignHCenter
        for text, flags in (
            (letters.left, Qt.AlignmentFlag.AlignLeft | middle),
            (letters.right, Qt.AlignmentFlag.AlignRight | middle),
            (letters.top, Qt.AlignmentFlag.AlignTop | across),
            (letters.bottom, Qt.AlignmentFlag.AlignBottom | across),
        ):
            draw_haloed(painter, room, flags, text, _TEXT, frame.ratio)
        painter.restore()
