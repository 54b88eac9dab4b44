"""Readings of a case pack: how far they are, handed back as a file, merged at home."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QWidget

from cxr_desktop.ui.dialogs.packs import PackDialog, tick, with_browse
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.packing import Packing
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.translation import later, tr

if TYPE_CHECKING:
    from cxr_desktop.library.packs.returning import Progressed
    from cxr_desktop.library.packs.shelf import KeptPack

READ_FILTER = later("Readings (*.cxrread)")
WAITING = later("Looking for packs that were opened here …")


class HandBackDialog(PackDialog):
    """File, Hand back readings."""

    def __init__(self, packing: Packing, parent: QWidget | None = None) -> None:
        super().__init__(packing, "handBackDialog", tr("Hand back readings"), tr("Hand back"), parent)
        self._packs: tuple[tuple[KeptPack, Progressed], ...] = ()
        self._pack = named(QComboBox(), "packChoice")
        self._state = note(tr(WAITING), name="packState")
        self._unfinished = tick(tr("Also what is not committed yet"), "packUnfinished", False)
        self._file = named(QLineEdit(str(Path.home() / "readings.cxrread")), "packFile")
        self.form.addRow(tr("Pack"), self._pack)
        self.form.addRow("", self._state)
        self.form.addRow("", self._unfinished)
        self.form.addRow(tr("File"), with_browse(self._file, self._browse))
        self._pack.currentIndexChanged.connect(self._show_state)
        self.go.clicked.connect(self._hand_back)
        self.go.setEnabled(False)
        packing.at_hand.connect(self._offer)
        packing.list_opened()

    def _offer(self, packs: tuple[tuple[KeptPack, Progressed], ...]) -> None:
        self._packs = packs
        self._pack.clear()
        self._pack.addItems([f"{p.manifest['title'] or p.id[:8]}, {p.reader}" for p, _ in packs])
        self.go.setEnabled(bool(packs))
        if not packs:
            self._state.setText(tr("No case pack was opened on this computer."))

    def _show_state(self, place: int) -> None:
        if 0 <= place < len(self._packs):
            done = self._packs[place][1]
            self._state.setText(
                tr("{count} committed, {begun} begun, {unread} unread").format(
                    count=len(done.committed), begun=len(done.drafts), unread=len(done.unread)
                )
            )

    def _hand_back(self) -> None:
        pack = self._packs[self._pack.currentIndex()][0]
        out = Path(self._file.text().strip()).expanduser()
        self._packing.hand_back(pack, out, unfinished=self._unfinished.isChecked())

    def _browse(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Readings"), self._file.text(), tr(READ_FILTER))
        if name:
            self._file.setText(name)


class MergeDialog(PackDialog):
    """File, Merge readings: what each file brought; again with a key that its reader told, if it changed."""

    def __init__(self, packing: Packing, paths: Sequence[Path], parent: QWidget | None = None) -> None:
        super().__init__(packing, "mergeDialog", tr("Merge readings"), tr("Merge again"), parent)
        self._paths = tuple(paths)
        self._key = named(QLineEdit(placeholderText=tr("Only where a reader's key has changed")), "packKey")
        self._key.setAccessibleName(tr("Key that the reader told"))
        self.form.addRow(tr("Files"), note(", ".join(path.name for path in paths), role=""))
        self.form.addRow(tr("Key"), self._key)
        self.go.clicked.connect(self._merge)
        self._merge()

    def _merge(self) -> None:
        self.outcome.setText(tr("Being merged …"))
        self._packing.merge(self._paths, self._key.text().strip())


def ask_merge(parent: QWidget, packing: Packing) -> None:
    """Files of readings that came home."""
    names, _ = QFileDialog.getOpenFileNames(parent, tr("Merge readings"), "", tr(READ_FILTER))
    if names:
        MergeDialog(packing, [Path(name) for name in names], parent).open()
