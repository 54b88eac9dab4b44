"""One undo for the hand: of boxes and measurements, whichever changed last."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cxr_desktop.library import Amend, Commit, Redo, Reveal, Undo
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.viewer.measurement_model import MeasurementModel


class Undoing(QObject):
    """Remembers in which order both changed; changes of boxes reach back into earlier sessions, never past a Commit."""

    changed = Signal()

    def __init__(
        self,
        session: Session,
        reading: ReadingModel,
        measurements: MeasurementModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reading, self._measurements = reading, measurements
        self._done: list[QObject] = []
        self._undone: list[QObject] = []
        reading.happened.connect(self._box_changed)
        measurements.happened.connect(lambda: self._note(measurements))
        session.image_changed.connect(self._forget)
        reading.reader_changed.connect(self._forget)

    @property
    def can_undo(self) -> bool:
        return bool(self._done) or self._reading.history.can_undo

    @property
    def can_redo(self) -> bool:
        return bool(self._undone) or self._reading.history.can_redo

    def undo(self) -> None:
        last = self._done.pop() if self._done else self._reading
        self._undone.append(last)
        (self._measurements if last is self._measurements else self._reading).undo()
        self.changed.emit()

    def redo(self) -> None:
        last = self._undone.pop() if self._undone else self._reading
        self._done.append(last)
        (self._measurements if last is self._measurements else self._reading).redo()
        self.changed.emit()

    def _box_changed(self, event: object) -> None:
        if isinstance(event, Commit):
            self._done = [one for one in self._done if one is not self._reading]
            self._undone = [one for one in self._undone if one is not self._reading]
            self.changed.emit()
        elif not isinstance(event, Undo | Redo | Reveal | Amend):
            self._note(self._reading)

    def _note(self, source: QObject) -> None:
        self._done.append(source)
        self._undone.clear()
        self.changed.emit()

    def _forget(self) -> None:
        self._done.clear()
        self._undone.clear()
        self.changed.emit()
