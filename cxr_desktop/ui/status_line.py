"""The status bar: pixel under the mouse, window, zoom, device, and what this program is not for."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from cxr_desktop.domain import VoiTable
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import tr
from cxr_desktop.ui.viewer.probe import Probe
from cxr_desktop.ui.viewer.viewer_model import ViewerModel

TOLD_MS = 12000


class StatusLine(QStatusBar):
    """Fields of fixed width, so that nothing jumps while numbers change."""

    def __init__(self, viewer: ViewerModel, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._session = session
        self.setSizeGripEnabled(False)
        self._probe = self._field("probe", tr("x 00000  y 00000   stored -00000   value -00000.0   gray 000"))
        self._window = self._field("window", tr("C 00000.0  W 00000.0 inverted"))
        self._zoom = self._field("zoom", "00000 %")
        self._device = self._field("device", tr("device cuda:0"))
        disclaimer = named(QLabel(tr("Not for diagnostic use")), "disclaimer")
        disclaimer.setProperty("role", "disclaimer")
        self.addPermanentWidget(disclaimer)
        viewer.probed.connect(self._show_probe)
        viewer.presentation_changed.connect(self._show_window)
        viewer.view_changed.connect(self._show_zoom)
        viewer.image_changed.connect(self._show_window)
        session.prediction_changed.connect(self._show_device)

    def tell(self, sentence: str) -> None:
        """Show a sentence for some seconds."""
        self.showMessage(sentence, TOLD_MS)

    def _field(self, name: str, widest: str) -> QLabel:
        label = named(QLabel(), name)
        label.setFixedWidth(label.fontMetrics().horizontalAdvance(widest) + 20)
        self.addPermanentWidget(label)
        return label

    def _show_probe(self, probe: Probe | None) -> None:
        if probe is None:
            self._probe.clear()
        else:
            self._probe.setText(
                tr("x {x}  y {y}   stored {stored:g}   value {value:g}   gray {gray}").format(
                    x=probe.x, y=probe.y, stored=probe.stored, value=probe.value, gray=probe.gray
                )
            )

    def _show_window(self) -> None:
        if self._viewer.image is None:
            self._window.clear()
            return
        presentation = self._viewer.presentation
        window = self._viewer.window()
        inverted = "  inverted" if presentation.inverted else ""
        kind = (
            "LUT"
            if isinstance(presentation.voi, VoiTable)
            else f"C {window.centre:.5g}  W {window.width:.5g}"
        )
        self._window.setText(kind + inverted)

    def _show_zoom(self) -> None:
        self._zoom.setText("" if self._viewer.image is None else f"{self._viewer.view.scale:.0%}")

    def _show_device(self) -> None:
        prediction = self._session.prediction
        self._device.setText(tr("device {device}").format(device=prediction.device) if prediction else "")
