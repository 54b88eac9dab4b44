"""Curves and tables of likeness, painted for a dark room."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from cxr_desktop.domain import Agreement
from cxr_desktop.reports.trust_plots import LinePlot, across_ticks, ticks
from cxr_desktop.ui.translation import tr

LINE, BASELINE, RULE = QColor("#56b4e9"), QColor("#a7b0bc"), QColor("#2b3139")
TEXT, DIM = QColor("#d3d9e1"), QColor("#8d97a5")
LEFT, TOP, RIGHT, BOTTOM = 40, 26, 10, 36
CELL = 46


class LinePlotView(QWidget):
    """One plot, its legend in the title's line."""

    def __init__(self, plot: LinePlot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = plot
        self.setObjectName(f"plot:{plot.title}")
        self.setAccessibleName(
            tr("{title}: {up} against {across}").format(title=plot.title, up=plot.up, across=plot.across)
        )
        self.setMinimumSize(300, 170)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(340, 190)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - BOTTOM)
        self._paint_axes(painter, frame)
        right = frame.right()
        for line in reversed(self._plot.lines):
            pen = QPen(BASELINE, 1.3, Qt.PenStyle.DashLine) if line.baseline else QPen(LINE, 2.0)
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF([self._place(frame, *point) for point in line.points]))
            if len(self._plot.lines) > 1:
                right = self._paint_name(painter, line.name, right, pen)
        painter.end()

    def _paint_axes(self, painter: QPainter, frame: QRectF) -> None:
        plot, metrics = self._plot, painter.fontMetrics()
        title = QFont(painter.font())
        title.setBold(True)
        painter.save()
        painter.setFont(title)
        painter.setPen(TEXT)
        painter.drawText(QPointF(0, metrics.ascent() + 2), plot.title)
        painter.restore()
        for value in ticks(*plot.y_range, about=3):
            y = self._place(frame, plot.x_range[0], value).y()
            painter.setPen(QPen(RULE, 1))
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))
            painter.setPen(DIM)
            box = QRectF(0, y - 9, LEFT - 6, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:g}")
        for value, name in across_ticks(plot):
            x = self._place(frame, value, plot.y_range[0]).x()
            half = min(30.0, self.width() - x)
            painter.drawText(
                QRectF(x - half, frame.bottom() + 5, 2 * half, 16), Qt.AlignmentFlag.AlignHCenter, name
            )
        below = QRectF(frame.left(), frame.bottom() + 20, frame.width(), 18)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, plot.across)

    def _paint_name(self, painter: QPainter, name: str, right: float, pen: QPen) -> float:
        metrics = painter.fontMetrics()
        left = right - metrics.horizontalAdvance(name)
        middle = metrics.ascent() / 2 + 3
        painter.drawLine(QPointF(left - 24, middle), QPointF(left - 6, middle))
        painter.setPen(DIM)
        painter.drawText(QPointF(left, metrics.ascent() + 2), name)
        painter.setPen(pen)
        return left - 36

    def _place(self, frame: QRectF, x: float, y: float) -> QPointF:
        (x0, x1), (y0, y1) = self._plot.x_range, self._plot.y_range
        across, up = (x - x0) / ((x1 - x0) or 1.0), (y - y0) / ((y1 - y0) or 1.0)
        return QPointF(frame.left() + across * frame.width(), frame.bottom() - up * frame.height())


class AgreementView(QWidget):
    """Rank correlation of each pair of maps, as number and shade. titles: of the methods, in their order."""

    def __init__(self, found: Agreement, titles: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("agreement")
        self.setAccessibleName(tr("Agreement of the methods: rank correlation of each pair of maps"))
        self._found, self._titles = found, titles
        self.ensurePolished()
        widest = max(self.fontMetrics().horizontalAdvance(title) for title in titles)
        self._left = min(widest + 40, 340)
        self.setFixedSize(self._left + CELL * len(titles), 24 * (len(titles) + 1))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        centre = Qt.AlignmentFlag.AlignCenter
        for row, title in enumerate(self._titles):
            top = 24 * (row + 1)
            painter.setPen(DIM)
            painter.drawText(QRectF(row * CELL + self._left, 0, CELL, 24), centre, str(row + 1))
            label = painter.fontMetrics().elidedText(
                f"{row + 1}  {title}", Qt.TextElideMode.ElideRight, self._left - 8
            )
            painter.drawText(QRectF(0, top, self._left, 24), Qt.AlignmentFlag.AlignVCenter, label)
            for column, value in enumerate(self._found.rank_correlation[row]):
                cell = QRectF(self._left + column * CELL + 1, top + 1, CELL - 2, 22)
                if column == row:
                    painter.fillRect(cell, QColor("#1b2026"))
                    continue
                shade = QColor(LINE)
                shade.setAlphaF(0.1 + 0.5 * max(0.0, min(1.0, value)))
                painter.fillRect(cell, shade)
                painter.setPen(TEXT)
                painter.drawText(cell, centre, f"{value:.2f}")
        painter.end()
