"""Right or wrong against looked there or elsewhere: counts that open worklists."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from cxr_desktop.domain.reasons import Look, Outcome
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.study.results_model import OUTCOMES, Cell, ResultsModel
from cxr_desktop.ui.translation import tr

PLACES = {
    Outcome.TRUE_POSITIVE: (Look.THERE, Look.ELSEWHERE, Look.NO_PLACE),
    Outcome.FALSE_NEGATIVE: (Look.THERE, Look.ELSEWHERE, Look.NO_PLACE),
    Outcome.FALSE_POSITIVE: (Look.NO_PLACE,),
    Outcome.TRUE_NEGATIVE: (Look.NO_PLACE,),
}
"""Cells that can hold images: without the finding there is no box."""

TINTS = {
    (Outcome.TRUE_POSITIVE, Look.THERE): "good",
    (Outcome.TRUE_POSITIVE, Look.ELSEWHERE): "caution",
    (Outcome.FALSE_NEGATIVE, Look.THERE): "doubt",
    (Outcome.FALSE_NEGATIVE, Look.ELSEWHERE): "miss",
}


class ConfusionView(QWidget):
    """A button a cell; the chosen one stays pressed."""

    def __init__(self, model: ResultsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("studyConfusion")
        self._model = model
        self._buttons: dict[Cell, QPushButton] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        for column, look in enumerate(Look):
            grid.addWidget(_caption(str(look).capitalize()), 0, column + 1, Qt.AlignmentFlag.AlignHCenter)
            grid.setColumnStretch(column + 1, 1)
        for row, outcome in enumerate(OUTCOMES):
            grid.addWidget(_caption(str(outcome).capitalize()), row + 1, 0, Qt.AlignmentFlag.AlignRight)
            for look in PLACES[outcome]:
                grid.addWidget(self._button((outcome, look)), row + 1, list(Look).index(look) + 1)
        for signal in (model.shown_changed, model.worklist_changed):
            signal.connect(self._refresh)
        self._refresh()

    def _button(self, cell: Cell) -> QPushButton:
        outcome, look = cell
        button = named(QPushButton("0", autoDefault=False), f"cell:{outcome}:{look}")
        button.setCheckable(True)
        button.setProperty("role", "cell")
        button.setProperty("tint", TINTS.get(cell, ""))
        button.clicked.connect(lambda: self._model.choose_cell(outcome, look))
        self._buttons[cell] = button
        return button

    def _refresh(self) -> None:
        counts = self._model.counts
        for cell, button in self._buttons.items():
            count = counts.get(cell, 0)
            button.setText(str(count))
            button.setAccessibleName(
                tr("{looked}, {right}: {count} images").format(looked=cell[0], right=cell[1], count=count)
            )
            button.setToolTip(
                tr("{looked}, {right}: list these images").format(looked=cell[0], right=cell[1])
            )
            button.setEnabled(count > 0)
            button.setChecked(cell == self._model.cell)


def _caption(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label
