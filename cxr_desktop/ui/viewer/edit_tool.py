"""The hand on findings that are there: select, move, resize, pull a vertex; also from within tools that draw."""

from __future__ import annotations

from PySide6.QtCore import Qt

from cxr_desktop.domain import Box
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
from cxr_desktop.ui.viewer.pointer import REACH, Pointer
from cxr_desktop.ui.viewer.view_transform import Turn
from cxr_desktop.ui.viewer.viewer_model import ViewerModel

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


class NewTool:
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
