"""Tools that draw the reader's findings. They stay armed after use."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from cxr_desktop.domain import Box, Ellipse, Finding, Point, plain
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.viewer.box_geometry import is_drawable, reshaped
from cxr_desktop.ui.viewer.edit_tool import NewTool
from cxr_desktop.ui.viewer.pointer import Pointer, Tool
from cxr_desktop.ui.viewer.polygon_tool import PolygonTool
from cxr_desktop.ui.viewer.viewer_model import ToolKind, ViewerModel


class DrawTool(NewTool):
    """A new region between two corners, in one drag. made: the region in a frame."""

    def __init__(self, viewer: ViewerModel, reading: ReadingModel, made: Callable[[Box], Box]) -> None:
        super().__init__(viewer, reading)
        self._made = made
        self._corner: tuple[float, float] | None = None

    def press(self, at: Pointer) -> None:
        if not self._take_hold(at) and self._reading.may_change():
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
        return Qt.CursorShape.CrossCursor if self._corner is not None else super().cursor(at)

    def _box(self, corner: tuple[float, float], at: Pointer) -> Box:
        frame = Box.from_corners(*corner, at.x, at.y).clipped(*self._reading.extent)
        return self._made(reshaped(self._said(), frame))


class PointTool(NewTool):
    """A place, by one click; it follows the mouse until the button is let go."""

    def press(self, at: Pointer) -> None:
        if not self._take_hold(at) and self._reading.may_change():
            self._reading.select(None)
            self._reading.preview(self._point(at))

    def drag(self, at: Pointer) -> None:
        if self._editing:
            self._edit.drag(at)
        elif self._reading.editable:
            self._reading.preview(self._point(at))

    def release(self, at: Pointer) -> None:
        if self._editing:
            self._edit.release(at)
        elif self._reading.editable:
            self._reading.add(self._point(at))
        self._editing = False

    def abandon(self) -> None:
        self._editing = False
        self._edit.abandon()

    def _point(self, at: Pointer) -> Box:
        columns, rows = self._reading.extent
        place = Point(min(max(at.x, 0.0), columns), min(max(at.y, 0.0), rows))
        return Finding.around(place, self._said())


def draw_tools(viewer: ViewerModel, reading: ReadingModel) -> dict[ToolKind, Tool]:
    """One of each that makes findings."""
    return {
        ToolKind.DRAW: DrawTool(viewer, reading, plain),
        ToolKind.DRAW_ELLIPSE: DrawTool(viewer, reading, _ellipse),
        ToolKind.DRAW_POLYGON: PolygonTool(viewer, reading),
        ToolKind.DRAW_POINT: PointTool(viewer, reading),
    }


def _ellipse(frame: Box) -> Box:
    return Finding.around(Ellipse(frame.x, frame.y, frame.width, frame.height), frame)
