"""Channels that carry more of the relevance where the network looked elsewhere than where it looked there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from cxr_desktop.domain.reasons import UnitFigures
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.study.results_model import ResultsModel
from cxr_desktop.ui.translation import later, tr

HEAD = (later("Unit"), later("Layer"), later("Elsewhere"), later("There"), later("Difference (95 %)"))
NONE = later(
    "No units were followed: that takes images where the network looked at the finding and others where it looked "
    "elsewhere, and a network that RAP has rules for."
)


class UnitsTable(QWidget):
    """A row a unit, those with the largest difference first; above them what was compared.

    opened (unit): it is to be looked into, by a double click or Enter.
    """

    opened = Signal(object)

    def __init__(self, model: ResultsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._told = note(name="studyUnitsTold")
        self._rows = QStandardItemModel(0, len(HEAD), self)
        self._table = named(QTableView(), "studyUnits")
        self._table.setAccessibleName(tr("Units that carry the wrong reason"))
        self._table.setModel(self._rows)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setTabKeyNavigation(False)
        self._table.setShowGrid(False)
        self._table.verticalHeader().hide()
        self._table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.doubleClicked.connect(lambda index: self._open(index.row()))
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shortcut = QShortcut(QKeySequence(key), self._table, context=Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(lambda: self._open(self._table.currentIndex().row()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self._told)
        layout.addWidget(self._table, 1)
        for signal in (model.results_changed, model.shown_changed):
            signal.connect(self._fill)
        self._fill()

    def _open(self, row: int) -> None:
        if 0 <= row < len(self._model.units):
            self.opened.emit(self._model.units[row])

    def _fill(self) -> None:
        units = self._model.units
        self._rows.removeRows(0, self._rows.rowCount())
        self._rows.setHorizontalHeaderLabels([tr(title) for title in HEAD])
        for unit in units:
            items = [QStandardItem(text) for text in _cells(unit)]
            for item in (items[0], items[2], items[3]):
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._rows.appendRow(items)
        self._told.setText(_compared(units[0]) if units else tr(NONE) if self._model.results else "")
        self._table.setVisible(bool(units))


def _compared(unit: UnitFigures) -> str:
    return tr(
        "Share of a layer's relevance for {target} that passes a unit, on average of {images_elsewhere} "
        "images predicted positive but judged by something else, and of {images_there} judged by the "
        "finding. A few of many units: some stand out by chance. A double click looks into one, on the "
        "present case if it was predicted."
    ).format(target=unit.target, images_elsewhere=unit.images_elsewhere, images_there=unit.images_there)


def _cells(unit: UnitFigures) -> tuple[str, ...]:
    value, low, high = unit.difference
    return (
        *(str(unit.channel), unit.layer, f"{unit.elsewhere:.2%}", f"{unit.there:.2%}"),
        tr("{value:+.2%} ({low:+.2%} to {high:+.2%})").format(value=value, low=low, high=high),
    )
