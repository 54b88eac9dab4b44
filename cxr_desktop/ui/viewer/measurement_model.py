"""The measurements on the image that is open: the present, the draft under the hand, the selection."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain import Radiograph
from cxr_desktop.ui.viewer.calibration import Calibration
from cxr_desktop.ui.viewer.measurement import Measurement, moved
from cxr_desktop.ui.viewer.region_statistics import RegionStatistics

Measurements = tuple[Measurement, ...]


@dataclass(frozen=True, slots=True)
class Track:
    """What was measured on one image, step by step; `at` is the step that is shown."""

    steps: tuple[Measurements, ...] = ((),)
    at: int = 0

    @property
    def present(self) -> Measurements:
        return self.steps[self.at]

    def after(self, present: Measurements) -> Track:
        return Track((*self.steps[: self.at + 1], present), self.at + 1)

    def stepped(self, by: int) -> Track:
        return replace(self, at=min(max(self.at + by, 0), len(self.steps) - 1))


class MeasurementModel(QObject):
    """Keeps the measurements of every image of this session.

    changed: others are to be shown, a draft's or a result included. happened: a step was made that
    can be taken back. stepped: a step was made or taken back.
    """

    changed = Signal()
    selection_changed = Signal()
    happened = Signal()
    stepped = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.calibration = Calibration()
        self.view_position = ""
        self.extent = (0, 0)
        self.selected: int | None = None
        self.statistics: dict[Measurement, RegionStatistics | None] = {}
        self._tracks: dict[str, Track] = {}
        self._key = ""
        self._draft: Measurements | None = None

    @property
    def shown(self) -> Measurements:
        """The measurements, with what the hand is doing to them just now."""
        return self._track.present if self._draft is None else self._draft

    @property
    def present(self) -> Measurements:
        return self._track.present

    @property
    def selected_item(self) -> Measurement | None:
        shown = self.shown
        return shown[self.selected] if self.selected is not None and self.selected < len(shown) else None

    def open(self, radiograph: Radiograph | None) -> None:
        """Turn to another image, and to what has been measured on it before."""
        self._draft, self.statistics = None, {}
        if radiograph is None:
            self._key, self.extent = "", (0, 0)
        else:
            self._key = radiograph.key or radiograph.identifier
            self.extent = (radiograph.columns, radiograph.rows)
            self.calibration = Calibration.of(radiograph)
            self.view_position = radiograph.header.view_position
        self.select(None)
        self.changed.emit()

    def load(self, key: str, kept: Measurements) -> None:
        """What was kept of an image, unless something has been measured on it since."""
        if kept and key not in self._tracks:
            self._tracks[key] = Track((kept,))
            self.changed.emit()

    def forget(self) -> None:
        """Another reader measures: nothing has been measured on any image."""
        self._tracks, self._draft, self.statistics = {}, None, {}
        self.select(None)
        self.changed.emit()

    def select(self, index: int | None) -> None:
        if index != self.selected:
            self.selected = index
            self.selection_changed.emit()

    def preview(self, measurement: Measurement, index: int | None = None) -> None:
        """Show a measurement as the hand makes it (no index) or changes it, without a step."""
        self._draft = self._with(measurement, index)
        self.select(len(self._draft) - 1 if index is None else index)
        self.changed.emit()

    def drop_draft(self) -> None:
        """Forget what the hand was doing."""
        if self._draft is not None:
            self._draft = None
            self._keep_selection()
            self.changed.emit()

    def place(self, measurement: Measurement, index: int | None = None) -> None:
        """Add a measurement (no index) or change one; a step."""
        placed = self._with(measurement, index)
        if placed == self.present:
            self.drop_draft()
            return
        self._step(self._track.after(placed))
        self.select(len(placed) - 1 if index is None else index)
        self.happened.emit()

    def nudge_selected(self, dx: float, dy: float) -> None:
        """Move the selected measurement by stored pixels; it stays on the image."""
        if self.selected is not None and (item := self.selected_item) is not None:
            self.place(moved(item, None, dx, dy, *self.extent), self.selected)

    def remove_selected(self) -> None:
        if self.selected is not None and self.selected < len(self.present):
            kept = self.present[: self.selected] + self.present[self.selected + 1 :]
            self._step(self._track.after(kept))
            self.select(None)
            self.happened.emit()

    def remove_all(self) -> None:
        if self.present:
            self._step(self._track.after(()))
            self.select(None)
            self.happened.emit()

    def undo(self) -> None:
        self._step(self._track.stepped(-1))

    def redo(self) -> None:
        self._step(self._track.stepped(1))

    def set_statistics(self, measurement: Measurement, found: RegionStatistics | None) -> None:
        kept = {*self.shown, *self.present}
        self.statistics = {item: told for item, told in self.statistics.items() if item in kept}
        self.statistics[measurement] = found
        self.changed.emit()

    @property
    def _track(self) -> Track:
        return self._tracks.get(self._key, Track())

    def _with(self, measurement: Measurement, index: int | None) -> Measurements:
        present = self.present
        if index is None:
            return (*present, measurement)
        return (*present[:index], measurement, *present[index + 1 :])

    def _step(self, track: Track) -> None:
        self._draft = None
        self._tracks[self._key] = track
        self._keep_selection()
        self.stepped.emit()
        self.changed.emit()

    def _keep_selection(self) -> None:
        if self.selected is not None and self.selected >= len(self.shown):
            self.select(None)
