"""Commit, then reveal: the network and other readers stay hidden until the first reading is locked and on disk."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.settings import Settings


class FirstReading(QObject):
    """Veils the session for as long as it must be, and records when a reader saw others before committing.

    changed: the mode is another, or somebody else reads. required: the administrator's policy
    demands the mode. known: the reader has said who reads.
    """

    changed = Signal()

    def __init__(
        self,
        session: Session,
        reading: ReadingModel,
        settings: Settings,
        *,
        required: bool = False,
        known: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._reading, self._settings = session, reading, settings
        self.required, self.known = required, known
        session.blinded = required or settings.commit_then_reveal()
        for signal in (
            reading.changed,
            session.image_changed,
            session.prediction_changed,
            session.references_changed,
        ):
            signal.connect(self._follow)

    @property
    def on(self) -> bool:
        return self._session.blinded

    @property
    def at_hand(self) -> bool:
        """Whether the image on the canvas is the one that is read, and its reading is here."""
        session = self._session
        return self._reading.ready and session.image is not None and session.passing is None

    @property
    def must_ask(self) -> bool:
        """Whether the reader is to be asked who reads: a reading that is committed needs a name."""
        return self.on and not self.known

    def set_on(self, on: bool) -> None:
        """Turn the mode on or off, unless it is laid down."""
        if on != self.on and not self.required:
            self._session.blinded = on
            self._settings.save_commit_then_reveal(on)
            self._follow()
            self.changed.emit()

    def set_reader(self, name: str, role: str) -> None:
        """Who reads from now on; kept for the next start. An empty name changes nothing."""
        name = name.strip()
        if name:
            self.known = True
            self._settings.save_reader(name, role.strip())
            self._reading.set_reader(name, role.strip())
            self.changed.emit()

    def commit(self) -> None:
        self._reading.commit(blinded=self.on)

    def _follow(self) -> None:
        reading = self._reading
        done = reading.adjudicating or (reading.history.committed and reading.kept)
        self._session.set_veiled(self.on and self._session.image is not None and not done)
        if self._session.scores_revealed or self._session.references:
            self._reading.note_reveal()
