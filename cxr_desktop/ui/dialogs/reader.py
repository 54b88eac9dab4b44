"""Who reads: a name or code, and a role. Asked once and kept."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.ui.first_reading import FirstReading
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.translation import later, tr

ROLES = (
    later("Radiologist"),
    later("Resident"),
    later("Radiographer"),
    later("Physician"),
    later("Annotator"),
    later("Student"),
)
ADVICE = later("Each reader has a reading of their own on every image. What others drew stays as it is.")


class ReaderDialog(QDialog):
    """Another name begins, or goes on with, that reader's own reading of the image."""

    def __init__(self, first: FirstReading, reading: ReadingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("readerDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Who reads?"))
        self.setMinimumWidth(420)
        self._first = first
        self._name = named(QLineEdit(reading.reader), "readerName")
        self._name.setAccessibleName(tr("Name or code of the reader"))
        self._name.setMaxLength(64)
        self._name.selectAll()
        self._role = named(QComboBox(editable=True), "readerRole")
        self._role.setAccessibleName(tr("Role of the reader"))
        self._role.addItems(["", *map(tr, ROLES)])
        self._role.setCurrentText(reading.role)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        ok = named(self._buttons.button(QDialogButtonBox.StandardButton.Ok), "readerOk")
        ok.setProperty("role", "primary")
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._name.textChanged.connect(self._check)
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow(tr("Name or code"), self._name)
        form.addRow(tr("Role"), self._role)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(note(tr(ADVICE)))
        layout.addWidget(self._buttons)

    def accept(self) -> None:
        self._first.set_reader(self._name.text(), self._role.currentText())
        super().accept()

    def _check(self, name: str) -> None:
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(name.strip()))
