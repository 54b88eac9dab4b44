"""The gray of the image: histogram, presets, curve."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QPushButton, QWidget

from cxr_desktop.domain import VoiFunction, Window
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.histogram_view import HistogramView
from cxr_desktop.ui.panels.section import Section
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.viewer_model import ViewerModel
from cxr_desktop.ui.window_presets import preset_title, presets

CURVES = {VoiFunction.LINEAR: later("Linear"), VoiFunction.SIGMOID: later("Sigmoid")}


class GrayPanel(Section):
    """Presets are the file's own by their explanations, the full range and the central part."""

    def __init__(self, viewer: ViewerModel, parent: QWidget | None = None) -> None:
        super().__init__(tr("Gray"), parent)
        self.setObjectName("gray")
        self._viewer = viewer
        self._presets = named(QComboBox(), "grayPreset")
        self._presets.setAccessibleName(tr("Window preset"))
        self._presets.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._presets.setMinimumContentsLength(12)
        self._presets.activated.connect(self._choose)
        self._curves = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(4)
        for number, (function, title) in enumerate(CURVES.items()):
            button = named(QPushButton(tr(title)), f"curve:{function.value}")
            button.setCheckable(True)
            button.setProperty("role", "segment")
            button.setToolTip(tr("{title} VOI function (PS3.3 C.11.2.1)").format(title=tr(title)))
            self._curves.addButton(button, number)
            row.addWidget(button, 1)
        self._curves.idClicked.connect(self._bend)
        self.body.addWidget(HistogramView(viewer))
        self.body.addWidget(self._presets)
        self.body.addLayout(row)
        viewer.image_changed.connect(self._fill)
        viewer.presentation_changed.connect(self._mark)
        self._fill()

    def _fill(self) -> None:
        image = self._viewer.image
        self._presets.clear()
        for title, voi in presets(image) if image else ():
            self._presets.addItem(title, voi)
        self.setEnabled(image is not None)
        self._mark()

    def _mark(self) -> None:
        """Show which preset and curve are in use."""
        voi = self._viewer.presentation.voi
        self._presets.setCurrentIndex(
            next((row for row in range(self._presets.count()) if self._presets.itemData(row) == voi), -1)
        )
        self._presets.setPlaceholderText(preset_title(voi) if self._viewer.image else "")
        bent = isinstance(voi, Window) and voi.function is VoiFunction.SIGMOID
        self._curves.setExclusive(False)  # of a table, none is down
        for number, checked in enumerate((not bent and isinstance(voi, Window), bent)):
            self._curves.button(number).setChecked(checked)
        self._curves.setExclusive(True)

    def _choose(self, row: int) -> None:
        self._viewer.set_voi(self._presets.itemData(row))

    def _bend(self, number: int) -> None:
        window = self._viewer.window()
        function = tuple(CURVES)[number]
        if function is VoiFunction.LINEAR and (
            window.function is not VoiFunction.SIGMOID or window.width < 1
        ):
            straight = window.function is VoiFunction.LINEAR
            function = VoiFunction.LINEAR if straight else VoiFunction.LINEAR_EXACT
        self._viewer.set_voi(replace(window, function=function))
