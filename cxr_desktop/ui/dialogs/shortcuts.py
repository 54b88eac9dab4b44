"""A page to give actions other keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.ui.actions import ACTIONS, ActionSpec
from cxr_desktop.ui.fuzzy import fit
from cxr_desktop.ui.keymap import KeyMap
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.translation import tr

_ROLE = Qt.ItemDataRole.UserRole


class ShortcutsDialog(QDialog):
    """Choose an action, press a key, assign it. Says before whose key would be taken."""

    def __init__(self, keymap: KeyMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcutsDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Change keys"))
        open_at(self, 600, 640)
        self._keymap = keymap
        self._search = named(QLineEdit(placeholderText=tr("Search actions …")), "shortcutSearch")
        self._search.textChanged.connect(self._filter)
        self._list = self._table()
        self._key = named(QKeySequenceEdit(), "shortcutKey")
        self._key.setMaximumSequenceLength(1)
        self._key.setClearButtonEnabled(True)
        self._key.keySequenceChanged.connect(self._check)
        self._assign = named(QPushButton(tr("Assign")), "shortcutAssign")
        self._assign.clicked.connect(self._give)
        self._clear = named(QPushButton(tr("No key")), "shortcutClear")
        self._clear.clicked.connect(lambda: self._change(keymap.clear))
        self._note = named(QLabel(), "shortcutNote")
        self._note.setWordWrap(True)
        self._lay_out()
        self._fill()
        self._check()

    @property
    def chosen(self) -> ActionSpec | None:
        item = self._list.currentItem()
        return item.data(0, _ROLE) if item else None

    def _table(self) -> QTreeWidget:
        table = named(QTreeWidget(), "shortcutList")
        table.setHeaderLabels([tr("Action"), tr("Menu"), tr("Keys")])
        table.setRootIsDecorated(False)
        table.header().setStretchLastSection(False)
        table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.currentItemChanged.connect(lambda _new, _old: self._check())
        return table

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(QLabel(tr("New key")))
        row.addWidget(self._key, 1)
        row.addWidget(self._assign)
        row.addWidget(self._clear)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        restore = named(QPushButton(tr("Restore all")), "shortcutRestore")
        restore.clicked.connect(self._restore)
        buttons.addButton(restore, QDialogButtonBox.ButtonRole.ResetRole)
        layout = QVBoxLayout(self)
        layout.addWidget(self._search)
        layout.addWidget(self._list, 1)
        layout.addLayout(row)
        layout.addWidget(self._note)
        layout.addWidget(buttons)

    def _fill(self) -> None:
        chosen = self.chosen
        self._list.clear()
        for spec in ACTIONS:
            item = QTreeWidgetItem([spec.title.rstrip("…"), spec.menu_title, ""])
            keys = self._keymap.told(spec)
            item.setText(2, f"{keys} *" if self._keymap.is_own(spec) else keys)
            item.setData(0, _ROLE, spec)
            self._list.addTopLevelItem(item)
            if chosen is not None and spec.id == chosen.id:
                self._list.setCurrentItem(item)
        self._filter(self._search.text())

    def _filter(self, query: str) -> None:
        for row in range(self._list.topLevelItemCount()):
            item = self._list.topLevelItem(row)
            assert item is not None
            item.setHidden(fit(query, item.text(0)) is None)

    def _check(self) -> None:
        """Say what assigning would do, and allow it only where it makes sense."""
        key, spec = self._typed(), self.chosen
        refusal = tr("Choose an action.") if spec is None else self._keymap.refusal(key)
        holder = self._keymap.holder(key) if key else None
        note = refusal
        if not refusal and spec is not None and holder is not None and holder.id != spec.id:
            note = tr("Now used by '{rstrip}', which would lose it.").format(rstrip=holder.text.rstrip("…"))
        self._note.setText(note)
        self._assign.setEnabled(not refusal)
        self._clear.setEnabled(spec is not None)

    def _typed(self) -> str:
        return self._key.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    def _give(self) -> None:
        key = self._typed()
        self._change(lambda spec: self._keymap.assign(spec, key))

    def _change(self, change: Callable[[ActionSpec], None]) -> None:
        spec = self.chosen
        if spec is not None:
            change(spec)
            self._key.clear()
            self._fill()
            self._check()

    def _restore(self) -> None:
        self._keymap.restore()
        self._fill()
        self._check()
