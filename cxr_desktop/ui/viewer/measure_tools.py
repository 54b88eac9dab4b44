"""Tools that measure: a drag makes a measurement, its handles change it. The tool stays armed."""

from __future__ import annotations

from PySide6.QtCore import Qt

from cxr_desktop.ui.viewer.measurement import (
    Measurement,
    MeasurementHold,
    MeasurementKind,
    Point,
    is_measurable,
    measurement_at,
    moved,
)
from cxr_desktop.ui.viewer.measurement_model import MeasurementModel
from cxr_desktop.ui.viewer.pointer import REACH, Pointer, Tool
from cxr_desktop.ui.viewer.viewer_model import ToolKind, ViewerModel

KINDS = {
    ToolKind.LENGTH: MeasurementKind.LENGTH,
    ToolKind.ANGLE: MeasurementKind.ANGLE,
    ToolKind.ELLIPSE: MeasurementKind.ELLIPSE,
    ToolKind.RECTANGLE: MeasurementKind.RECTANGLE,
    ToolKind.CARDIOTHORACIC: MeasurementKind.CARDIOTHORACIC,
}


class MeasurementEdit:
    """Moves measurements and their handles."""

    def __init__(self, viewer: ViewerModel, measurements: MeasurementModel) -> None:
        self._viewer = viewer
        self._measurements = measurements
        self._hold: MeasurementHold | None = None
        self._from: Point = (0.0, 0.0)
        self._before: Measurement | None = None

    def hold(self, at: Pointer) -> MeasurementHold | None:
        if self._viewer.overlays_hidden:
            return None
        reach = REACH * at.ratio
        view, model = self._viewer.view, self._measurements
        return measurement_at(
            model.shown, model.selected, at.x, at.y, reach / view.scale, reach / view.scale_y
        )

    def press(self, at: Pointer) -> None:
        self._hold = self.hold(at)
        self._from = (at.x, at.y)
        self._measurements.select(self._hold.index if self._hold else None)
        self._before = self._measurements.selected_item

    def drag(self, at: Pointer) -> None:
        if self._hold is not None and self._before is not None:
            self._measurements.preview(self._moved(self._hold, self._before, at), self._hold.index)

    def release(self, at: Pointer) -> None:
        if self._hold is not None and self._before is not None:
            after = self._moved(self._hold, self._before, at)
            self._measurements.place(after if is_measurable(after) else self._before, self._hold.index)
        self._hold = None

    def abandon(self) -> None:
        self._hold = None
        self._measurements.drop_draft()

    def cursor(self, at: Pointer) -> Qt.CursorShape:
        hold = self._hold or self.hold(at)
        if hold is None:
            return Qt.CursorShape.ArrowCursor
        return Qt.CursorShape.SizeAllCursor if hold.handle is None else Qt.CursorShape.PointingHandCursor

    def _moved(self, hold: MeasurementHold, before: Measurement, at: Pointer) -> Measurement:
        dx, dy = at.x - self._from[0], at.y - self._from[1]
        return moved(before, hold.handle, dx, dy, *self._measurements.extent)


class MeasureTool:
    """A new measurement in one drag; angle and cardiothoracic ratio take a second one."""

    def __init__(self, viewer: ViewerModel, measurements: MeasurementModel, kind: MeasurementKind) -> None:
        self._measurements = measurements
        self._edit = MeasurementEdit(viewer, measurements)
        self._kind = kind
        self._editing = False
        self._start: Point | None = None
        self._unfinished: int | None = None

    def press(self, at: Pointer) -> None:
        hold = self._edit.hold(at)
        selected = self._measurements.selected_item
        waiting = selected is not None and selected.kind is self._kind and not selected.complete
        self._editing = hold is not None and (hold.handle is not None or not waiting)
        if self._editing:
            self._edit.press(at)
            return
        self._unfinished = self._measurements.selected if waiting else None
        self._start = self._inside(at)
        if not waiting:
            self._measurements.select(None)

    def drag(self, at: Pointer) -> None:
        if self._editing:
            self._edit.drag(at)
        elif self._start is not None:
            self._measurements.preview(self._made(self._start, at), self._unfinished)

    def release(self, at: Pointer) -> None:
        if self._editing:
            self._edit.release(at)
        elif self._start is not None:
            made = self._made(self._start, at)
            if self._meant(made):
                self._measurements.place(made, self._unfinished)
            else:
                self._measurements.drop_draft()
        self._editing, self._start = False, None

    def abandon(self) -> None:
        self._editing, self._start = False, None
        self._edit.abandon()

    def cursor(self, at: Pointer) -> Qt.CursorShape:
        if self._editing or (self._start is None and self._edit.hold(at) is not None):
            return self._edit.cursor(at)
        return Qt.CursorShape.CrossCursor

    def _made(self, start: Point, at: Pointer) -> Measurement:
        end = self._inside(at)
        if self._unfinished is None:
            return Measurement(self._kind, (start, end))
        return self._measurements.present[self._unfinished].continued(start, end)

    def _meant(self, made: Measurement) -> bool:
        """A second arm may be placed by a click; all else needs a drag."""
        if len(made.points) == 3:
            return made.points[2] != made.points[1]
        return is_measurable(Measurement(self._kind, made.points[-2:]))

    def _inside(self, at: Pointer) -> Point:
        columns, rows = self._measurements.extent
        return min(max(at.x, 0.0), float(columns)), min(max(at.y, 0.0), float(rows))


class SelectTool:
    """Takes hold of a measurement where one lies under the mouse, else of a box."""

    def __init__(self, measurements: MeasurementModel, edit: MeasurementEdit, boxes: Tool) -> None:
        self._measurements = measurements
        self._edit = edit
        self._boxes = boxes
        self._held: Tool = boxes

    def press(self, at: Pointer) -> None:
        self._held = self._edit if self._edit.hold(at) is not None else self._boxes
        if self._held is self._boxes:
            self._measurements.select(None)
        self._held.press(at)

    def drag(self, at: Pointer) -> None:
        self._held.drag(at)

    def release(self, at: Pointer) -> None:
        self._held.release(at)

    def abandon(self) -> None:
        self._held.abandon()

    def cursor(self, at: Pointer) -> Qt.CursorShape:
        return (self._edit if self._edit.hold(at) is not None else self._boxes).cursor(at)


def measure_tools(viewer: ViewerModel, measurements: MeasurementModel) -> dict[ToolKind, Tool]:
    """One for each kind."""
    return {tool: MeasureTool(viewer, measurements, kind) for tool, kind in KINDS.items()}
