"""Findings of the network, of the reference and of the reader, told apart by colour and dash."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap, QPolygonF

from cxr_desktop.domain import Box, Ellipse, Finding, Point, Polygon, region_of
from cxr_desktop.domain.palette import LineStyle
from cxr_desktop.ui.saying import told
from cxr_desktop.ui.translation import tr
from cxr_desktop.ui.viewer.box_geometry import handles
from cxr_desktop.ui.viewer.box_tags import Tags
from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.mark_style import STYLES
from cxr_desktop.ui.viewer.state_layer import StateLayer

HANDLE = 7.0
CROSS = 8.0
MANY = 80
"""From so many marks on, those that rest are kept as a picture."""
_CASING = QColor(0, 0, 0, 170)

Mark = tuple[str, Box]


@dataclass(frozen=True, slots=True)
class BoxGroup:
    """Findings of one origin: 'network', 'reader' or 'reference'. selected: index, or None."""

    origin: str
    boxes: tuple[Box, ...]
    selected: int | None = None


class BoxLayer:
    """Draws groups of findings with their labels; the selected one with handles.

    The labels keep away from the words of a presentation state. Where there are many marks, those that rest
    are drawn once and kept as a picture for as long as they and the place of the image stay: a hand that moves
    one of thousands waits for that one alone.
    """

    overlay = True

    def __init__(self, below: StateLayer) -> None:
        self._below = below
        self._marks: tuple[Mark, ...] = ()
        self._resting: tuple[Mark, ...] = ()
        self._chosen: Mark | None = None
        self._kept: tuple[Frame, QPixmap] | None = None

    @property
    def state(self) -> object:
        return self._marks, self._chosen, self._below.state

    def show(self, groups: Sequence[BoxGroup]) -> None:
        before = self._marks
        self._marks = tuple((group.origin, box) for group in groups for box in group.boxes)
        chosen = [
            (group.origin, group.boxes[group.selected]) for group in groups if group.selected is not None
        ]
        self._chosen = chosen[0] if chosen else None
        if self._marks == self._resting:
            return
        others = tuple(
            (group.origin, box)
            for group in groups
            for index, box in enumerate(group.boxes)
            if index != group.selected
        )
        if others != self._resting:
            self._resting, self._kept = self._marks if self._marks == before else others, None

    def paint(self, painter: QPainter, frame: Frame) -> None:
        font = QFont(painter.font())
        font.setPixelSize(round(11 * frame.ratio))
        painter.setFont(font)
        many = len(self._marks) >= MANY
        if many:
            painter.drawPixmap(0, 0, self._picture(frame, font))
        else:
            _draw(painter, frame, self._marks, 1.6)
        if self._chosen is not None:
            _draw(painter, frame, (self._chosen,), 2.4)
            _handles(painter, frame, self._chosen)
        named = self._marks if not many else () if self._chosen is None else (self._chosen,)
        Tags(taken=self._below.taken).place(painter, frame, map(_tag, named))

    def _picture(self, frame: Frame, font: QFont) -> QPixmap:
        """The marks that rest; while the image moves, without labels."""
        if self._kept is None or self._kept[0] != frame:
            picture = QPixmap(frame.width, frame.height)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setFont(font)
            _draw_many(painter, frame, self._resting)
            if not frame.moving:
                Tags(crowded=True).place(painter, frame, map(_tag, self._resting))
            painter.end()
            self._kept = frame, picture
        return self._kept[1]


def _draw(painter: QPainter, frame: Frame, marks: Iterable[Mark], width: float) -> None:
    """Marks on a dark casing, so that they are seen on any gray; rectangles in whole lines in one go."""
    line = width * frame.ratio
    bars: dict[str, list[QRect]] = {}
    casing: list[QRect] = []
    for origin, box in marks:
        rect = frame.box(box)
        if not _in_sight(rect, frame):
            continue
        if isinstance(region_of(box), Box) and not STYLES[origin].dash:
            casing += _bars(rect, line + 2)
            bars.setdefault(origin, []).extend(_bars(rect, line))
        else:
            _draw_outline(painter, frame, (origin, box), rect, line)
    _fill(painter, casing, _CASING)
    for origin, found in bars.items():
        _fill(painter, found, QColor(*STYLES[origin].colour))


def _draw_outline(painter: QPainter, frame: Frame, mark: Mark, rect: QRectF, line: float) -> None:
    origin, box = mark
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_CASING, line + 2))
    stroke(painter, frame, box, rect)
    painter.setPen(_pen(STYLES[origin], line))
    stroke(painter, frame, box, rect)


def _fill(painter: QPainter, rects: list[QRect], colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRects(rects)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _bars(rect: QRectF, width: float) -> tuple[QRect, ...]:
    """A rectangle in a whole line, as four bars: that takes a third of the time of Qt's own outline.

    As there, the line covers the pixels whose middles it covers.
    """
    half, x0, y0, x1, y1 = width / 2, rect.left(), rect.top(), rect.right(), rect.bottom()
    left, inner_left = ceil(x0 - half - 0.5), ceil(x0 + half - 0.5)
    inner_right, right = ceil(x1 - half - 0.5), ceil(x1 + half - 0.5)
    top, inner_top = ceil(y0 - half - 0.5), ceil(y0 + half - 0.5)
    inner_bottom, bottom = ceil(y1 - half - 0.5), ceil(y1 + half - 0.5)
    return (
        QRect(left, top, right - left, inner_top - top),
        QRect(left, inner_bottom, right - left, bottom - inner_bottom),
        QRect(left, inner_top, inner_left - left, inner_bottom - inner_top),
        QRect(inner_right, inner_top, right - inner_right, inner_bottom - inner_top),
    )


def _draw_many(painter: QPainter, frame: Frame, marks: Iterable[Mark]) -> None:
    """Rectangles of an origin in one go, in whole lines: dashes of thousands are slow, and nobody tells them apart."""
    rects: dict[str, list[QRectF]] = {}
    others: list[Mark] = []
    for mark in marks:
        origin, box = mark
        if isinstance(box, Finding) and not isinstance(box.region, Box):
            others.append(mark)
        elif _in_sight(rect := frame.box(box), frame):
            rects.setdefault(origin, []).append(rect)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for origin, found in rects.items():
        painter.setPen(QPen(QColor(*STYLES[origin].colour), round(1.4 * frame.ratio)))
        painter.drawRects(found)
    _draw(painter, frame, others, 1.6)


def stroke(painter: QPainter, frame: Frame, box: Box, rect: QRectF) -> None:
    """The outline of a finding with the painter's pen. rect: its box on the canvas."""
    region = region_of(box)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not isinstance(region, Box))
    if isinstance(region, Polygon):
        painter.drawPolygon(QPolygonF([QPointF(*frame.view.to_view(*v)) for v in region.vertices]))
    elif isinstance(region, Ellipse):
        painter.drawEllipse(rect)
    elif isinstance(region, Point):
        arm = CROSS * frame.ratio
        at = rect.topLeft()
        painter.drawLine(at - QPointF(arm, 0), at + QPointF(arm, 0))
        painter.drawLine(at - QPointF(0, arm), at + QPointF(0, arm))
        painter.drawEllipse(at, arm / 2, arm / 2)
    else:
        painter.drawRect(rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _in_sight(rect: QRectF, frame: Frame) -> bool:
    """Whether any of a mark lies on the canvas; a point has no extent but its cross."""
    arm = CROSS * frame.ratio
    return rect.adjusted(-arm, -arm, arm, arm).intersects(QRectF(0, 0, frame.width, frame.height))


def _pen(style: LineStyle, width: float) -> QPen:
    pen = QPen(QColor(*style.colour), width)
    if style.dash:
        pen.setDashPattern([float(length) for length in style.dash])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def _handles(painter: QPainter, frame: Frame, mark: Mark) -> None:
    origin, box = mark
    side = HANDLE * frame.ratio
    painter.setPen(QPen(_CASING, frame.ratio))
    painter.setBrush(QColor(*STYLES[origin].colour))
    for place in handles(box):
        x, y = frame.view.to_view(*place)
        painter.drawRect(QRectF(x - side / 2, y - side / 2, side, side))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _tag(mark: Mark) -> tuple[Box, str, QColor]:
    origin, box = mark
    return box, _caption(origin, box), QColor(*STYLES[origin].colour)


def _caption(origin: str, box: Box) -> str:
    if origin == "network":
        return tr("Network · {label}").format(label=box.label) if box.label else tr("Network")
    if origin == "reference":
        return " · ".join(part for part in (box.source, box.label) if part) or tr("Reference")
    return told(box) if isinstance(box, Finding) else box.label or tr("no label")
