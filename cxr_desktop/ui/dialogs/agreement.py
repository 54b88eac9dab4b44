"""How far all readers of the library agree, in two tables; written to a folder on request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.ui.agreeing import Agreeing
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.translation import later, tr

if TYPE_CHECKING:
    from cxr_desktop.cohort.agreement import Agreement
    from cxr_desktop.localization.agreement import Estimate

PAIRS = (
    later("Label"),
    later("Readers"),
    later("Images"),
    later("Boxes"),
    later("Cohen's kappa"),
    later("Matched IoU"),
    "F1",
)
GROUPS = (
    later("Label"),
    later("Images read by all"),
    later("Fleiss' kappa"),
    later("Krippendorff's alpha"),
    later("Alpha of counts"),
)
WAITING = later("Comparing the readings in the library …")
FILTER = later("Boxes (*.csv *.tsv *.json *.xml);;Every file (*)")
ROW, MOST_ROWS = 26, 9


class AgreementDialog(QDialog):
    """Measures when it opens and whenever readings were imported."""

    def __init__(self, agreeing: Agreeing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("agreementDialog")
        self.setWindowTitle(tr("Agreement of readers"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        open_at(self, 960, 560)
        self._agreeing = agreeing
        self._lead = note(tr(WAITING), role="strong", name="agreementLead")
        self._pairs, self._groups = _table("agreementPairs", PAIRS), _table("agreementGroups", GROUPS)
        self._notes = note(name="agreementNotes")
        self._folder = named(QLineEdit(str(Path.home() / "agreement")), "agreementFolder")
        self._folder.setAccessibleName(tr("Folder of the tables"))
        self._export = named(QPushButton(tr("Export")), "agreementExport")
        self._export.setProperty("role", "primary")
        self._export.clicked.connect(self._write)
        self._outcome = note(name="agreementOutcome")
        self._lay_out()
        agreeing.changed.connect(self._refresh)
        agreeing.exported.connect(self._written)
        agreeing.imported.connect(agreeing.measure)
        self._refresh()
        agreeing.measure()

    def _lay_out(self) -> None:
        more = named(QPushButton(tr("Import readings…")), "agreementImport")
        more.clicked.connect(lambda: ask_readings(self, self._agreeing))
        browse, close = QPushButton(tr("Browse…")), QPushButton(tr("Close"))
        browse.clicked.connect(self._browse)
        close.clicked.connect(self.reject)
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self._lead, 1)
        top.addWidget(more)
        bottom.addWidget(self._folder, 1)
        for button in (browse, self._export, close):
            bottom.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 16, 22, 16)
        layout.setSpacing(12)
        layout.addLayout(top)
        for widget in (self._pairs, self._groups, self._notes):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self._outcome)
        layout.addLayout(bottom)

    def _refresh(self) -> None:
        found, problem = self._agreeing.agreement, self._agreeing.problem
        self._export.setEnabled(found is not None)
        for widget in (self._pairs, self._groups, self._notes):
            widget.setVisible(found is not None)
        if problem:
            self._outcome.setText(problem)
        if found is None:
            self._lead.setText("" if problem else tr(WAITING))
            return
        readers, images = len(found.study.readers), len(found.consensus)
        self._lead.setText(
            tr("{readers} readers, {images} image{ending} read by two or more of them").format(
                readers=readers, images=images, ending="" if images == 1 else "s"
            )
        )
        _fill(self._pairs, _pair_rows(found))
        _fill(self._groups, _group_rows(found))
        limits = tr(
            "In brackets: 95 % intervals by resampling images. – : not defined, as where all say the same."
        )
        f1 = tr("F1 counts boxes with an IoU of at least {limit:g}.").format(limit=found.limit)
        self._notes.setText(" ".join((f1, limits, *found.notes)))

    def _browse(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder of the tables"), self._folder.text())
        if name:
            self._folder.setText(name)

    def _write(self) -> None:
        self._agreeing.export(Path(self._folder.text().strip()).expanduser())

    def _written(self, files: Sequence[Path]) -> None:
        names = ", ".join(path.name for path in files)
        self._outcome.setText(tr("Written to {parent}: {names}").format(parent=files[0].parent, names=names))


def ask_readings(parent: QWidget, agreeing: Agreeing) -> None:
    """Files of boxes whose readers become readers of the library."""
    names, _ = QFileDialog.getOpenFileNames(
        parent, tr("Import readings of the listed images"), "", tr(FILTER)
    )
    if names:
        agreeing.import_files([Path(name) for name in names])


def _pair_rows(found: Agreement) -> list[tuple[str, ...]]:
    return [
        (
            *(row.label, f"{row.a} – {row.b}", str(row.images), f"{row.boxes_a} – {row.boxes_b}"),
            *(_told(row.kappa), _told(row.iou), _told(row.found.f1)),
        )
        for row in found.pairs
    ]


def _group_rows(found: Agreement) -> list[tuple[str, ...]]:
    return [
        (row.label, str(row.images), _told(row.fleiss), _told(row.alpha), _told(row.alpha_count))
        for row in found.groups
    ]


def _told(estimate: Estimate) -> str:
    if not estimate.defined:
        return "–"
    if estimate.low != estimate.low:
        return f"{estimate.value:.2f}"
    return tr("{value:.2f} ({low:.2f} to {high:.2f})").format(
        value=estimate.value, low=estimate.low, high=estimate.high
    )


def _table(name: str, head: tuple[str, ...]) -> QTableWidget:
    table = named(QTableWidget(0, len(head)), name)
    table.setTabKeyNavigation(False)
    table.setHorizontalHeaderLabels([tr(title) for title in head])
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(ROW)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setMinimumSectionSize(96)
    table.horizontalHeader().setStretchLastSection(True)
    return table


def _fill(table: QTableWidget, rows: Sequence[tuple[str, ...]]) -> None:
    table.setRowCount(len(rows))
    for place, row in enumerate(rows):
        for column, text in enumerate(row):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            table.setItem(place, column, item)
    shown = min(len(rows), MOST_ROWS)
    table.setFixedHeight(ROW * shown + table.horizontalHeader().sizeHint().height() + 4)
