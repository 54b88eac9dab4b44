"""The study list on the left."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.domain import InstanceHeader
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.study_delegate import StudyDelegate
from cxr_desktop.ui.panels.study_list_model import ENTRY_ROLE, ImageEntry, StudyEntry, StudyListModel
from cxr_desktop.ui.translation import tr

LAID_OUT = 200


class StudyList(QWidget):
    """Search field, list, and the buttons that open more."""

    chosen = Signal(object)
    files_wanted = Signal()
    folder_wanted = Signal()
    forget_wanted = Signal(object)

    def __init__(self, model: StudyListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._current: Path | None = None
        self._search = named(QLineEdit(placeholderText=tr("Search patient, date, view …")), "studySearch")
        self._search.setAccessibleName(tr("Search the study list"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(model.search)
        self._view = named(QListView(), "studyList")
        self._view.setAccessibleName(tr("Studies"))
        self._view.setModel(model)
        self._view.setItemDelegate(StudyDelegate(model, self._view))
        self._view.setFrameShape(QFrame.Shape.NoFrame)
        self._view.setMouseTracking(True)
        self._view.setLayoutMode(QListView.LayoutMode.Batched)  # a long list is laid out piece by piece
        self._view.setBatchSize(LAID_OUT)
        self._view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._view.selectionModel().currentChanged.connect(self._choose)
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._view.customContextMenuRequested.connect(self._offer)
        model.modelReset.connect(self._mark_current)
        self._lay_out()

    def select(self, path: Path) -> None:
        """Make an image the chosen one."""
        row = self._model.row_of(path)
        if row is not None:
            index = self._model.index(row)
            self._view.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
            self._view.scrollTo(index)

    def step(self, by: int) -> None:
        """Choose the image `by` places further on."""
        headers = self._model.headers
        if not headers:
            return
        paths = [header.path for header in headers]
        at = paths.index(self._current) + by if self._current in paths else 0
        if 0 <= at < len(paths):
            self.select(paths[at])

    def choose_first(self, found: Iterable[object]) -> None:
        """Choose the first image of those just found; a search that would hide it goes."""
        first = next((item for item in found if isinstance(item, InstanceHeader)), None)
        if first is not None:
            if self._model.row_of(first.path) is None:
                self._search.clear()
            self.select(first.path)

    def focus_list(self) -> None:
        self._view.setFocus()

    def focus_search(self) -> None:
        self._search.setFocus()
        self._search.selectAll()

    def _lay_out(self) -> None:
        files = named(QPushButton(tr("Open files…")), "openFiles")
        files.clicked.connect(self.files_wanted)
        folder = named(QPushButton(tr("Folder…")), "openFolder")
        folder.clicked.connect(self.folder_wanted)
        buttons = QHBoxLayout()
        buttons.addWidget(files, 1)
        buttons.addWidget(folder, 1)
        top = QVBoxLayout()
        top.setContentsMargins(12, 12, 12, 8)
        top.setSpacing(8)
        top.addLayout(buttons)
        top.addWidget(self._search)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._view, 1)

    def _offer(self, at: QPoint) -> None:
        """The menu of a study or image; asked for by key, that of the chosen one."""
        index = self._view.indexAt(at)
        entry = (index if index.isValid() else self._view.currentIndex()).data(ENTRY_ROLE)
        if not isinstance(entry, StudyEntry | ImageEntry):
            return
        header = entry.study.first if isinstance(entry, StudyEntry) else entry.header
        menu = named(QMenu(self._view), "studyMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Remove study from library")).triggered.connect(
            lambda: self.forget_wanted.emit(header)
        )
        menu.popup(self._view.viewport().mapToGlobal(at))

    def _choose(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, ImageEntry) and entry.header.path != self._current:
            self._current = entry.header.path
            header: InstanceHeader = entry.header
            self.chosen.emit(header)

    def _mark_current(self) -> None:
        """Keep the choice visible after the list was built anew."""
        if self._current is not None:
            self.select(self._current)
