"""All DICOM tags of the image on screen, with a search."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.ui.naming import named
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.tag_reading import TagReading
from cxr_desktop.ui.translation import later, tr

if TYPE_CHECKING:
    from cxr_desktop.dicom.tags import TagNode

COLUMNS = (later("Tag"), later("Name"), "VR", later("Value"))
TYPING_MS = 120
_TIP = 600
_SOUGHT = Qt.ItemDataRole.UserRole
_TAG = re.compile(r"\(?([0-9A-Fa-fxX]{4})[,\s]*([0-9A-Fa-fxX]{4})\)?")


class TagsDialog(QDialog):
    """Sequences as a tree; long values are elided, copied whole."""

    def __init__(self, reading: TagReading, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tagsDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("DICOM tags of {name}").format(name=path.name))
        open_at(self, 900, 700)
        self._model = QStandardItemModel(0, len(COLUMNS), self)
        self._model.setHorizontalHeaderLabels([tr(title) for title in COLUMNS])
        self._rows = QSortFilterProxyModel(self)
        self._rows.setSourceModel(self._model)
        self._rows.setRecursiveFilteringEnabled(True)
        self._rows.setAutoAcceptChildRows(True)
        self._rows.setFilterKeyColumn(0)
        self._rows.setFilterRole(_SOUGHT)
        self._rows.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._search = named(QLineEdit(placeholderText=tr("Search tags, names and values …")), "tagSearch")
        self._search.setClearButtonEnabled(True)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._filter)
        self._search.textChanged.connect(lambda _text: self._typing.start())
        self._tree = self._view()
        self._state = named(QLabel(tr("Reading …")), "tagState")
        self._state.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = named(QPushButton(tr("Copy selected")), "tagCopy")
        copy.clicked.connect(self.copy)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self._search, self._tree, self._state, buttons):
            layout.addWidget(widget)
        self.finished.connect(lambda _result: reading.cancel())
        reading.read(path, self._show, self._state.setText)

    def copy(self) -> None:
        """The selected rows, tab by tab, on the clipboard."""
        rows = sorted(self._tree.selectionModel().selectedRows(), key=_place)
        lines = [
            "\t".join(str(row.siblingAtColumn(c).data() or "") for c in range(len(COLUMNS))) for row in rows
        ]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _view(self) -> QTreeView:
        tree = named(QTreeView(), "tagTree")
        tree.setModel(self._rows)
        tree.setUniformRowHeights(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        for column, width in enumerate((190, 260, 44)):
            header.resizeSection(column, width)
        QShortcut(QKeySequence.StandardKey.Copy, tree, self.copy, context=Qt.ShortcutContext.WidgetShortcut)
        return tree

    def _show(self, nodes: Sequence[TagNode]) -> None:
        for node in nodes:
            self._model.appendRow(_row(node))
        self._filter()

    def _filter(self) -> None:
        query = _compact(self._search.text().strip())
        self._rows.setFilterFixedString(query)
        if query:
            self._tree.expandAll()
        count = self._rows.rowCount()
        self._state.setText(
            tr("{count} of {shown} elements").format(count=count, shown=self._model.rowCount())
            if query
            else tr("{count} elements").format(count=count)
        )


def _row(node: TagNode) -> list[QStandardItem]:
    row = [QStandardItem(text) for text in (node.tag, node.name, node.vr, node.value)]
    row[0].setData(
        "\n".join((node.tag, _compact(node.tag), node.name, _keyword(node.name), node.vr, node.value)),
        _SOUGHT,
    )
    for child in node.children:
        row[0].appendRow(_row(child))
    if len(node.value) > 40:
        row[3].setToolTip(node.value[:_TIP])
    return row


def _compact(text: str) -> str:
    """A tag as its eight digits, however it is written; other text as it is."""
    found = _TAG.fullmatch(text)
    return "".join(found.groups()) if found else text


def _keyword(name: str) -> str:
    """What the standard calls an element in one word, of its name: PatientName of Patient's Name."""
    return "".join(c for c in name.replace("'s", "") if c.isalnum())


def _place(index: QModelIndex) -> list[int]:
    """Rows from the root down, for the order of the screen."""
    rows: list[int] = []
    while index.isValid():
        rows.insert(0, index.row())
        index = index.parent()
    return rows
