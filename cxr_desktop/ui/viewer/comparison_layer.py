"""Two sources of boxes on the canvas: pairs, what one alone has; together, in turns, or on two sides of a line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from cxr_desktop.ui.comparing_sources import Mark, Part
from cxr_desktop.ui.viewer.box_layer import stroke
from cxr_desktop.ui.viewer.layer import Frame

COLOURS = {
    Part.MATCHED: QColor(64, 200, 150),
    Part.FIRST: QColor(240, 228, 66),
    Part.SECOND: QColor(204, 121, 167),
}
_DASH = [5.0, 3.0]
_CASING, _GROUND = QColor(0, 0, 0, 170), QColor(8, 10, 13, 210)


class ComparisonLayer:
    """Solid lines are the first source's, dashed ones the second's."""

    overlay = True

    def __init__(self) -> None:
        self._marks: tuple[Mark, ...] = ()
        self._titles = ("", "")
        self._only: bool | None = None
        self._swipe: float | None = None

    @property
    def state(self) -> object:
        return self._marks, self._titles, self._only, self._swipe

    def show(
        self, marks: Sequence[Mark], titles: tuple[str, str], only: bool | None, swipe: float | None
    ) -> None:
        """titles: of the two sources. only: the one source to show, True the second. swipe: share of the first."""
        self._marks, self._titles, self._only, self._swipe = tuple(marks), titles, only, swipe

    def clear(self) -> None:
        self.show((), ("", ""), None, None)

    def paint(self, painter: QPainter, frame: Frame) -> None:
        if not any(self._titles):
            return
        painter.save()
        font = QFont(painter.font())
        font.setPixelSize(round(11 * frame.ratio))
        painter.setFont(font)
        whole = QRectF(0, 0, frame.width, frame.height)
        if self._swipe is None:
            self._paint_marks(
                painter, frame, [mark for mark in self._marks if self._only in (None, mark.second)]
            )
        else:
            line = self._swipe * frame.width
            for second, part in (
                (False, QRectF(0, 0, line, frame.height)),
                (True, whole.adjusted(line, 0, 0, 0)),
            ):
                painter.setClipRect(part)
                self._paint_marks(painter, frame, [mark for mark in self._marks if mark.second is second])
            painter.setClipping(False)
            painter.setPen(QPen(QColor(211, 217, 225, 200), frame.ratio))
            painter.drawLine(QPointF(line, 0), QPointF(line, frame.height))
        self._paint_titles(painter, frame)
        painter.restore()

    def _paint_marks(self, painter: QPainter, frame: Frame, marks: Sequence[Mark]) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(_CASING, 4 * frame.ratio))
        for mark in marks:
            stroke(painter, frame, mark.box, frame.box(mark.box))
        for mark in marks:
            pen = QPen(COLOURS[mark.part], 2 * frame.ratio)
            if mark.second:
                pen.setDashPattern(_DASH)
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            stroke(painter, frame, mark.box, frame.box(mark.box))
        for mark in marks:
            _paint_caption(painter, frame, mark)

    def _paint_titles(self, painter: QPainter, frame: Frame) -> None:
        """Who is A and who is B, at the foot of the canvas."""
        metrics, pad = QFontMetricsF(painter.font()), 8 * frame.ratio
        shown = [
            f"{letter} {title}"
            for letter, title, second in zip("AB", self._titles, (False, True), strict=True)
            if self._only in (None, second)
        ]
        height = metrics.height() + pad
        line = frame.width / 2 if self._swipe is None else self._swipe * frame.width
        for text in shown:
            width = metrics.horizontalAdvance(text) + 2 * pad
            middle = (
                line
                if len(shown) == 1
                else line - width / 2 - pad
                if text is shown[0]
                else line + width / 2 + pad
            )
            left = min(max(middle - width / 2, pad), frame.width - width - pad)
            place = QRectF(left, frame.height - height - 4 * pad, width, height)
            painter.fillRect(place, _GROUND)
            painter.setPen(QColor(230, 235, 241))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _paint_caption(painter: QPainter, frame: Frame, mark: Mark) -> None:
    """The first source's above its box, the second's below."""
    rect, metrics, pad = frame.box(mark.box), QFontMetricsF(painter.font()), 4 * frame.ratio
    width, height = metrics.horizontalAdvance(mark.caption) + 2 * pad, metrics.height() + pad / 2
    top = rect.bottom() + 2 * frame.ratio if mark.second else rect.top() - height - 2 * frame.ratio
    place = QRectF(rect.left(), top, width, height)
    painter.fillRect(place, _GROUND)
    painter.setPen(COLOURS[mark.part])
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, mark.caption)
