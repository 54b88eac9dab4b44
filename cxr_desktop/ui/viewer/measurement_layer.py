"""Measurements with what they say, in a colour of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from cxr_desktop.ui.viewer.calibration import Calibration, cardiothoracic
from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.measurement import Measurement, MeasurementKind, Point, handles, outline
from cxr_desktop.ui.viewer.measurement_words import Told

COLOUR = QColor(92, 219, 178)
_CASING = QColor(0, 0, 0, 170)
_BACKDROP = QColor(8, 10, 13, 205)
_NOTE = QColor(176, 186, 198)
_WARNING = QColor(240, 213, 138)
_HANDLE = 4.0
_TICK = 6.0
_WIDEST = 300.0
_RIM = 36.0  # of the canvas, left to the letters of orientation


@dataclass(frozen=True, slots=True)
class ShownMeasurement:
    """A measurement and its words."""

    item: Measurement
    told: Told
    selected: bool = False


class MeasurementLayer:
    """Lines on a dark casing; every result stands beside where its unit comes from.

    taken: where its words lie on the canvas, as last painted.
    """

    overlay = True

    def __init__(self) -> None:
        self.taken: tuple[QRectF, ...] = ()
        self._shown: tuple[ShownMeasurement, ...] = ()
        self._calibration = Calibration()

    @property
    def state(self) -> object:
        return self._shown, self._calibration

    def show(self, shown: Sequence[ShownMeasurement], calibration: Calibration) -> None:
        self._shown, self._calibration = tuple(shown), calibration

    def paint(self, painter: QPainter, frame: Frame) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for shown in self._shown:
            self._lines(painter, shown, frame)
        font = QFont(painter.font())
        font.setPixelSize(round(12 * frame.ratio))
        painter.setFont(font)
        taken: list[QRectF] = []
        for shown in sorted(self._shown, key=lambda s: not s.selected):
            _label(painter, shown, frame, taken)
        self.taken = tuple(taken)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _lines(self, painter: QPainter, shown: ShownMeasurement, frame: Frame) -> None:
        item = shown.item
        if item.kind is MeasurementKind.CARDIOTHORACIC:
            thin, thick = self._ratio_lines(item, frame)
        else:
            thin, thick = [], [_line(frame, *ends) for ends in outline(item)]
        width = (2.2 if shown.selected else 1.5) * frame.ratio
        for lines, style, share in (
            (thin, Qt.PenStyle.DashLine, 0.7),
            (thick, Qt.PenStyle.SolidLine, 1.0),
        ):
            painter.setPen(QPen(_CASING, share * width + 2 * frame.ratio))
            painter.drawLines(lines)
            painter.setPen(QPen(COLOUR, share * width, style))
            painter.drawLines(lines)
        painter.setPen(QPen(_CASING, frame.ratio))
        painter.setBrush(QColor(255, 255, 255) if shown.selected else COLOUR)
        radius = (_HANDLE if shown.selected else 0.6 * _HANDLE) * frame.ratio
        for point in handles(item):
            if shown.selected or item.kind not in (MeasurementKind.ELLIPSE, MeasurementKind.RECTANGLE):
                painter.drawEllipse(_at(frame, point), radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _ratio_lines(self, item: Measurement, frame: Frame) -> tuple[list[QLineF], list[QLineF]]:
        """Across the thorax and from the heart's borders down to it; then what is measured of the heart."""
        thorax = _line(frame, *item.points[:2])
        found = cardiothoracic(item, self._calibration)
        if found is None:
            return [], [thorax]
        drops = [_line(frame, *ends) for ends in zip(item.points[2:], found.feet, strict=True)]
        heart = _line(frame, *found.feet)
        normal = thorax.normalVector().unitVector()
        tick = QPointF(normal.dx(), normal.dy()) * _TICK * frame.ratio
        ends = (thorax.p1(), thorax.p2(), heart.p1(), heart.p2())
        ticks = [QLineF(end - tick, end + tick) for end in ends]
        return [thorax, *drops], [heart, *ticks]


def _at(frame: Frame, point: Point) -> QPointF:
    return QPointF(*frame.view.to_view(*point))


def _line(frame: Frame, start: Point, end: Point) -> QLineF:
    return QLineF(_at(frame, start), _at(frame, end))


def _label(painter: QPainter, shown: ShownMeasurement, frame: Frame, taken: list[QRectF]) -> None:
    """Below the measurement, or where no other label lies; never off the canvas."""
    told = shown.told
    metrics = QFontMetricsF(painter.font())
    pad, height = 5 * frame.ratio, metrics.height()
    room = min(frame.width - 2 * (_RIM * frame.ratio + pad), _WIDEST * frame.ratio)
    coloured = ((told.results, COLOUR), (told.notes, _NOTE), ((told.warning,), _WARNING))
    lines = [
        (line, colour)
        for texts, colour in coloured
        for text in texts
        if text
        for line in _wrapped(text, metrics, room)
    ]
    size = (
        max(metrics.horizontalAdvance(text) for text, _ in lines) + 2 * pad,
        height * len(lines) + pad,
    )
    spot = _spot(_bounds(shown.item, frame), size, frame, taken)
    taken.append(spot)
    painter.fillRect(spot, _BACKDROP)
    for number, (text, colour) in enumerate(lines):
        painter.setPen(colour)
        row = QRectF(spot.left() + pad, spot.top() + pad / 2 + number * height, spot.width(), height)
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _wrapped(text: str, metrics: QFontMetricsF, room: float) -> list[str]:
    """Lines of whole words that fit the room, so that a warning is never cut off."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and metrics.horizontalAdvance(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _bounds(item: Measurement, frame: Frame) -> QRectF:
    left, top, right, bottom = item.bounds
    return frame.rect(left, top, right, bottom)


def _spot(around: QRectF, size: tuple[float, float], frame: Frame, taken: list[QRectF]) -> QRectF:
    width, height = size
    gap, rim = 8 * frame.ratio, _RIM * frame.ratio
    lefts, tops = (around.left(), around.right() - width), (around.top(), around.bottom() - height)
    places = [
        (around.left(), around.bottom() + gap),
        (around.right() + gap, around.top()),
        (around.left(), around.top() - height - gap),
        (around.left() - width - gap, around.top()),
        (lefts[1], around.bottom() + gap),
        (lefts[1], around.top() - height - gap),
        (around.right() + gap, tops[1]),
        (around.left() - width - gap, tops[1]),
    ]
    for other in taken:  # where all sides are crowded, next to what crowds them
        places += [
            (left, top) for left in lefts for top in (other.bottom() + gap, other.top() - height - gap)
        ]
    spots = [
        QRectF(_kept(x, width, frame.width, rim), _kept(y, height, frame.height, rim), width, height)
        for x, y in places
    ]
    clear = (s for s in spots if not any(s.intersects(other) for other in (around, *taken)))
    return next(clear, None) or min(spots, key=lambda spot: _covered(spot, taken))


def _covered(spot: QRectF, taken: list[QRectF]) -> float:
    """Area of other labels below one, in device pixels."""
    return sum(lap.width() * lap.height() for lap in map(spot.intersected, taken))


def _kept(start: float, extent: float, room: float, rim: float) -> float:
    return min(max(start, rim), max(room - rim - extent, rim))
