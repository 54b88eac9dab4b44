"""Studies on a server: asked for, chosen in a table, fetched and opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.ui.dialogs.nodes import NodesDialog
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.transferring import Progress, Transferring
from cxr_desktop.ui.translation import later, tr

if TYPE_CHECKING:
    from cxr_desktop.transfer.query import FoundStudy

COLUMNS = (
    later("Date"),
    later("Patient ID"),
    later("Name"),
    later("Modality"),
    later("Description"),
    later("Objects"),
)
WIDTHS = (100, 140, 220, 90, 250, 70)


class FindStudiesDialog(QDialog):
    """Criteria on top, the table below; what is fetched opens in the window."""

    def __init__(self, transferring: Transferring, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Find on a server"))
        open_at(self, 960, 600)
        self._transferring = transferring
        self._studies: tuple[FoundStudy, ...] = ()
        self._node = named(QComboBox(), "findNode")
        self._patient_id, self._name = named(QLineEdit(), "findPatientId"), named(QLineEdit(), "findName")
        self._date, self._accession = named(QLineEdit(), "findDate"), named(QLineEdit(), "findAccession")
        self._table = named(QTableWidget(0, len(COLUMNS)), "findTable")
        self._table.setTabKeyNavigation(False)
        self._bar = named(QProgressBar(textVisible=False, maximum=1000), "findProgress")
        self._outcome = note(name="findOutcome")
        self._find = named(QPushButton(tr("Find"), default=True), "findStart")
        self._fetch = named(QPushButton(tr("Fetch and open"), autoDefault=False), "findFetch")
        self._fetch.setProperty("role", "primary")
        self._build_table()
        self._lay_out()
        self._connect()
        self._list_nodes()
        self._bar.hide()
        self._patient_id.setFocus()

    def done(self, result: int) -> None:
        self._transferring.cancel()
        super().done(result)

    def _build_table(self) -> None:
        self._table.setHorizontalHeaderLabels([tr(title) for title in COLUMNS])
        self._table.verticalHeader().hide()
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setShowGrid(False)
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate(WIDTHS):
            header.resizeSection(column, width)
        header.setStretchLastSection(True)

    def _lay_out(self) -> None:
        nodes = named(QPushButton(tr("Nodes…"), autoDefault=False), "findNodes")
        nodes.clicked.connect(lambda: NodesDialog(self._transferring, self).open())
        self._name.setPlaceholderText(tr("Family name first; * for anything"))
        self._date.setPlaceholderText(tr("2024-01-31 or 2024-01-01..2024-01-31"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        for row, column, text, widget in (
            (0, 0, tr("Server"), self._node), (0, 3, tr("Date"), self._date),
            (1, 0, tr("Patient ID"), self._patient_id), (1, 3, tr("Accession"), self._accession),
            (2, 0, tr("Name"), self._name),
        ):  # fmt: skip
            grid.addWidget(QLabel(text), row, column)
            grid.addWidget(widget, row, column + 1)
        grid.addWidget(nodes, 0, 2)
        grid.addWidget(self._find, 2, 4, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(4, 1)
        close = QPushButton(tr("Close"), autoDefault=False)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self._fetch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(12)
        layout.addLayout(grid)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._bar)
        layout.addWidget(self._outcome)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self._find.clicked.connect(self._ask)
        self._fetch.clicked.connect(self._get)
        self._table.itemDoubleClicked.connect(lambda _item: self._get())
        self._table.itemSelectionChanged.connect(self._check)
        self._transferring.nodes_changed.connect(self._list_nodes)
        self._transferring.found.connect(self._show)
        self._transferring.progressed.connect(self._show_progress)
        self._transferring.fetched.connect(self._opened)
        self._transferring.failed.connect(self._tell)

    def _list_nodes(self) -> None:
        chosen = self._node.currentText()
        self._node.clear()
        self._node.addItems([node.name for node in self._transferring.book.nodes])
        self._node.setCurrentIndex(max(self._node.findText(chosen), 0))
        self._outcome.setText(
            ""
            if self._node.currentText()
            else tr("No node is known yet. Add one with the button beside the list.")
        )
        self._check()

    def _check(self) -> None:
        self._find.setEnabled(bool(self._node.currentText()))
        self._fetch.setEnabled(bool(self._rows()))

    def _rows(self) -> list[int]:
        return sorted({index.row() for index in self._table.selectionModel().selectedRows()})

    def _ask(self) -> None:
        from cxr_desktop.transfer.query import Query

        try:
            query = Query(
                self._patient_id.text(), self._name.text(), self._date.text(), self._accession.text()
            )
        except ValueError as error:
            self._tell(f"{str(error)[0].upper()}{str(error)[1:]}.")
            return
        self._tell(tr("Asking {node} …").format(node=self._node.currentText()))
        self._transferring.find(self._node.currentText(), query)

    def _show(self, studies: Sequence[FoundStudy]) -> None:
        self._studies = tuple(studies)
        self._table.setRowCount(len(studies))
        for row, study in enumerate(studies):
            for column, text in enumerate(_cells(study)):
                self._table.setItem(row, column, QTableWidgetItem(text))
        count = (
            tr("No study")
            if not studies
            else tr("1 study")
            if len(studies) == 1
            else f"{len(studies)} studies"
        )
        self._tell(tr("{count} found.").format(count=count))
        if studies:
            self._table.selectRow(0)
            self._table.setFocus()

    def _get(self) -> None:
        chosen = [self._studies[row].study_uid for row in self._rows()]
        if chosen:
            self._tell(tr("Fetching …"))
            self._bar.setValue(0)
            self._bar.show()
            self._transferring.fetch(self._node.currentText(), chosen)

    def _show_progress(self, progress: Progress) -> None:
        self._bar.setValue(round(1000 * progress.share))
        self._outcome.setText(progress.text)

    def _opened(self, _files: object) -> None:
        self.accept()

    def _tell(self, sentence: str) -> None:
        self._bar.hide()
        self._outcome.setText(sentence)


def _cells(study: FoundStudy) -> tuple[str, ...]:
    date = study.date
    return (
        f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 else date,
        study.patient_id,
        study.patient_name.partition("=")[0].replace("^", " ").strip(),
        ", ".join(study.modalities),
        study.description,
        "" if study.instances is None else str(study.instances),
    )
