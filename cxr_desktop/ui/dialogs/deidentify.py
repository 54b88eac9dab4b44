"""A copy of the image that no longer tells whose it is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.domain import Box
from cxr_desktop.ui.deidentifying import DATES, DeidentifyChoice, Deidentifying, Outcome
from cxr_desktop.ui.dialogs.rectangles import Rectangles
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import Section, note
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.pictures import gray_picture

PICTURE_SIDE = 1000
HOW = later(
    "Drag rectangles over text in the picture; Delete takes the last one away. What lies under them turns black."
)
SUGGESTED = later(
    "Suggested only: lettering can be missed, and lines be taken for it. Look at the whole picture."
)
PROFILE = later(
    "DICOM PS3.15 Basic Profile: names, numbers, comments, private tags and overlays go, UIDs are replaced."
)


class DeidentifyDialog(QDialog):
    """The picture with its rectangles, the options, and in the end the report of what was removed."""

    def __init__(self, work: Deidentifying, image: LoadedImage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("deidentifyDialog")
        self.setWindowTitle(tr("De-identify a copy"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        open_at(self, 1080, 720)
        self._work, self._image = work, image
        radiograph = image.radiograph
        picture = gray_picture(image, PICTURE_SIDE)
        self._picture = Rectangles(picture, radiograph.columns, radiograph.rows)
        self._dates = named(QComboBox(), "deidentifyDates")
        for value, title in DATES:
            self._dates.addItem(tr(title), value)
        self._device = named(QCheckBox(tr("Keep the device's identity")), "deidentifyDevice")
        self._patient = named(QCheckBox(tr("Keep sex, age, size and weight")), "deidentifyPatient")
        self._folder = named(QLineEdit(str(work.folder)), "deidentifyFolder")
        self._folder.setAccessibleName(tr("Folder of the copy"))
        self._suggest = named(QPushButton(tr("Suggest text")), "deidentifySuggest")
        self._clear = named(QPushButton(tr("Clear")), "deidentifyClear")
        self._about = note(tr(HOW), name="deidentifyHow")
        self._report = named(QPlainTextEdit(readOnly=True), "deidentifyReport")
        self._report.setAccessibleName(tr("What was removed"))
        self._outcome = note(name="deidentifyOutcome")
        self._write = named(QPushButton(tr("Write the copy"), default=True), "deidentifyStart")
        self._write.setProperty("role", "primary")
        self._show = named(QPushButton(tr("Open folder")), "deidentifyOpen")
        self._save = named(QPushButton(tr("Save report…")), "deidentifySave")
        self._copied: Outcome | None = None
        self._lay_out()
        self._connect()

    def done(self, result: int) -> None:
        self._work.cancel()
        super().done(result)

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.addWidget(self._suggest)
        tools.addWidget(self._clear)
        tools.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self._picture, 1)
        left.addWidget(self._about)
        left.addLayout(tools)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 16)
        layout.setSpacing(18)
        layout.addLayout(left, 3)
        layout.addLayout(self._side(), 2)
        self._clear.setEnabled(False)
        for hidden in (self._report, self._outcome, self._show, self._save):
            hidden.hide()

    def _side(self) -> QVBoxLayout:
        kept = Section(tr("What stays"))
        kept.body.addWidget(self._dates)
        kept.body.addWidget(self._device)
        kept.body.addWidget(self._patient)
        kept.body.addWidget(note(tr(PROFILE)))
        browse = QPushButton(tr("Browse…"))
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.addWidget(self._folder, 1)
        row.addWidget(browse)
        where = Section(tr("Folder"))
        where.body.addLayout(row)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addWidget(self._show)
        buttons.addWidget(self._save)
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self._write)
        side = QVBoxLayout()
        side.setSpacing(10)
        side.addWidget(kept)
        side.addWidget(where)
        side.addWidget(self._outcome)
        side.addWidget(self._report, 1)
        side.addStretch(0)
        side.addLayout(buttons)
        return side

    def _connect(self) -> None:
        self._suggest.clicked.connect(self._ask_for_suggestions)
        self._clear.clicked.connect(lambda: self._picture.set_boxes(()))
        self._picture.changed.connect(lambda: self._clear.setEnabled(bool(self._picture.boxes)))
        self._folder.textChanged.connect(lambda text: self._write.setEnabled(bool(text.strip())))
        self._write.clicked.connect(self._start)
        self._show.clicked.connect(self._open_folder)
        self._save.clicked.connect(self._save_report)
        self._work.suggested.connect(self._offer)
        self._work.done.connect(self._finished)
        self._work.failed.connect(self._failed)

    def _ask_for_suggestions(self) -> None:
        self._suggest.setEnabled(False)
        self._work.suggest(self._image.radiograph)

    def _offer(self, boxes: tuple[Box, ...]) -> None:
        self._suggest.setEnabled(True)
        found = (
            tr("{boxes} place{plural} suggested. ").format(
                boxes=len(boxes), plural="s" if len(boxes) != 1 else ""
            )
            if boxes
            else tr("No text found. ")
        )
        self._about.setText(found + tr(SUGGESTED))
        self._picture.set_boxes(
            (*self._picture.boxes, *(box for box in boxes if box not in self._picture.boxes))
        )

    def _browse(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder of the copy"), self._folder.text())
        if name:
            self._folder.setText(name)

    def _start(self) -> None:
        self._write.setEnabled(False)
        self._outcome.hide()
        self._work.start(
            DeidentifyChoice(
                self._image.radiograph.header.path,
                Path(self._folder.text().strip()),
                self._dates.currentData(),
                self._device.isChecked(),
                self._patient.isChecked(),
                self._picture.boxes,
            )
        )

    def _finished(self, outcome: Outcome) -> None:
        self._tell(tr("Written as {name}").format(name=outcome.path.name))
        self._copied = outcome
        self._report.setPlainText(tr("What was removed\n{summary}").format(summary=outcome.summary))
        for one in (self._report, self._show, self._save):
            one.show()

    def _failed(self, sentence: str) -> None:
        self._suggest.setEnabled(True)
        self._tell(sentence)

    def _tell(self, sentence: str) -> None:
        self._write.setEnabled(True)
        self._outcome.setText(sentence)
        self._outcome.show()

    def _save_report(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Report of what was removed"), "what-was-removed.txt")
        if name and self._copied is not None:
            self._tell(self._copied.save(Path(name)))

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._folder.text().strip()))
