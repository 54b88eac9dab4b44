"""Case packs: what goes in, and who one is from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.domain.label_set import LabelSet
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.packing import PackAtHand, Packing, PackWish
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.translation import later, tr

if TYPE_CHECKING:
    pass

PACK_FILTER = later("Case packs (*.cxrpack)")
PACKED = later(
    "The images of the study list go into the pack, as the search leaves them; their names do not."
)


class PackDialog(QDialog):
    """A form, one thing to do, and what came of it."""

    def __init__(self, packing: Packing, name: str, title: str, verb: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(560)
        self._packing = packing
        self.form = QFormLayout()
        self.form.setSpacing(10)
        self.outcome = note(name="packOutcome")
        self.go = named(QPushButton(verb), "packGo")
        self.go.setProperty("role", "primary")
        close = named(QPushButton(tr("Close")), "packClose")
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(14)
        layout.addLayout(self.form)
        layout.addWidget(self.outcome)
        layout.addLayout(buttons)
        packing.finished.connect(self.outcome.setText)


class MakePackDialog(PackDialog):
    """File, Make case pack."""

    def __init__(
        self, packing: Packing, label_sets: Sequence[LabelSet], parent: QWidget | None = None
    ) -> None:
        super().__init__(packing, "makePackDialog", tr("Make a case pack"), tr("Make"), parent)
        self._sets = tuple(label_sets)
        self._title = named(QLineEdit(), "packTitle")
        self._readers = named(
            QLineEdit(placeholderText=tr("Names or codes, with commas between")), "packReaders"
        )
        self._labels = named(QComboBox(), "packLabels")
        self._labels.addItems([one.title for one in self._sets])
        self._clean = tick(tr("De-identify the images (DICOM alone)"), "packClean", True)
        self._blind = tick(tr("Hide the network until a reading is committed"), "packBlind", True)
        self._shuffle = tick(tr("An order of their own for each reader"), "packShuffle", True)
        self._file = named(QLineEdit(str(Path.home() / "cases.cxrpack")), "packFile")
        count = len(packing.images)
        for title, field in (
            (tr("Title"), self._title),
            (tr("Readers"), self._readers),
            (tr("Labels"), self._labels),
            ("", self._clean),
            ("", self._blind),
            ("", self._shuffle),
            (tr("File"), with_browse(self._file, self._browse)),
        ):
            self.form.addRow(title, field)
        self.form.addRow(
            "",
            note(
                tr("{count} image{ending}. {told}").format(
                    count=count, ending="" if count == 1 else "s", told=tr(PACKED)
                )
            ),
        )
        self._readers.textChanged.connect(self._check_ready)
        self.go.clicked.connect(self._make)
        self._check_ready()

    def _check_ready(self) -> None:
        self.go.setEnabled(bool(self._names() and self._packing.images))

    def _names(self) -> tuple[str, ...]:
        found = (name.strip() for name in self._readers.text().split(","))
        return tuple(dict.fromkeys(name for name in found if name))

    def _make(self) -> None:
        self.outcome.setText(tr("Being written …"))
        self._packing.make(
            PackWish(
                Path(self._file.text().strip()).expanduser(),
                self._names(),
                self._sets[self._labels.currentIndex()],
                self._title.text().strip(),
                self._clean.isChecked(),
                self._blind.isChecked(),
                self._shuffle.isChecked(),
            )
        )

    def _browse(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Case pack"), self._file.text(), tr(PACK_FILTER))
        if name:
            self._file.setText(name)


class OpenPackDialog(PackDialog):
    """What a pack says of itself, before anything of it is unpacked."""

    def __init__(self, packing: Packing, pack: PackAtHand, parent: QWidget | None = None) -> None:
        super().__init__(packing, "openPackDialog", tr("Open a case pack"), tr("Open"), parent)
        manifest = pack.manifest
        self._pack = pack
        self._reader = named(QComboBox(), "packReader")
        self._reader.addItems([one.reader for one in manifest.assignments])
        self._vouched = tick(
            tr("I compared this number with the one that the issuer told me"), "packVouched", False
        )
        hidden = (
            tr("hidden until you commit a reading")
            if manifest.blinding.commit_then_reveal
            else tr("in sight")
        )
        for title, text in (
            (tr("Pack"), manifest.title or tr("Without a title")),
            (tr("From"), f"{manifest.issuer}, {manifest.created.replace('T', ' ')[:16]}"),
            (tr("Images"), f"{len(manifest.images)}{tr(', de-identified') if manifest.deidentified else ''}"),
            (tr("Labels"), ", ".join(manifest.label_set.names)),
            (tr("Network"), hidden),
            (tr("Signed with"), pack.key),
        ):
            self.form.addRow(title, note(text, role="", name=f"pack:{title}"))
        self.form.addRow(tr("I am"), self._reader)
        self.form.addRow("", self._vouched)
        self.go.clicked.connect(self._open)
        packing.told.connect(self._leave)

    def _open(self) -> None:
        self._packing.open(self._pack, self._reader.currentText(), vouched=self._vouched.isChecked())

    def _leave(self, said: str) -> None:
        if " cases for " in said:
            self.accept()


def ask_pack(parent: QWidget, packing: Packing) -> None:
    """A pack to open; what it says of itself comes next."""
    name, _ = QFileDialog.getOpenFileName(parent, tr("Open a case pack"), "", tr(PACK_FILTER))
    if name:
        packing.inspect(Path(name))


def tick(text: str, name: str, on: bool) -> QCheckBox:
    box = named(QCheckBox(text), name)
    box.setChecked(on)
    return box


def with_browse(field: QLineEdit, browse: object) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    button = QPushButton(tr("Browse…"))
    button.clicked.connect(browse)
    layout.addWidget(field, 1)
    layout.addWidget(button)
    return row
