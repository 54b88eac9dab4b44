"""Maps of several methods side by side, over the same gray."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.ui.engine import MethodChoice
from cxr_desktop.ui.inference import Inference
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.viewer.heat_image import HeatImage
from cxr_desktop.ui.viewer.pictures import colour_picture, gray_picture

TILE, COLUMNS = 250, 4
ADVICE = "Methods ask different questions and may disagree. Click a map to see it large."


class MapTile(QWidget):
    """One method's map, or what is to come of it; a click shows it in the viewer."""

    chosen = Signal(str)

    def __init__(self, method: MethodChoice, gray: QImage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"tile:{method.name}")
        self.setAccessibleName(method.title)
        self.setToolTip(method.source)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._method = method
        self._gray = gray
        self._heat: QImage | None = None
        self.setFixedSize(TILE, TILE + 26)

    def show_heat(self, heat: HeatImage, model: HeatmapModel) -> None:
        self._heat = colour_picture(heat.colours(model.look))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        frame = QRect(0, 0, self.width(), self.height() - 26)
        painter.fillRect(frame, QColor(0, 0, 0))
        size = self._gray.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(0, 0, size.width(), size.height())
        target.moveCenter(frame.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(1.0 if self._heat else 0.35)
        painter.drawImage(target, self._gray)
        if self._heat is not None:
            painter.drawImage(target, self._heat)
        painter.setPen(QColor("#d3d9e1"))
        title = self._method.title if self._heat else f"{self._method.title} …"
        title = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRect(0, frame.bottom() + 5, self.width(), 20), Qt.AlignmentFlag.AlignHCenter, title)
        painter.end()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self.chosen.emit(self._method.name)


class MethodsDialog(QDialog):
    """Shows what has been computed, and computes the rest on request."""

    def __init__(
        self, session: Session, heatmap: HeatmapModel, inference: Inference, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("methodsDialog")
        self.setWindowTitle(f"Methods compared: {heatmap.target}")
        self.resize(COLUMNS * (TILE + 14) + 40, 2 * (TILE + 40) + 70)
        self._heatmap = heatmap
        self._inference = inference
        self._tiles: dict[str, MapTile] = {}
        self._all = named(QPushButton("Compute all"), "computeAll")
        self._all.clicked.connect(inference.request_all)
        assert session.image is not None
        self._lay_out(gray_picture(session.image, TILE))
        inference.maps_changed.connect(self._refresh)
        self._refresh()

    def _lay_out(self, gray: QImage) -> None:
        grid = QGridLayout()
        grid.setSpacing(14)
        for number, method in enumerate(self._heatmap.methods):
            tile = self._tiles[method.name] = MapTile(method, gray)
            tile.chosen.connect(self._choose)
            grid.addWidget(tile, number // COLUMNS, number % COLUMNS)
        page = QWidget()
        page.setLayout(grid)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(page)
        top = QHBoxLayout()
        top.addWidget(note(ADVICE), 1)
        top.addWidget(self._all)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(scroll, 1)

    def _refresh(self) -> None:
        for name, tile in self._tiles.items():
            key = self._inference.key(name)
            heat = self._inference.cache.get(key) if key else None
            if heat is not None:
                tile.show_heat(heat, self._heatmap)

    def _choose(self, method: str) -> None:
        self._heatmap.set_method(method)
        self.accept()
