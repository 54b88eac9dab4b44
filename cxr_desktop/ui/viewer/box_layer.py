"""Boxes of the network, of the reference and of the reader, told apart by colour and dash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from cxr_desktop.domain import Box
from cxr_desktop.reports.palette import LineStyle
from cxr_desktop.ui.viewer.box_geometry import HANDLES, handle_position
from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.mark_style import STYLES

HANDLE = 7.0
_CASING = QColor(0, 0, 0, 170)


@dataclass(frozen=True, slots=True)
class BoxGroup:
    """Boxes of one origin: 'network', 'reader' or 'reference'. selected: index, or None."""

    origin: str
    boxes: tuple[Box, ...]
    selected: int | None = None


class BoxLayer:
    """Draws groups of boxes with their labels; the selected one with handles."""

    overlay = True

    def __init__(self) -> None:
        self._groups: tuple[BoxGroup, ...] = ()

    def show(self, groups: Sequence[BoxGroup]) -> None:
        self._groups = tuple(groups)

    def paint(self, painter: QPainter, frame: Frame) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        font = QFont(painter.font())
        font.setPixelSize(round(11 * frame.ratio))
        painter.setFont(font)
        canvas = QRectF(0, 0, frame.width, frame.height)
        placed = [
            (group, index, box, rect)
            for group in self._groups
            for index, box in enumerate(group.boxes)
            if (rect := frame.box(box)).intersects(canvas)
        ]
        for group, index, box, rect in placed:
            chosen = index == group.selected
            _outline(painter, rect, STYLES[group.origin], (2.4 if chosen else 1.6) * frame.ratio)
            if chosen:
                _handles(painter, box, STYLES[group.origin], frame)
        tags: list[QRectF] = []
        for group, _, box, rect in placed:
            _tag(painter, rect, _caption(group.origin, box), STYLES[group.origin], frame, tags)


def _outline(painter: QPainter, rect: QRectF, style: LineStyle, width: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_CASING, width + 2))
    painter.drawRect(rect)
    pen = QPen(QColor(*style.colour), width)
    if style.dash:
        pen.setDashPattern([float(length) for length in style.dash])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawRect(rect)


def _handles(painter: QPainter, box: Box, style: LineStyle, frame: Frame) -> None:
    side = HANDLE * frame.ratio
    painter.setPen(QPen(_CASING, frame.ratio))
    painter.setBrush(QColor(*style.colour))
    for grip in HANDLES:
        x, y = frame.view.to_view(*handle_position(box, grip))
        painter.drawRect(QRectF(x - side / 2, y - side / 2, side, side))


def _tag(
    painter: QPainter, rect: QRectF, text: str, style: LineStyle, frame: Frame, taken: list[QRectF]
) -> None:
    """A label at the first corner where no other label lies."""
    if not text:
        return
    metrics = QFontMetricsF(painter.font())
    pad = 4 * frame.ratio
    width, height = metrics.horizontalAdvance(text) + 2 * pad, metrics.height() + pad / 2
    gap = 2 * frame.ratio
    places = (
        QPointF(rect.left(), rect.top() - height - gap),
        QPointF(rect.left(), rect.bottom() + gap),
        QPointF(rect.right() - width, rect.top() - height - gap),
        QPointF(rect.right() - width, rect.bottom() + gap),
        QPointF(rect.left() + gap, rect.top() + gap),
    )
    spots = [QRectF(place.x(), place.y(), width, height) for place in places]
    spot = next((s for s in spots if not any(s.intersects(t) for t in taken)), spots[0])
    taken.append(spot)
    painter.fillRect(spot, QColor(8, 10, 13, 200))
    painter.setPen(QColor(*style.colour))
    painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, text)


def _caption(origin: str, box: Box) -> str:
    if origin == "network":
        return "Network"
    if origin == "reference":
        return " · ".join(part for part in (box.source, box.label) if part) or "Reference"
    return box.label or "no label"
