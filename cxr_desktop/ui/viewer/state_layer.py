"""Shapes, text and shutters of a presentation state over the image (PS3.3 C.10.5, C.7.6.11)."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF

from cxr_desktop.domain.presentation import (
    DisplayedArea,
    Graphic,
    GraphicKind,
    Point,
    Presentation,
    Shutter,
    ShutterShape,
    Units,
    Words,
)
from cxr_desktop.ui.viewer.layer import Frame

COLOUR = QColor(255, 196, 120)
_CASING = QColor(0, 0, 0, 170)
POINT = 4.0
_BEYOND = 4.0


class StateLayer:
    """What someone marked for whoever looks at the image; colours are the program's own.

    taken: where its words lie on the canvas, as last painted.
    """

    overlay = True

    def __init__(self) -> None:
        self.taken: tuple[QRectF, ...] = ()
        self._presentation: Presentation | None = None
        self._size = (0, 0)
        self.state = object()

    def show(self, presentation: Presentation | None, columns: int, rows: int) -> None:
        self._presentation, self._size, self.taken = presentation, (columns, rows), ()
        self.state = object()

    def paint(self, painter: QPainter, frame: Frame) -> None:
        asked = self._presentation
        if asked is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for shutter in asked.shutters:
            self._shut(painter, frame, shutter)
        place = _Place(frame, asked.area, self._size)
        for graphic in asked.graphics:
            _draw(painter, _path(graphic, place), graphic.filled, frame.ratio)
        self.taken = tuple(_write(painter, words, place) for words in asked.words)
        painter.restore()

    def _shut(self, painter: QPainter, frame: Frame, shutter: Shutter) -> None:
        hidden = QPainterPath()
        hidden.addRect(frame.rect(0, 0, *self._size).adjusted(-_BEYOND, -_BEYOND, _BEYOND, _BEYOND))
        level = round(255 * shutter.gray)
        painter.fillPath(hidden.subtracted(_opening(frame, shutter)), QColor(level, level, level))


class _Place:
    """Where points of either kind of units lie on the canvas.

    Pixels count from 0.5 at the middle of the first one, shares from the displayed area's edges as it lies
    on the screen (PS3.3 C.10.5.1.2).
    """

    def __init__(self, frame: Frame, area: DisplayedArea | None, size: tuple[int, int]) -> None:
        self.frame = frame
        corners = (area.left, area.top, area.right, area.bottom) if area else (0, 0, *size)
        self._area = frame.rect(*corners)

    def at(self, point: Point, units: Units) -> QPointF:
        if units is Units.DISPLAY:
            return QPointF(
                self._area.left() + point[0] * self._area.width(),
                self._area.top() + point[1] * self._area.height(),
            )
        return QPointF(*self.frame.view.to_view(*point))


def _opening(frame: Frame, shutter: Shutter) -> QPainterPath:
    path, points = QPainterPath(), shutter.points
    if shutter.shape is ShutterShape.RECTANGULAR:
        path.addRect(frame.rect(*points[0], *points[1]))
    elif shutter.shape is ShutterShape.CIRCULAR:
        path.addPolygon(QPolygonF([QPointF(*frame.view.to_view(*p)) for p in _ring(points[0], points[1])]))
    else:
        path.addPolygon(QPolygonF([QPointF(*frame.view.to_view(*p)) for p in points]))
    path.closeSubpath()
    return path


def _path(graphic: Graphic, place: _Place) -> QPainterPath:
    path, points = QPainterPath(), [place.at(point, graphic.units) for point in graphic.points]
    if graphic.kind is GraphicKind.POINT:
        side = POINT * place.frame.ratio
        path.addEllipse(points[0], side, side)
    elif graphic.kind is GraphicKind.CIRCLE:
        radius = math.dist(points[0].toTuple(), points[1].toTuple())
        path.addEllipse(points[0], radius, radius)
    elif graphic.kind is GraphicKind.ELLIPSE:
        path.addPolygon(QPolygonF(_ellipse(points)))
        path.closeSubpath()
    elif graphic.kind is GraphicKind.INTERPOLATED:
        _curve(path, points)
    else:
        path.addPolygon(QPolygonF(points))
    return path


def _ring(centre: Point, edge: Point) -> list[Point]:
    radius = math.dist(centre, edge)
    turns = (2 * math.pi * k / 180 for k in range(180))
    return [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in turns]


def _ellipse(ends: list[QPointF]) -> list[QPointF]:
    """ends: of the major axis, then of the minor one."""
    middle = (ends[0] + ends[1]) / 2
    major, minor = (ends[1] - ends[0]) / 2, (ends[3] - ends[2]) / 2
    turns = (2 * math.pi * k / 180 for k in range(180))
    return [middle + major * math.cos(a) + minor * math.sin(a) for a in turns]


def _curve(path: QPainterPath, points: list[QPointF]) -> None:
    """Through all points, smoothly: a Catmull-Rom spline as cubic pieces."""
    path.moveTo(points[0])
    ends = [points[0], *points, points[-1]]
    for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        path.cubicTo(start + (end - before) / 6, end - (after - start) / 6, end)


def _draw(painter: QPainter, path: QPainterPath, filled: bool, ratio: float) -> None:
    if filled:
        painter.fillPath(path, COLOUR)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((_CASING, 3.4), (COLOUR, 1.6)):
        painter.setPen(QPen(colour, width * ratio))
        painter.drawPath(path)


def _write(painter: QPainter, words: Words, place: _Place) -> QRectF:
    """Draw a text; returns the ground that it lies on."""
    ratio = place.frame.ratio
    font = QFont(painter.font())
    font.setPixelSize(round(13 * ratio))
    painter.setFont(font)
    anchor = place.at(words.anchor, words.anchor_units) if words.anchor is not None else None
    if words.box is not None:
        left, top, right, bottom = words.box
        corners = place.at((left, top), words.box_units), place.at((right, bottom), words.box_units)
        room = QRectF(*corners).normalized()
    else:
        assert anchor is not None
        room = QRectF(anchor.x() + 6 * ratio, anchor.y() - 9 * ratio, 0, 0)
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextDontClip
    bounds = painter.boundingRect(room, int(flags), words.text)
    # Text that would leave the canvas is moved back onto it
    inward = min(max(place.frame.width - bounds.right() - 6 * ratio, -bounds.left()), 0.0)
    room, bounds = room.translated(inward, 0), bounds.translated(inward, 0)
    if anchor is not None and words.marked and words.box is not None:
        line = QPainterPath(anchor)
        line.lineTo(bounds.center())
        _draw(painter, line, False, ratio)
    ground = bounds.adjusted(-3 * ratio, -1 * ratio, 3 * ratio, 1 * ratio)
    painter.fillRect(ground, QColor(8, 10, 13, 190))
    painter.setPen(COLOUR)
    painter.drawText(room, int(flags), words.text)
    return ground
