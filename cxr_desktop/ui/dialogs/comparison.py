"""Maps of several methods side by side, in a dialog."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from cxr_desktop.ui.inference import Inference
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.panels.method_grid import BESIDE, COLUMNS, GAP, TILE, MethodGrid
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import tr


class MethodsDialog(QDialog):
    """A map that is clicked is shown in the viewer, and the dialog closes."""

    def __init__(
        self, session: Session, heatmap: HeatmapModel, inference: Inference, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("methodsDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Methods compared: {target}").format(target=heatmap.target))
        open_at(self, COLUMNS * (TILE + GAP) + BESIDE, 2 * (TILE + 40) + 70)
        self._heatmap = heatmap
        grid = MethodGrid(session, heatmap, inference)
        grid.chosen.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.addWidget(grid)

    def _choose(self, method: str) -> None:
        self._heatmap.set_method(method)
        self.accept()
