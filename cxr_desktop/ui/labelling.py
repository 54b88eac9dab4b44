"""Which label set the number keys belong to: a shipped one, or one of the reader's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain.label_set import LabelSet
from cxr_desktop.jobs import Context
from cxr_desktop.library.label_sets import DEFAULT_SET, label_sets, write_label_set
from cxr_desktop.ui.job_bridge import JobBridge, Request
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.settings import Settings

Read = tuple[tuple[LabelSet, ...], tuple[str, ...]]


class Labelling(QObject):
    """Sets are read and written on workers.

    saved: an own set is kept and in use. refused (sentence): it cannot be kept. told (sentence): sets cannot be
    read. problems: own files that are no sets.
    """

    saved = Signal()
    refused = Signal(str)
    told = Signal(str)

    def __init__(
        self,
        data: Path,
        settings: Settings,
        reading: ReadingModel,
        bridge: JobBridge,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._data, self._settings, self._reading, self._bridge = data, settings, reading, bridge
        self.sets: tuple[LabelSet, ...] = ()
        self.problems: tuple[str, ...] = ()
        self.chosen = settings.label_set() or DEFAULT_SET
        if self.chosen != DEFAULT_SET:
            self._read(lambda: self.use(self.chosen), "")

    def read(self, done: Callable[[], None]) -> None:
        """Read the sets at hand and call `done`; a newer call takes the place of one that still reads."""
        self._read(done, "label sets")

    def use(self, set_id: str) -> None:
        """Give the number keys the labels of a set at hand; one that is gone leaves them as they are."""
        found = next((one for one in self.sets if one.id == set_id), None)
        if found is not None:
            self.chosen = found.id
            self._settings.save_label_set(found.id)
            self._reading.set_labels(found.names)

    def save(self, title: str, names: Sequence[str]) -> None:
        """Keep an own set and use it; `saved` or `refused` tells how that went."""

        def write(_context: Context, _request: Request) -> tuple[str, Read]:
            return write_label_set(self._data, title, names).id, label_sets(self._data)

        def done(written: tuple[str, Read]) -> None:
            made, (self.sets, self.problems) = written
            self.use(made)
            self.saved.emit()

        self._bridge.submit("", write, done, lambda error: self.refused.emit(str(error)), awaited=True)

    def _read(self, done: Callable[[], None], channel: str) -> None:
        def taken(found: Read) -> None:
            self.sets, self.problems = found
            done()

        self._bridge.submit(
            "",
            lambda _context, _request: label_sets(self._data),
            taken,
            lambda error: self.told.emit(str(error)),
            channel=channel,
            awaited=True,
        )
