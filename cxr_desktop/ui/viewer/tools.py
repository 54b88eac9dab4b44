"""What a drag with an armed tool does. A tool stays armed after use."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import Qt

from cxr_desktop.domain import Box
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.viewer.box_geometry import Grip, Hold, dragged, hold_at, is_drawable
from cxr_desktop.ui.viewer.measure_tools import MeasurementEdit, SelectTool, measure_tools
from cxr_desktop.ui.viewer.measurement_model import MeasurementModel
from cxr_desktop.ui.viewer.pointer import REACH, Pointer, Tool
from cxr_desktop.ui.viewer.view_transform import Turn
from cxr_desktop.ui.viewer.viewer_model import ToolKind, ViewerModel

ZOOM_PER_PIXEL = 0.006

_COMPASS = {"n": (0, -1), "s": (0, 1), "w": (-1, 0), "e": (1, 0)}


def _grip_cursor(grip: Grip, turn: Turn) -> Qt.CursorShape:
    """The way a grip moves on the screen, however the image is turned."""
    if grip is Grip.BODY:
        return Qt.CursorShape.SizeAllCursor
    x, y = turn.vector(*(sum(_COMPASS[letter][axis] for letter in grip.value) for axis in (0, 1)))
    if x == 0 or y == 0:
        return Qt.CursorShape.SizeVerCursor if x == 0 else Qt.CursorShape.SizeHorCursor
    return Qt.CursorShape.SizeFDiagCursor if x * y > 0 else Qt.CursorShape.SizeBDiagCursor


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


class EditTool:
    """Selects, moves and resizes boxes."""

    def __init__(self, viewer: ViewerModel, reading: ReadingModel) -> None:
        self._viewer = viewer
        self._reading = reading
        self._hold: Hold | None = None
        self._from: tuple[float, float] = (0.0, 0.0)
        self._before: Box | None = None

    def hold(self, at: Pointer) -> Hold | None:
        view = self._viewer.view
        reach = REACH * at.ratio
        return hold_at(
            self._reading.shown.boxes,
            self._reading.selected,
            at.x,
            at.y,
            reach / view.scale,
            reach / view.scale_y,
        )

    def press(self, at: Pointer) -> None:
        self._hold = self.hold(at) if self._reading.ready else None
        self._from = (at.x, at.y)
        self._reading.select(self._hold.index if self._hold else None)
        self._before = self._reading.selected_box
        if not self._reading.editable:
            self._hold = None

    def drag(self, at: Pointer) -> None:
        if self._hold is not None and self._before is not None:
            self._reading.preview(self._moved(self._hold, self._before, at), self._hold.index)

    def release(self, at: Pointer) -> None:
        if self._hold is not None and self._before is not None:
            box = self._moved(self._hold, self._before, at)
            self._reading.change(self._hold.index, box if is_drawable(box) else self._before)
        self._hold = None

    def abandon(self) -> None:
        self._hold = None
        self._reading.drop_draft()

    def cursor(self, at: Pointer) -> Qt.CursorShape:
        hold = self._hold or (self.hold(at) if self._reading.editable else None)
        return _grip_cursor(hold.grip, self._viewer.view.turn) if hold else Qt.CursorShape.ArrowCursor

    def _moved(self, hold: Hold, before: Box, at: Pointer) -> Box:
        dx, dy = at.x - self._from[0], at.y - self._from[1]
        held = self._reading.selected_box or before
        return replace(dragged(before, hold.grip, dx, dy, *self._reading.extent), label=held.label)


class DrawTool:
    """A new box in one drag; edges of the selected box can be taken hold of without leaving the tool."""

    def __init__(self, viewer: ViewerModel, reading: ReadingModel) -> None:
        self._edit = EditTool(viewer, reading)
        self._reading = reading
        self._editing = False
        self._corner: tuple[float, float] | None = None

    def press(self, at: Pointer) -> None:
        self._editing = self._on_edge(at)
        if self._editing:
            self._edit.press(at)
        elif self._reading.may_change():
            self._reading.select(None)
            self._corner = (at.x, at.y)

    def drag(self, at: Pointer) -> None:
        if self._editing:
            self._edit.drag(at)
        elif self._corner is not None:
            self._reading.preview(self._box(self._corner, at))

    def release(self, at: Pointer) -> None:
        if self._editing:
            self._edit.release(at)
        elif self._corner is not None:
            box = self._box(self._corner, at)
            if is_drawable(box):
                self._reading.add(box)
            else:
                self._reading.drop_draft()
        self._editing, self._corner = False, None

    def abandon(self) -> None:
        self._editing, self._corner = False, None
        self._edit.abandon()

    def cursor(self, at: Pointer) -> Qt.CursorShape:
        if self._editing or (self._corner is None and self._on_edge(at)):
            return self._edit.cursor(at)
        return Qt.CursorShape.CrossCursor

    def _on_edge(self, at: Pointer) -> bool:
        hold = self._edit.hold(at)
        return hold is not None and hold.index == self._reading.selected and hold.grip is not Grip.BODY

    def _box(self, corner: tuple[float, float], at: Pointer) -> Box:
        box = Box.from_corners(*corner, at.x, at.y, label=self._reading.label, source=self._reading.reader)
        return box.clipped(*self._reading.extent)


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
        ToolKind.DRAW: DrawTool(viewer, reading),
        **measure_tools(viewer, measurements),
    }
