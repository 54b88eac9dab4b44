"""The widget that paints the layers and hands mouse drags to the tools."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, SignalInstance
from PySide6.QtGui import (
    QColor,
    QCursor,
    QFont,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from cxr_desktop.ui.translation import tr
from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.layer_stack import BACKGROUND, LayerStack
from cxr_desktop.ui.viewer.pointer import Pointer, Tool
from cxr_desktop.ui.viewer.probe import probe
from cxr_desktop.ui.viewer.viewer_model import ToolKind, ViewerModel

WHEEL_STEP = 1.2
WHEEL_NOTCH = 120
SETTLE_MS = 120
FOCUS = QColor(59, 126, 161)
LOOKING = (ToolKind.WINDOW, ToolKind.PAN, ToolKind.ZOOM)
"""Tools that change nothing but the picture."""
_BUTTON_TOOLS = {
    Qt.MouseButton.RightButton: ToolKind.WINDOW,
    Qt.MouseButton.MiddleButton: ToolKind.PAN,
}


class Canvas(QWidget):
    """Left drag: the armed tool. Right drag: window. Middle drag: pan. Wheel: zoom, with Ctrl another image;
    of a file of several frames: the next frame, with Ctrl zoom."""

    def __init__(
        self,
        viewer: ViewerModel,
        tools: Mapping[ToolKind, Tool],
        layers: LayerStack,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName(tr("Radiograph"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._viewer = viewer
        self._tools = tools
        self._layers = layers
        self._dragging: tuple[Tool, Qt.MouseButton] | None = None
        self._last = QPointF()
        self._turned = 0
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.update)
        self._spare = QTimer(self, singleShot=True, interval=0)
        self._spare.timeout.connect(self._go_on)
        for signal in (viewer.presentation_changed, viewer.view_changed):
            signal.connect(self.hurry)
        for signal in (viewer.image_changed, viewer.hidden_changed):
            signal.connect(self.update)
        viewer.picture_changed.connect(self._show_picture)
        viewer.tool_changed.connect(self._show_cursor)

    def sizeHint(self) -> QSize:
        return QSize(900, 800)

    def abandon(self) -> None:
        """Break off the drag under way."""
        if self._dragging is not None:
            self._dragging[0].abandon()
            self._dragging = None
        self.update()

    def _show_picture(self, other: bool) -> None:
        """A drag that changes gray or place goes on while frames pass; any other ends with its image."""
        if other:
            self._layers.forget()
        if other or not self._looking():
            self.abandon()
        self.update()

    def _looking(self) -> bool:
        if self._dragging is None:
            return True
        tool, _button = self._dragging
        return any(tool is self._tools[kind] for kind in LOOKING)

    def paintEvent(self, _event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        frame = Frame(
            self._viewer.view,
            round(self.width() * ratio),
            round(self.height() * ratio),
            ratio,
            self._settle.isActive(),
        )
        painter = QPainter(self)
        painter.scale(1 / ratio, 1 / ratio)
        painter.setFont(_gray_edged(painter.font()))
        if self._viewer.image is None:
            painter.fillRect(0, 0, frame.width, frame.height, BACKGROUND)
        else:
            self._layers.paint(painter, frame, overlays=not self._viewer.overlays_hidden)
        if self.hasFocus():
            painter.setPen(QPen(FOCUS, round(ratio)))
            painter.drawRect(0, 0, frame.width - 1, frame.height - 1)
        painter.end()
        if self._layers.unfinished:
            self._spare.start()

    def _go_on(self) -> None:
        """Between two frames: what the next ones want; once that is there it is shown."""
        self._layers.go_on()
        if self._layers.unfinished:
            self._spare.start()
        else:
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        ratio = self.devicePixelRatioF()
        self._viewer.set_canvas_size(event.size().width() * ratio, event.size().height() * ratio)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._dragging is not None or self._viewer.image is None:
            return
        button = event.button()
        if button == Qt.MouseButton.LeftButton:
            kind = self._viewer.tool
            if kind not in LOOKING and not self._viewer.at_rest:
                self._viewer.rest_wanted.emit()  # what is drawn belongs to an image that stays
                return
        elif button in _BUTTON_TOOLS:
            kind = _BUTTON_TOOLS[button]
        else:
            event.ignore()
            return
        self._dragging = (self._tools[kind], button)
        self._last = event.position()
        self._tools[kind].press(self._pointer(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._pointer(event.position())
        self._last = event.position()
        if self._dragging is not None:
            self._dragging[0].drag(at)
        self._viewer.set_pointer((at.device_x, at.device_y))
        self._show_cursor()
        self._probe(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging is not None and event.button() == self._dragging[1]:
            tool = self._dragging[0]
            self._dragging = None
            tool.release(self._pointer(event.position()))
            self._last = event.position()
            self._show_cursor()
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        several = self._viewer.frames > 1
        if control is not several:
            self._step(turned, self._viewer.frame_wanted if several else self._viewer.step_wanted)
            return
        at = self._pointer(event.position())
        self._viewer.zoom(WHEEL_STEP ** (turned / WHEEL_NOTCH), at.device_x, at.device_y)

    def _step(self, turned: int, wanted: SignalInstance) -> None:
        """Another image or frame for every notch; a touchpad's small turns add up."""
        self._turned += turned
        notches = int(self._turned / WHEEL_NOTCH)
        if notches:
            self._turned -= notches * WHEEL_NOTCH
            wanted.emit(-notches)

    def leaveEvent(self, _event: object) -> None:
        self._viewer.set_pointer(None)
        self._viewer.probed.emit(None)

    def hurry(self) -> None:
        """Draw fast now, and sharp once the hand rests."""
        self._settle.start()
        self.update()

    def _pointer(self, position: QPointF) -> Pointer:
        ratio = self.devicePixelRatioF()
        device_x, device_y = position.x() * ratio, position.y() * ratio
        x, y = self._viewer.view.to_image(device_x, device_y)
        step = position - self._last
        return Pointer(x, y, device_x, device_y, step.x(), step.y(), ratio)

    def _show_cursor(self) -> None:
        tool = self._dragging[0] if self._dragging else self._tools[self._viewer.tool]
        at = self._pointer(QPointF(self.mapFromGlobal(QCursor.pos())) if not self._dragging else self._last)
        self.setCursor(tool.cursor(at))

    def _probe(self, at: Pointer) -> None:
        image = self._viewer.image
        found = None if image is None else probe(image, self._viewer.presentation, at.x, at.y)
        self._viewer.probed.emit(found)


def _gray_edged(font: QFont) -> QFont:
    """The font without the coloured edges that some screens give to letters: they are none of the image."""
    font = QFont(font)
    font.setStyleStrategy(QFont.StyleStrategy.NoSubpixelAntialias)
    return font
