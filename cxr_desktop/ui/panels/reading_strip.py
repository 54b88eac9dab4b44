"""Whose reading this is and how far it has come: always in sight, above the findings."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from cxr_desktop.ui.first_reading import FirstReading
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.reading_words import reading_words
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import tr

READER_MARGIN = 8


class ReadingStrip(QFrame):
    """commit_wanted, reader_wanted: the person at the screen asks for either."""

    commit_wanted = Signal()
    reader_wanted = Signal()

    def __init__(
        self, session: Session, reading: ReadingModel, first: FirstReading, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("readingStrip")
        self.setProperty("role", "section")
        self._session, self._reading, self._first = session, reading, first
        self._chip = named(QLabel(), "readingState")
        self._reader = named(QPushButton(flat=True), "readingReader")
        self._reader.setProperty("role", "quiet")
        self._reader.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._reader.clicked.connect(self.reader_wanted)
        self._commit = named(QPushButton(), "readingCommit")
        self._commit.setProperty("role", "primary")
        self._commit.clicked.connect(self.commit_wanted)
        for button in (self._reader, self._commit):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # keys stay with the image
        self._sentence = note(name="readingSentence")
        self._lay_out()
        for signal in (
            reading.changed,
            reading.reader_changed,
            session.image_changed,
            session.passing_changed,
            session.veil_changed,
            first.changed,
        ):
            signal.connect(self.refresh)
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        return QSize(240, super().minimumSizeHint().height())

    def refresh(self) -> None:
        """Say what there is to say of the reading now."""
        shown = self._session.image is not None
        words = reading_words(self._reading.history.present, veiled=self._session.veiled)
        self._chip.setVisible(shown)
        self._commit.setVisible(shown)
        self._commit.setEnabled(self._first.at_hand)
        self._show_chip(words.word, words.tone)
        self._commit.setText(words.button)
        self._commit.setToolTip(tr("{action} (Ctrl+Return)").format(action=words.button.rstrip("…")))
        self._show_reader()
        self._sentence.setText(words.sentence if shown else "")
        self._sentence.setVisible(bool(self._sentence.text()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_reader()

    def _show_reader(self) -> None:
        who = " · ".join(part for part in (self._reading.reader, self._reading.role) if part)
        room = max(self._reader.width() - 2 * READER_MARGIN, 40)
        shown = self._reader.fontMetrics().elidedText(who, Qt.TextElideMode.ElideRight, room)
        self._reader.setText(shown.replace("&", "&&"))
        self._reader.setAccessibleName(tr("Reader {who}").format(who=who))
        self._reader.setToolTip(tr("{who}\nChange the reader").format(who=who))

    def _show_chip(self, word: str, tone: str) -> None:
        self._chip.setText(word)
        if self._chip.property("tone") != tone:
            self._chip.setProperty("tone", tone)
            self._chip.style().unpolish(self._chip)
            self._chip.style().polish(self._chip)

    def _lay_out(self) -> None:
        self._chip.setProperty("role", "chip")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._chip, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._reader, 1)
        row.addWidget(self._commit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 10, 16, 10)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self._sentence)
