"""Label sets: which one the number keys belong to, and sets of one's own."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.domain.label_set import KEYS, LabelSet
from cxr_desktop.ui.labelling import Labelling
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.translation import later, tr

COLUMNS = (later("Key"), later("Label"), later("Codes"))
ADVICE = later(
    "Double-click a label to write another. The first nine have the keys 1 to 9. A changed set is kept as one "
    "of your own; findings that carry another label keep it."
)


class LabelSetsDialog(QDialog):
    """A set to look at and to use; edited, it is saved under a title of its own."""

    def __init__(self, labelling: Labelling, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("labelSetsDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Label sets"))
        open_at(self, 620, 560)
        self._labelling, self._sets = labelling, labelling.sets
        self._choice = named(QComboBox(), "labelSet")
        self._choice.setAccessibleName(tr("Label set"))
        for one in self._sets:
            self._choice.addItem(one.title, one.id)
        self._table = _table()
        self._title = named(QLineEdit(placeholderText=tr("Title of your own set")), "labelSetTitle")
        self._title.setAccessibleName(tr("Title of your own set"))
        self._outcome = note(" ".join(labelling.problems), "refusal", "labelSetOutcome")
        self._outcome.setVisible(bool(labelling.problems))
        self._lay_out()
        labelling.saved.connect(self.accept)
        labelling.refused.connect(self._refuse)
        self._choice.currentIndexChanged.connect(self._show)
        self._choice.setCurrentIndex(max(0, self._choice.findData(labelling.chosen)))
        self._show()

    @property
    def names(self) -> list[str]:
        """The labels in the table, those left empty left out."""
        texts = (self._table.item(row, 1) for row in range(self._table.rowCount()))
        return [item.text().strip() for item in texts if item is not None and item.text().strip()]

    def _show(self) -> None:
        chosen = self._present()
        self._table.setRowCount(0)
        for label in chosen.labels:
            codes = ", ".join(f"{code.value} ({code.scheme})" for code in label.codes)
            self._add(label.name, codes)
        self._title.setText(tr("My {title}").format(title=chosen.title))

    def _present(self) -> LabelSet:
        return self._sets[max(0, self._choice.currentIndex())]

    def _add(self, name: str = "", codes: str = "") -> None:
        row = self._table.rowCount()
        self._table.insertRow(row)
        for column, text in enumerate((str(row + 1) if row < KEYS else "", name, codes)):
            item = QTableWidgetItem(text)
            if column != 1:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
            self._table.setItem(row, column, item)

    def _append(self) -> None:
        self._add()
        row = self._table.rowCount() - 1
        self._table.setCurrentCell(row, 1)
        item = self._table.item(row, 1)
        if item is not None:
            self._table.editItem(item)

    def _remove(self) -> None:
        if self._table.currentRow() >= 0:
            self._table.removeRow(self._table.currentRow())
            self._number()

    def _move(self, by: int) -> None:
        """The current label up or down: another number key."""
        row, other = self._table.currentRow(), self._table.currentRow() + by
        if not (0 <= row < self._table.rowCount() and 0 <= other < self._table.rowCount()):
            return
        for column in (1, 2):
            here, there = self._table.takeItem(row, column), self._table.takeItem(other, column)
            self._table.setItem(row, column, there)
            self._table.setItem(other, column, here)
        self._table.setCurrentCell(other, 1)

    def _number(self) -> None:
        for row in range(self._table.rowCount()):
            item = self._table.item(row, 0)
            if item is not None:
                item.setText(str(row + 1) if row < KEYS else "")

    def _use(self) -> None:
        if self.names == list(self._present().names):
            self._labelling.use(self._present().id)
            self.accept()
            return
        self._labelling.save(self._title.text(), self.names)

    def _refuse(self, problem: str) -> None:
        self._outcome.setText(problem)
        self._outcome.show()

    def _lay_out(self) -> None:
        edit = QHBoxLayout()
        for name, title, run in (
            ("labelAdd", tr("Add"), self._append),
            ("labelRemove", tr("Remove"), self._remove),
            ("labelUp", tr("Up"), lambda: self._move(-1)),
            ("labelDown", tr("Down"), lambda: self._move(1)),
        ):
            button = named(QPushButton(title, autoDefault=False), name)
            button.clicked.connect(run)
            edit.addWidget(button)
        edit.addWidget(self._title, 1)
        use = named(QPushButton(tr("Use this set"), autoDefault=False), "labelUse")
        use.setProperty("role", "primary")
        use.clicked.connect(self._use)
        close = QPushButton(tr("Cancel"), autoDefault=False)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(12)
        layout.addWidget(self._choice)
        layout.addWidget(self._table, 1)
        layout.addLayout(edit)
        layout.addWidget(note(tr(ADVICE)))
        layout.addWidget(self._outcome)
        layout.addLayout(buttons)


def _table() -> QTableWidget:
    table = named(QTableWidget(0, len(COLUMNS)), "labels")
    table.setTabKeyNavigation(False)
    table.setAccessibleName(tr("Labels of the set"))
    table.setHorizontalHeaderLabels([tr(title) for title in COLUMNS])
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.resizeSection(0, 48)
    header.resizeSection(1, 210)
    header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
    return table
