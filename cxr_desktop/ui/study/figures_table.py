"""Methods by how well their boxes meet the readers'."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from cxr_desktop.domain.reasons import MethodFigures
from cxr_desktop.ui.study.results_model import ResultsModel
from cxr_desktop.ui.translation import later, tr

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
HEAD = (later("Method"), later("Boxes"), later("Mean IoU (95 %)"), later("Pointing (95 %)"))


class FiguresTable(QTableView):
    """A row a method, the best first; choosing one shows its cases. Baselines cannot be chosen.

    title: a method as the window calls it; what the written tables call it is told under the mouse.
    """

    def __init__(
        self, model: ResultsModel, title: Callable[[str], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("studyFigures")
        self.setAccessibleName(tr("Methods"))
        self._model, self._title = model, title
        self._rows = QStandardItemModel(0, len(HEAD), self)
        self.setModel(self._rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setDefaultAlignment(_LEFT)
        self.selectionModel().currentChanged.connect(lambda index: self._choose(index.row()))
        for signal in (model.results_changed, model.protocol_changed):
            signal.connect(self._fill)
        model.shown_changed.connect(self._mark)
        self._fill()

    def _fill(self) -> None:
        self._rows.removeRows(0, self._rows.rowCount())
        self._rows.setHorizontalHeaderLabels([tr(title) for title in HEAD])
        for one in self._model.figures:
            cells = [self._title(one.method), str(one.boxes), _interval(one.iou), _interval(one.pointing)]
            items = [QStandardItem(text) for text in cells]
            items[0].setToolTip(one.method)
            for item in items:
                item.setEnabled(self._selectable(one))
            self._rows.appendRow(items)
        self.resizeColumnsToContents()
        self._mark()

    def _mark(self) -> None:
        methods = [one.method for one in self._model.figures]
        if self._model.method in methods:
            self.selectRow(methods.index(self._model.method))

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._model.figures):
            self._model.set_method(self._model.figures[row].method)

    def _selectable(self, one: MethodFigures) -> bool:
        return self._model.results is not None and one.method in self._model.results.methods

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab leaves the table instead of walking its cells."""
        return QWidget.focusNextPrevChild(self, forward)


def _interval(values: tuple[float, float, float]) -> str:
    value, low, high = values
    return (
        "–"
        if value != value
        else tr("{value:.2f} ({low:.2f} to {high:.2f})").format(value=value, low=low, high=high)
    )
