"""Locking a reading, and opening it again for a reason."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from cxr_desktop.ui.first_reading import FirstReading
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.translation import later, tr

REASONS = (
    later("Missed on the first reading"),
    later("Changed my mind after seeing the network"),
    later("Changed my mind after seeing another reader"),
    later("Label or outline corrected"),
)
EMPTY = later("You have drawn nothing. Commit the reading as showing no finding?")
WHY = later("A committed reading is locked. What you change now is recorded as a change, with your reason.")


def commit_or_amend(first: FirstReading, reading: ReadingModel, parent: QWidget) -> None:
    """One key: lock what is open, ask for a reason where it is locked already."""
    if not first.at_hand:
        return
    if reading.history.locked:
        AmendDialog(reading, parent).open()
    elif reading.history.present.is_empty:
        EmptyDialog(first.commit, parent).open()
    else:
        first.commit()


class AmendDialog(QDialog):
    """Why a committed reading is changed."""

    def __init__(self, reading: ReadingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("amendDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Amend the reading"))
        self.setMinimumWidth(460)
        self._reading = reading
        self._reason = named(QComboBox(editable=True), "amendReason")
        self._reason.setAccessibleName(tr("Reason of the change"))
        self._reason.addItems([tr(reason) for reason in REASONS])
        buttons = _buttons(self, tr("Amend"), "amendOk")
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._reason.editTextChanged.connect(lambda text: self._ok.setEnabled(bool(text.strip())))
        _lay_out(self, tr(WHY), self._reason, buttons)

    def accept(self) -> None:
        self._reading.amend(self._reason.currentText())
        super().accept()


class EmptyDialog(QDialog):
    """Whether nothing was drawn on purpose."""

    def __init__(self, commit: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("emptyDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Commit an empty reading"))
        self._commit = commit
        _lay_out(self, tr(EMPTY), _buttons(self, tr("Commit: no finding"), "emptyOk"))

    def accept(self) -> None:
        self._commit()
        super().accept()


def _buttons(dialog: QDialog, title: str, name: str) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
    ok = named(buttons.button(QDialogButtonBox.StandardButton.Ok), name)
    ok.setText(title)
    ok.setProperty("role", "primary")
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons


def _lay_out(dialog: QDialog, sentence: str, *widgets: QWidget) -> None:
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(22, 18, 22, 16)
    layout.setSpacing(14)
    layout.addWidget(note(sentence, "plain"))
    for widget in widgets:
        layout.addWidget(widget)
