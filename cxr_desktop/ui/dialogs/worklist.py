"""The library's cases with filters; Enter opens one, and the list stays beside the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.panels.study_list_model import person
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.working import Working
from cxr_desktop.ui.worklist import Choice, Filter, WorkCase

COLUMNS = (
    (later("Case"), later("Patient and file")),
    (later("Mine"), later("How far your reading has come")),
    (later("Readers"), later("How many have committed a reading")),
    (later("Agreement"), later("The lowest F1 of two readers at an IoU of 0.5")),
    (later("Network"), later("What the evaluation said")),
)
ANY_LABEL, HIDDEN = later("Any label"), later("hidden")
Index = QModelIndex | QPersistentModelIndex


class WorklistDialog(QDialog):
    """Not modal: the case is read in the window."""

    def __init__(self, working: Working, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("worklistDialog")
        self.setWindowTitle(tr("Worklist"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        open_at(self, 720, 620)
        self._working = working
        self._model = _Cases(working, self)
        self._filter = named(QComboBox(), "worklistFilter")
        self._filter.setAccessibleName(tr("Which cases"))
        self._filter.addItems([one.value for one in Filter])
        self._label = named(QComboBox(), "worklistLabel")
        self._label.setAccessibleName(tr("Label"))
        self._label.addItem(tr(ANY_LABEL))
        self._words = named(QLineEdit(placeholderText=tr("Search patient or file …")), "worklistSearch")
        self._table = _table(self._model)
        self._count = note(name="worklistCount")
        self._lay_out()
        self._filter.currentIndexChanged.connect(self._choose)
        self._label.currentIndexChanged.connect(self._choose)
        self._words.textChanged.connect(self._choose)
        self._table.activated.connect(self._open)
        working.changed.connect(self._refresh)
        self._choose()
        working.load()

    def _lay_out(self) -> None:
        evaluation = named(QPushButton(tr("Evaluation…")), "worklistEvaluation")
        evaluation.setToolTip(tr("A folder that 'evaluate' wrote: what the network said of these images"))
        evaluation.setAutoDefault(False)
        evaluation.clicked.connect(self._ask_evaluation)
        top = QHBoxLayout()
        for widget in (self._filter, self._label):
            top.addWidget(widget)
        top.addWidget(self._words, 1)
        top.addWidget(evaluation)
        close = QPushButton(tr("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        bottom = QHBoxLayout()
        bottom.addWidget(self._count, 1)
        bottom.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self._table, 1)
        layout.addLayout(bottom)

    def _choose(self) -> None:
        label = self._label.currentText() if self._label.currentIndex() > 0 else ""
        self._working.choose(Choice(Filter(self._filter.currentText()), label, self._words.text()))

    def _refresh(self) -> None:
        working = self._working
        names = sorted({n for case in working.cases for n in case.labels(working.reader, working.blinded)})
        if names != [self._label.itemText(n) for n in range(1, self._label.count())]:
            self._offer_labels(names)
        self._model.renew()
        self._count.setText(
            tr("{shown} of {count} cases").format(shown=self._model.rowCount(), count=len(working.cases))
        )

    def _offer_labels(self, names: list[str]) -> None:
        kept = self._label.currentText()
        self._label.blockSignals(True)
        self._label.clear()
        self._label.addItems([tr(ANY_LABEL), *names])
        self._label.setCurrentIndex(max(self._label.findText(kept), 0))
        self._label.blockSignals(False)
        self._choose()

    def _open(self, index: QModelIndex) -> None:
        self._working.open(self._model.case(index.row()))

    def _ask_evaluation(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder that 'evaluate' wrote"))
        if name:
            self._working.use_evaluation(Path(name))


class _Cases(QAbstractTableModel):
    """The cases that are shown, as cells."""

    def __init__(self, working: Working, parent: QWidget) -> None:
        super().__init__(parent)
        self._working = working
        self._shown: tuple[WorkCase, ...] = ()

    def renew(self) -> None:
        if self._shown != self._working.shown:
            self.beginResetModel()
            self._shown = self._working.shown
            self.endResetModel()

    def case(self, row: int) -> WorkCase:
        return self._shown[row]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index | None = None) -> int:
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(COLUMNS[section][0])
        return tr(COLUMNS[section][1]) if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = 0) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        return _cells(self._shown[index.row()], self._working.reader, self._working.blinded)[index.column()]


def _cells(case: WorkCase, reader: str, blinded: bool) -> tuple[str, ...]:
    header = case.header
    who = person(header.patient_name) or header.patient_id
    name = " · ".join(part for part in (who, header.path.name) if part)
    if case.hidden_from(reader, blinded):
        return name, case.state(reader), tr(HIDDEN), tr(HIDDEN), tr(HIDDEN)
    agreement = "" if case.agreement is None else f"{case.agreement:.2f}"
    return name, case.state(reader), str(len(case.settled)), agreement, _network(case)


def _network(case: WorkCase) -> str:
    found = case.network
    if found is None:
        return ""
    said = f"{found.target} {found.score:.2f}"
    if found.wrong_reason:
        return tr("{said}, looked elsewhere").format(said=said)
    return tr("{said}, disagrees").format(said=said) if case.network_disagrees else said


def _table(model: QAbstractTableModel) -> QTableView:
    table = named(QTableView(), "worklistTable")
    table.setTabKeyNavigation(False)
    table.setAccessibleName(tr("Cases"))
    table.setModel(model)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(28)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column, width in ((1, 96), (2, 70), (3, 86), (4, 190)):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(column, width)
    return table
