"""The reading on screen and the store on disk kept alike, through the journal's thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from cxr_desktop.library import Commit, Event, History, Journal, Override, ReadingStore, StoredEvent
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import tr


class SavedReadings(QObject):
    """Loads a reader's history when an image opens, and writes every event as it happens."""

    told = Signal(str)
    _loaded = Signal(str, object)
    _failed = Signal(str)
    _mended = Signal(str)
    _kept = Signal(str, str)

    def __init__(
        self, folder: Path, session: Session, reading: ReadingModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.failed = False
        """Whether something could not be kept."""
        self._session = session
        self._reading = reading
        self._journal = Journal(folder, lambda error: self._failed.emit(str(error)), self._mended.emit)
        self._loaded.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._mended.connect(self.told, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self._go_on_unsaved, Qt.ConnectionType.QueuedConnection)
        self._kept.connect(self._confirm, Qt.ConnectionType.QueuedConnection)
        session.image_changed.connect(self._ask)
        reading.reader_changed.connect(self._ask)
        reading.happened.connect(self.record)

    def record(self, event: Event) -> None:
        """Write an event of the open image for good; the reading is told when a Commit has been."""
        image = self._session.image
        if image is None:
            return
        stored = StoredEvent(
            image_sha256=image.key,
            reader=self._reading.reader,
            event=event,
            sop_instance_uid=image.radiograph.header.sop_instance_uid,
        )
        if not isinstance(event, Commit):
            self._journal.append(stored)
            return

        def commit(store: ReadingStore) -> None:
            store.append(stored)
            self._kept.emit(stored.image_sha256, stored.reader)

        self._journal.ask(commit)

    def record_override(self) -> None:
        """The reader insists on the scores of a refused image."""
        prediction = self._session.prediction
        if prediction is not None:
            codes = tuple(concern.code for concern in prediction.concerns)
            self.record(Override(codes, prediction.model.caption))

    def ask(self, question: Callable[[ReadingStore], None]) -> None:
        """Have `question(store)` called on the journal's thread."""
        self._journal.ask(question)

    def close(self) -> bool:
        """Write what is waiting; True when all was written in time."""
        return self._journal.close()

    def _ask(self) -> None:
        image = self._session.image
        if image is None:
            return
        key, reader = image.key, self._reading.reader
        self._reading.open(image.radiograph.columns, image.radiograph.rows)

        def load(store: ReadingStore) -> None:
            self._loaded.emit(key, store.history(key, reader))

        self._journal.ask(load)

    def _go_on_unsaved(self, reason: str) -> None:
        """Boxes can be drawn without a store, and whoever draws is told that they are not kept."""
        self.failed = True
        self.told.emit(tr("Boxes are not being saved: {reason}").format(reason=reason))
        if self._session.image is not None and not self._reading.ready:
            self._reading.load(History.start(self._reading.reader))

    def _take(self, key: str, history: History) -> None:
        image = self._session.image
        wanted = image is not None and image.key == key
        if wanted and history.present.reader == self._reading.reader:
            self._reading.load(history)

    def _confirm(self, key: str, reader: str) -> None:
        image = self._session.image
        if image is not None and (image.key, self._reading.reader) == (key, reader):
            self._reading.confirm_kept()
