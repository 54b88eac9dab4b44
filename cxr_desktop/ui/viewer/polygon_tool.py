"""Outlines, from vertex to vertex or in one drag."""

from __future__ import annotations

from math import hypot

from PySide6.QtCore import Qt

from cxr_desktop.domain import Finding, Polygon
from cxr_desktop.domain.shapes import Vertex
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.viewer.edit_tool import NewTool
from cxr_desktop.ui.viewer.pointer import REACH, Pointer
from cxr_desktop.ui.viewer.viewer_model import ViewerModel

STEP = 8.0
"""Device pixels between the vertices of a line drawn in one drag."""


class PolygonTool(NewTool):
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
