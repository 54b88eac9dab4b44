"""What a drag with an armed tool does. A tool stays armed after use."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt

from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.viewer.draw_tools import draw_tools
from cxr_desktop.ui.viewer.edit_tool import EditTool
from cxr_desktop.ui.viewer.measure_tools import MeasurementEdit, SelectTool, measure_tools
from cxr_desktop.ui.viewer.measurement_model import MeasurementModel
from cxr_desktop.ui.viewer.pointer import Pointer, Tool
from cxr_desktop.ui.viewer.viewer_model import ToolKind, ViewerModel

ZOOM_PER_PIXEL = 0.006


class _Steady:
    """A tool whose press and release do nothing."""

    shape = Qt.CursorShape.ArrowCursor

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer

    def press(self, _at: Pointer) -> None:
        """Nothing begins."""

    def release(self, _at: Pointer) -> None:
        """Nothing ends."""

    def abandon(self) -> None:
        """Nothing is pending."""

    def cursor(self, _at: Pointer) -> Qt.CursorShape:
        return self.shape


class WindowTool(_Steady):
    """Window width across, centre up and down."""

    shape = Qt.CursorShape.SizeAllCursor

    def drag(self, at: Pointer) -> None:
        self._viewer.drag_window(at.dx, at.dy)


class PanTool(_Steady):
    """Moves the picture with the hand."""

    shape = Qt.CursorShape.OpenHandCursor

    def drag(self, at: Pointer) -> None:
        self._viewer.pan(at.dx * at.ratio, at.dy * at.ratio)


class ZoomTool(_Steady):
    """Up enlarges, about the point where the drag began."""

    shape = Qt.CursorShape.SizeVerCursor

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__(viewer)
        self._about: tuple[float, float] | None = None

    def press(self, at: Pointer) -> None:
        self._about = (at.device_x, at.device_y)

    def drag(self, at: Pointer) -> None:
        if self._about is not None:
            self._viewer.zoom(math.exp(-at.dy * ZOOM_PER_PIXEL), *self._about)


def looking_tools(viewer: ViewerModel) -> dict[ToolKind, Tool]:
    """For an image that is only looked at: tools that draw or measure move it."""
    looking: dict[ToolKind, Tool] = {ToolKind.WINDOW: WindowTool(viewer), ToolKind.ZOOM: ZoomTool(viewer)}
    pan = PanTool(viewer)
    return {kind: looking.get(kind, pan) for kind in ToolKind}


def tools(viewer: ViewerModel, reading: ReadingModel, measurements: MeasurementModel) -> dict[ToolKind, Tool]:
    """One of each."""
    edit = MeasurementEdit(viewer, measurements)
    return {
        ToolKind.EDIT: SelectTool(measurements, edit, EditTool(viewer, reading)),
        ToolKind.WINDOW: WindowTool(viewer),
        ToolKind.PAN: PanTool(viewer),
        ToolKind.ZOOM: ZoomTool(viewer),
        **draw_tools(viewer, reading),
        **measure_tools(viewer, measurements),
    }
