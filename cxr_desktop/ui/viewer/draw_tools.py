"""Tools that draw and change the reader's findings. They stay armed after use."""

from __future__ import annotations

from collections.abc import Callable
from math import hypot

from PySide6.QtCore import Qt

from cxr_desktop.domain import Box, Ellipse, Finding, Point, Polygon, plain
from cxr_desktop.domain.shapes import Vertex
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.viewer.box_geometry import (
    Grip,
    Hold,
    dragged,
    hold_at,
    is_drawable,
    reshaped,
    with_vertex_moved,
)
from cxr_desktop.ui.viewer.pointer import REACH, Pointer, Tool
from cxr_desktop.ui.viewer.view_transform import Turn
from cxr_desktop.ui.viewer.viewer_model import ToolKind, ViewerModel

STEP = 8.0
"""Device pixels between the vertices of a line drawn in one drag."""

_COMPASS = {"n": (0, -1), "s": (0, 1), "w": (-1, 0), "e": (1, 0)}


def _grip_cursor(grip: Grip, turn: Turn) -> Qt.CursorShape:
    """The way a grip moves on the screen, however the image is turned."""
    if grip in (Grip.BODY, Grip.VERTEX):
        return Qt.CursorShape.SizeAllCursor if grip is Grip.BODY else Qt.CursorShape.PointingHandCursor
    x, y = turn.vector(*(sum(_COMPASS[letter][axis] for letter in grip.value) for axis in (0, 1)))
    if x == 0 or y == 0:
        return Qt.CursorShape.SizeVerCursor if x == 0 else Qt.CursorShape.SizeHorCursor
    return Qt.CursorShape.SizeFDiagCursor if x * y > 0 else Qt.CursorShape.SizeBDiagCursor


class EditTool:
    """Selects, moves and resizes findings."""

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
        """Where the hand has brought it, with whatever was said of it meanwhile."""
        dx, dy = at.x - self._from[0], at.y - self._from[1]
        extent = self._reading.extent
        if hold.grip is Grip.VERTEX:
            moved = with_vertex_moved(before, hold.vertex, dx, dy, *extent)
        else:
            moved = dragged(before, hold.grip, dx, dy, *extent)
        return reshaped(self._reading.selected_box or before, moved)


class _NewTool:
    """What tools that draw have in common: grips of the selected finding can be taken hold of without leaving them."""

    def __init__(self, viewer: ViewerModel, reading: ReadingModel) -> None:
        self._edit = EditTool(viewer, reading)
        self._viewer = viewer
        self._reading = reading
        self._editing = False

    def cursor(self, at: Pointer) -> Qt.CursorShape:
        if self._editing or self._on_grip(at):
            return self._edit.cursor(at)
        return Qt.CursorShape.CrossCursor

    def _take_hold(self, at: Pointer) -> bool:
        self._editing = self._on_grip(at)
        if self._editing:
            self._edit.press(at)
        return self._editing

    def _on_grip(self, at: Pointer) -> bool:
        hold = self._edit.hold(at)
        return hold is not None and hold.index == self._reading.selected and hold.grip is not Grip.BODY

    def _said(self) -> Box:
        return Box(0, 0, 0, 0, self._reading.label, source=self._reading.reader)


class DrawTool(_NewTool):
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


class PointTool(_NewTool):
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


class PolygonTool(_NewTool):
    """Vertices by clicks, closed by a click on the first or last one; or the whole outline in one drag."""

    def __init__(self, viewer: ViewerModel, reading: ReadingModel) -> None:
        super().__init__(viewer, reading)
        self._path: tuple[Vertex, ...] = ()
        self._last: tuple[float, float] | None = None
        self._freehand = False

    def press(self, at: Pointer) -> None:
        if not self._reading.drafting:
            self._path = ()
        if not self._path and (self._take_hold(at) or not self._reading.may_change()):
            return
        if len(self._path) >= 3 and (self._meets(self._path[0], at) or self._meets(self._path[-1], at)):
            self._finish()
            return
        self._freehand = False
        self._add(at)

    def drag(self, at: Pointer) -> None:
        if self._editing:
            self._edit.drag(at)
        elif self._last is not None:
            x, y = self._last
            if hypot(at.device_x - x, at.device_y - y) >= STEP * at.ratio:
                self._freehand = True
                self._add(at)

    def release(self, at: Pointer) -> None:
        if self._editing:
            self._edit.release(at)
        elif self._freehand:
            self._finish()
        self._editing, self._freehand, self._last = False, False, None

    def abandon(self) -> None:
        self._editing, self._freehand, self._last, self._path = False, False, None, ()
        self._edit.abandon()

    def cursor(self, at: Pointer) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor if self._path else super().cursor(at)

    def _add(self, at: Pointer) -> None:
        self._last = (at.device_x, at.device_y)
        columns, rows = self._reading.extent
        vertex = (min(max(at.x, 0.0), columns), min(max(at.y, 0.0), rows))
        self._path = (*self._path, vertex)
        drawn = self._path + self._path[-1:] * max(0, 3 - len(self._path))
        said = self._reading.selected_box if self._reading.drafting else None
        self._reading.preview(Finding.around(Polygon(drawn), said or self._said()))

    def _finish(self) -> None:
        self._path, self._last = (), None
        self._reading.finish_draft()

    def _meets(self, vertex: Vertex, at: Pointer) -> bool:
        x, y = self._viewer.view.to_view(*vertex)
        return hypot(at.device_x - x, at.device_y - y) <= REACH * at.ratio


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
