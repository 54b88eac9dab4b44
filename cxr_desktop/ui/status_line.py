"""The status bar: pixel under the mouse, window, zoom, device, and what this program is not for."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from cxr_desktop.domain import VoiTable
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import tr
from cxr_desktop.ui.viewer.figures import figure, window_words
from cxr_desktop.ui.viewer.probe import Probe
from cxr_desktop.ui.viewer.viewer_model import ViewerModel

TOLD_MS, MARGIN = 12000, 48


class Field(QLabel):
    """Of fixed width, so that nothing jumps while numbers change. yields: it is cut first on a narrow screen."""

    def __init__(self, widest: str, *, yields: bool) -> None:
        super().__init__()
        self._room = self.fontMetrics().horizontalAdvance(widest) + 20
        self._yields = yields
        self.setMaximumWidth(self._room)

    def sizeHint(self) -> QSize:
        return QSize(self._room, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0 if self._yields else self._room, super().minimumSizeHint().height())


class StatusLine(QStatusBar):
    """What lies under the mouse and how the image is shown; a long sentence has the whole line for its time."""

    def __init__(self, viewer: ViewerModel, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._session = session
        self.setSizeGripEnabled(False)
        self._fields: list[Field] = []
        self._probe = self._field("probe", tr("x 00000  y 00000   stored -00000   value -00000.0   gray 000"))
        self._window = self._field("window", tr("C 00000.0  W 00000.0 inverted"))
        self._zoom = self._field("zoom", "00000 %")
        self._device = self._field("device", tr("device cuda:0"), yields=True)
        self._disclaimer = named(QLabel(tr("Not for diagnostic use")), "disclaimer")
        self._disclaimer.setProperty("role", "disclaimer")
        self.addPermanentWidget(self._disclaimer)
        self.messageChanged.connect(self._make_room)
        viewer.probed.connect(self._show_probe)
        viewer.presentation_changed.connect(self._show_window)
        viewer.view_changed.connect(self._show_zoom)
        for show in (self._show_window, self._show_zoom, self._forget_probe):
            viewer.image_changed.connect(show)
        session.prediction_changed.connect(self._show_device)

    def tell(self, sentence: str) -> None:
        """Show a sentence for some seconds."""
        self.showMessage(sentence, TOLD_MS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room(self.currentMessage())

    def _make_room(self, sentence: str) -> None:
        """Let the fields go while a sentence needs their place."""
        needed = self.fontMetrics().horizontalAdvance(sentence) + MARGIN if sentence else 0
        left = self.width() - sum(field.sizeHint().width() for field in (*self._fields, self._disclaimer))
        for field in self._fields:
            field.setVisible(needed <= left)
        self.setToolTip(sentence)

    def _field(self, name: str, widest: str, *, yields: bool = False) -> QLabel:
        field = named(Field(widest, yields=yields), name)
        self.addPermanentWidget(field)
        self._fields.append(field)
        return field

    def _show_probe(self, probe: Probe | None) -> None:
        if probe is None:
            self._probe.clear()
        else:
            self._probe.setText(
                tr("x {x}  y {y}   stored {stored}   value {value}   gray {gray}").format(
                    x=probe.x,
                    y=probe.y,
                    stored=figure(probe.stored, 6),
                    value=figure(probe.value, 6),
                    gray=probe.gray,
                )
            )

    def _forget_probe(self) -> None:
        """What was under the mouse is of another image."""
        self._show_probe(None)

    def _show_window(self) -> None:
        if self._viewer.image is None:
            self._window.clear()
            return
        presentation = self._viewer.presentation
        window = self._viewer.window()
        inverted = f"  {tr('inverted')}" if presentation.inverted else ""
        kind = tr("VOI LUT") if isinstance(presentation.voi, VoiTable) else window_words(window)
        self._window.setText(kind + inverted)

    def _show_zoom(self) -> None:
        self._zoom.setText("" if self._viewer.image is None else f"{self._viewer.view.scale:.0%}")

    def _show_device(self) -> None:
        prediction = self._session.prediction
        self._device.setText(tr("device {device}").format(device=prediction.device) if prediction else "")
