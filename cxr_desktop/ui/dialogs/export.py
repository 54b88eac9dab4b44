"""Which formats, and where to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.ui.exporting import ExportChoice, Exporting
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.translation import later, tr

COLUMNS = 2
CONTENT = later("Holds every map computed for this finding, with your boxes and the references.")


class ExportDialog(QDialog):
    """Stays open while the report is written, and offers the folder at the end."""

    def __init__(self, exporting: Exporting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("exportDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Export report"))
        self.setMinimumWidth(520)
        self._exporting = exporting
        self._formats: dict[str, QCheckBox] = {}
        self._grid = QGridLayout()
        self._folder = named(QLineEdit(str(exporting.choice.folder)), "exportFolder")
        self._folder.setAccessibleName(tr("Folder of the report"))
        self._bar = named(QProgressBar(textVisible=False, maximum=1000), "exportProgress")
        self._outcome = note(name="exportOutcome")
        self._write = named(QPushButton(tr("Export"), default=True), "exportStart")
        self._write.setProperty("role", "primary")
        self._show = named(QPushButton(tr("Open folder")), "exportOpen")
        self._lay_out()
        self._connect()
        self._offer()
        if exporting.refusal:
            self._tell(exporting.refusal)

    def done(self, result: int) -> None:
        self._exporting.cancel()
        super().done(result)

    def _lay_out(self) -> None:
        browse = QPushButton(tr("Browse…"))
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.addWidget(self._folder, 1)
        row.addWidget(browse)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addWidget(self._show)
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self._write)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(12)
        layout.addWidget(_heading(tr("Formats")))
        layout.addLayout(self._grid)
        layout.addWidget(_heading(tr("Folder")))
        layout.addLayout(row)
        layout.addWidget(note(tr(CONTENT)))
        layout.addWidget(self._bar)
        layout.addWidget(self._outcome)
        layout.addLayout(buttons)
        self._bar.hide()
        self._outcome.hide()
        self._show.hide()

    def _connect(self) -> None:
        self._write.clicked.connect(self._start)
        self._show.clicked.connect(self._open_folder)
        self._folder.textChanged.connect(self._check)
        self._exporting.formats_changed.connect(self._offer)
        self._exporting.progressed.connect(self._go_on)
        self._exporting.done.connect(self._finished)
        self._exporting.failed.connect(self._failed)

    def _offer(self) -> None:
        if self._formats or not self._exporting.formats:
            return
        for number, choice in enumerate(self._exporting.formats):
            box = named(QCheckBox(choice.title), f"format:{choice.id}")
            box.setChecked(choice.id in self._exporting.choice.formats)
            box.toggled.connect(self._check)
            self._formats[choice.id] = box
            self._grid.addWidget(box, number // COLUMNS, number % COLUMNS)
        self._check()

    def _chosen(self) -> tuple[str, ...]:
        return tuple(id for id, box in self._formats.items() if box.isChecked())

    def _check(self) -> None:
        able = bool(self._chosen() and self._folder.text().strip()) and not self._exporting.refusal
        self._write.setEnabled(able)

    def _browse(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder of the report"), self._folder.text())
        if name:
            self._folder.setText(name)

    def _start(self) -> None:
        self._write.setEnabled(False)
        self._bar.setValue(0)
        self._bar.show()
        self._outcome.hide()
        self._exporting.start(ExportChoice(self._chosen(), Path(self._folder.text().strip())))

    def _go_on(self, share: float) -> None:
        self._bar.setValue(round(share * 1000))

    def _finished(self, files: tuple[Path, ...]) -> None:
        self._tell(
            tr("{count} file{ending} written:\n").format(
                count=len(files), ending="s" if len(files) != 1 else ""
            )
            + "\n".join(f.name for f in files)
        )
        self._show.show()

    def _failed(self, sentence: str) -> None:
        self._tell(sentence)

    def _tell(self, sentence: str) -> None:
        self._bar.hide()
        self._outcome.setText(sentence)
        self._outcome.show()
        self._check()

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._folder.text().strip()))


def _heading(text: str) -> QLabel:
    label = QLabel(text.upper())
    label.setProperty("role", "heading")
    return label
