"""The radiograph with the map of the chosen units, large."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cxr_desktop.ui.panels.units_model import UnitsModel
from cxr_desktop.ui.panels.units_tiles import placed
from cxr_desktop.ui.translation import tr
from cxr_desktop.ui.viewer.heat_image import HeatLook
from cxr_desktop.ui.viewer.pictures import colour_picture


class UnitPicture(QWidget):
    """look: the colours of the map. Says what is going on while there is no map."""

    def __init__(self, model: UnitsModel, look: HeatLook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unitPicture")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(300, 300)
        self._model, self._look = model, look
        self._heat = QImage()
        model.map_changed.connect(self._show)
        model.state_changed.connect(self.update)
        model.gray_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(620, 620)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        frame = QRect(0, 0, self.width(), self.height())
        painter.fillRect(frame, QColor(0, 0, 0))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        target = placed(self._model.gray, frame, self._model.aspect)
        shown = not self._heat.isNull()
        painter.setOpacity(1.0 if shown else 0.4)
        painter.drawImage(target, self._model.gray)
        painter.setOpacity(1.0)
        if shown:
            painter.drawImage(target, self._heat)
        elif self._model.doing:
            painter.setPen(QColor("#d3d9e1"))
            painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, f"{self._model.doing} …")
        painter.end()

    def _show(self) -> None:
        heat = self._model.heat
        self._heat = colour_picture(heat.colours(self._look)) if heat else QImage()
        self.setAccessibleName(
            tr("Map of {title}").format(title=self._model.title) if heat else tr("No map yet")
        )
        self.update()
