"""Measurements on screen and on disk kept alike, on the journal's thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from cxr_desktop.domain.errors import CxrError
from cxr_desktop.library import ReadingStore
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.saved_readings import SavedReadings
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.viewer.measurement_file import (
    measurement_path,
    read_measurements,
    write_measurements,
)
from cxr_desktop.ui.viewer.measurement_model import MeasurementModel, Measurements


class SavedMeasurements(QObject):
    """Every step is written when it is made; what was kept comes back with its image and its reader."""

    told = Signal(str)
    _loaded = Signal(str, str, object)
    _failed = Signal(str)

    def __init__(
        self,
        folder: Path,
        saved: SavedReadings,
        session: Session,
        measurements: MeasurementModel,
        reading: ReadingModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder, self._saved, self._session = folder, saved, session
        self._measurements, self._reading = measurements, reading
        self._loaded.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self.told, Qt.ConnectionType.QueuedConnection)
        session.image_changed.connect(self._ask)
        reading.reader_changed.connect(self._start_anew)
        measurements.stepped.connect(self._write)

    def _start_anew(self) -> None:
        """What another reader measured stays on disk alone."""
        self._measurements.forget()
        self._ask()

    def _ask(self) -> None:
        key = self._key()
        if key:
            reader = self._reading.reader
            path = measurement_path(self._folder, key, reader)

            def load(_store: ReadingStore) -> None:
                try:
                    self._loaded.emit(reader, key, read_measurements(path))
                except CxrError as error:
                    self._failed.emit(str(error))

            self._saved.ask(load)

    def _take(self, reader: str, key: str, items: Measurements) -> None:
        if reader == self._reading.reader:
            self._measurements.load(key, items)

    def _write(self) -> None:
        key, items = self._key(), self._measurements.present
        if key:
            path = measurement_path(self._folder, key, self._reading.reader)

            def write(_store: ReadingStore) -> None:
                try:
                    write_measurements(path, key, items)
                except CxrError as error:
                    self._failed.emit(str(error))

            self._saved.ask(write)

    def _key(self) -> str:
        image = self._session.image
        return image.key if image else ""
