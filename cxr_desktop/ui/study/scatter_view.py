"""Probability against overlap, a point an image: click one, or drag a rectangle round several."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cxr_desktop.domain.reasons import KINDS
from cxr_desktop.ui.study.results_model import Point, ResultsModel
from cxr_desktop.ui.translation import tr

COLOURS = tuple(QColor(code) for code in ("#5fd08a", "#f59e5b", "#b79bff", "#f58ac0", "#8d97a5", "#56b4e9"))
"""In the order of KINDS."""

RULE, TEXT, DIM, MARK = QColor("#2b3139"), QColor("#d3d9e1"), QColor("#8d97a5"), QColor("#e2b85c")
LEFT, TOP, RIGHT, BOTTOM = 56, 12, 14, 46
RADIUS, REACH, DRAGGED = 5.0, 9.0, 5


class ScatterView(QWidget):
    """Listens to its model; `opened` asks for the case that was double-clicked."""

    opened = Signal(object)

    def __init__(self, model: ResultsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("studyScatter")
        self.setAccessibleName(tr("Probability against overlap with the readers' boxes"))
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self._model = model
        self._pressed: QPointF | None = None
        self._rubber: QRectF | None = None
        self._placed: tuple[Point, ...] = ()
        self._values_of = np.empty((0, 2))
        self._picture = QPixmap()
        for signal in (model.shown_changed, model.worklist_changed):
            signal.connect(self._draw_anew)
        model.current_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(520, 400)

    def place(self, point: Point) -> QPointF:
        """Where a point is painted."""
        frame = self._frame()
        return QPointF(frame.left() + point.x * frame.width(), frame.bottom() - point.y * frame.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._rubber = event.position(), None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed is not None:
            if (at - self._pressed).manhattanLength() >= DRAGGED or self._rubber is not None:
                self._rubber = QRectF(self._pressed, at).normalized()
                self.update()
            return
        near = self._near(at)
        self.setCursor(Qt.CursorShape.PointingHandCursor if near else Qt.CursorShape.CrossCursor)
        QToolTip.showText(event.globalPosition().toPoint(), _told(near) if near else "", self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        pressed, rubber = self._pressed, self._rubber
        self._pressed = self._rubber = None
        if rubber is not None:
            self._model.brush(*self._values(rubber))
        elif (near := self._near(pressed)) is not None:
            self._model.pick(near.case)
        else:
            self._model.show_all()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        near = self._near(event.position())
        if near is not None:
            self._model.pick(near.case)
            self.opened.emit(near.case)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._picture.deviceIndependentSize().toSize() != self.size():
            self._picture = self._drawn()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._picture)
        current = next((point for point in self._model.points if point.case is self._model.current), None)
        if current is not None:
            painter.setPen(QPen(QColor("#ffffff"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self.place(current), RADIUS + 3, RADIUS + 3)
        if self._rubber is not None:
            painter.setPen(QPen(QColor("#56b4e9"), 1, Qt.PenStyle.DashLine))
            painter.setBrush(QColor(86, 180, 233, 36))
            painter.drawRect(self._rubber)
        painter.end()

    def _draw_anew(self) -> None:
        self._picture = QPixmap()
        self.update()

    def _drawn(self) -> QPixmap:
        """Axes and points, kept until they change: a rectangle is dragged over tens of thousands of them."""
        picture = QPixmap(self.size() * self.devicePixelRatioF())
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axes(painter)
        chosen = set(map(id, self._model.worklist))
        painter.setPen(QPen(QColor("#14171b"), 1))
        for point in sorted(self._model.points, key=lambda point: id(point.case) in chosen):
            colour = QColor(COLOURS[point.kind])
            colour.setAlpha(225 if id(point.case) in chosen else 60)
            painter.setBrush(colour)
            painter.drawEllipse(self.place(point), RADIUS, RADIUS)
        painter.end()
        return picture

    def _frame(self) -> QRectF:
        return QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - BOTTOM)

    def _values(self, rect: QRectF) -> tuple[float, float, float, float]:
        """Left, bottom, right and top as probability and overlap."""
        frame = self._frame()
        left, right = ((x - frame.left()) / frame.width() for x in (rect.left(), rect.right()))
        bottom, top = ((frame.bottom() - y) / frame.height() for y in (rect.bottom(), rect.top()))
        return left, bottom, right, top

    def _near(self, at: QPointF) -> Point | None:
        """The nearest point within reach."""
        points, frame = self._model.points, self._frame()
        if not points:
            return None
        if self._placed is not points:
            self._placed = points
            self._values_of = np.array([(point.x, point.y) for point in points])
        across = frame.left() + self._values_of[:, 0] * frame.width() - at.x()
        up = frame.bottom() - self._values_of[:, 1] * frame.height() - at.y()
        distances = np.hypot(across, up)
        nearest = int(distances.argmin())
        return points[nearest] if distances[nearest] <= REACH else None

    def _paint_axes(self, painter: QPainter) -> None:
        frame, model = self._frame(), self._model
        for tenth in range(0, 11, 2):
            value = tenth / 10
            x, y = frame.left() + value * frame.width(), frame.bottom() - value * frame.height()
            painter.setPen(QPen(RULE, 1))
            painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()))
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))
            painter.setPen(DIM)
            painter.drawText(
                QRectF(x - 20, frame.bottom() + 5, 40, 16), Qt.AlignmentFlag.AlignHCenter, f"{value:g}"
            )
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(18, y - 9, LEFT - 25, 18), right, f"{value:g}")
        painter.setPen(TEXT)
        below = QRectF(frame.left(), frame.bottom() + 23, frame.width(), 18)
        painter.drawText(
            below,
            Qt.AlignmentFlag.AlignHCenter,
            tr("Probability of {label}").format(label=model.target or tr("the label")),
        )
        painter.save()
        painter.translate(13, frame.center().y())
        painter.rotate(-90)
        beside = QRectF(-self.height() / 2, -9, self.height(), 18)
        painter.drawText(beside, Qt.AlignmentFlag.AlignCenter, tr("Best IoU with a reader's box"))
        painter.restore()
        painter.setPen(QPen(MARK, 1.2, Qt.PenStyle.DashLine))
        if model.cases:
            x = frame.left() + model.cases[0].point * frame.width()
            painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()))
        if not model.rule.pointing:
            y = frame.bottom() - model.rule.iou * frame.height()
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))


def _told(point: Point) -> str:
    overlap = tr("no box") if point.case.iou is None else tr("IoU {iou:.2f}").format(iou=point.case.iou)
    return tr("{image}\n{outcome}\nprobability {x:.2f}, {overlap}").format(
        image=point.case.image, outcome=KINDS[point.kind], x=point.x, overlap=overlap
    )
