"""Many images at once: methods, the four ways of being right or wrong, and worklists one steps through."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.domain import DISCLAIMER
from cxr_desktop.domain.reasons import KINDS
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.study.confusion_view import ConfusionView
from cxr_desktop.ui.study.evaluating import Evaluating
from cxr_desktop.ui.study.figures_table import FiguresTable
from cxr_desktop.ui.study.reviewing import Reviewing
from cxr_desktop.ui.study.scatter_view import COLOURS, ScatterView
from cxr_desktop.ui.study.start_form import StartForm
from cxr_desktop.ui.study.units_table import UnitsTable
from cxr_desktop.ui.study.worklist_model import WorklistModel, shares_told
from cxr_desktop.ui.theme import INSET
from cxr_desktop.ui.translation import later, tr

SIZE = QSize(1460, 900)
"""Where the screen has room for it."""

LEGEND_LINES = 3
"""That it takes in the narrowest window."""

WAITING = later("Open a folder of results, or start an evaluation.")
PROTOCOLS = {
    "own": later("The model's own"),
    "tuned": later("Tuned on other patients"),
    "otsu": later("Otsu"),
    "best": later("Best for each box (upper bound)"),
}
"""Threshold protocols in words; others by their names."""

HOW = later(
    "Click a count or a point, or drag a rectangle round points, for a worklist. Enter or a double click "
    "shows a case "
    "in the viewer; Ctrl+PgDown and Ctrl+PgUp there go on to the next."
)


class StudyWindow(QDialog):
    """Stays open beside the main window, which shows the cases. unit_opened: one is to be looked into."""

    unit_opened = Signal(object)

    def __init__(
        self, reviewing: Reviewing, evaluating: Evaluating, form: StartForm, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("studyWindow")
        self.setWindowTitle(tr("Many images"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SIZE.boundedTo(self.screen().availableSize()))
        self._reviewing, self._model = reviewing, reviewing.model
        self._form = form
        self._scatter, self._confusion = ScatterView(self._model), ConfusionView(self._model)
        self._figures = FiguresTable(self._model, reviewing.title_of)
        self._rows = WorklistModel(self._model)
        self._build()
        self._lay_out()
        self._connect(evaluating)
        self._refresh()
        self._show_worklist()

    def _build(self) -> None:
        self._open = named(QPushButton(tr("Open results…"), autoDefault=False), "studyOpen")
        self._title = named(QLabel(), "studyTitle")
        self._title.setProperty("role", "strong")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._problem = note(role="refusal", name="studyRefused")
        self._problem.hide()
        self._target = named(QComboBox(), "studyTarget")
        self._target.setMinimumWidth(150)
        self._protocol = named(QComboBox(), "studyProtocol")
        self._protocol.setMinimumWidth(265)
        self._protocol.setToolTip(tr("By which rule the threshold of each map was chosen"))
        self._limit = named(
            QDoubleSpinBox(minimum=0.01, maximum=1.0, singleStep=0.05, decimals=2), "studyLimit"
        )
        self._limit.lineEdit().setTextMargins(*INSET)
        self._limit.setAccessibleName(tr("Looked there from this IoU on"))
        self._pointing = named(QCheckBox(tr("by the map's maximum")), "studyPointing")
        self._heading = named(QLabel(), "studyWorklistTitle")
        self._heading.setProperty("role", "strong")
        self._shares = note(name="studyShares")
        self._all = named(QPushButton(tr("All images"), autoDefault=False), "studyAll")
        self._show = named(QPushButton(tr("Show in viewer"), autoDefault=False), "studyShow")
        self._show.setProperty("role", "primary")
        self._list = named(QTableView(), "studyWorklist")
        self._list.setTabKeyNavigation(False)
        self._list.setAccessibleName(tr("Worklist"))
        self._list.setModel(self._rows)
        self._list.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setShowGrid(False)
        self._list.verticalHeader().hide()
        header = self._list.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self._pages = named(QTabWidget(), "studyPages")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._open)
        left = QSplitter(Qt.Orientation.Vertical)
        left.addWidget(_column(tr("Probability against overlap"), self._scatter, _legend()))
        below = named(QTabWidget(), "studyTables")
        below.addTab(self._figures, tr("Methods"))
        units = UnitsTable(self._model)
        units.opened.connect(self.unit_opened)
        below.addTab(units, tr("Units that carry the wrong reason"))
        left.addWidget(below)
        left.setSizes([500, 250])
        right = QSplitter(Qt.Orientation.Vertical)
        right.addWidget(_column(tr("Right or wrong, looked there or elsewhere"), self._confusion))
        right.addWidget(_column(tr("Worklist"), self._bar(), self._shares, self._list))
        right.setSizes([240, 520])
        right.setContentsMargins(8, 0, 0, 0)
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.addWidget(left)
        sides.addWidget(right)
        sides.setSizes([550, 880])
        for splitter in (left, right, sides):
            splitter.setChildrenCollapsible(False)
        results = QWidget()
        page = QVBoxLayout(results)
        page.setContentsMargins(0, 8, 0, 0)
        page.addLayout(self._controls())
        page.addWidget(sides, 1)
        self._pages.addTab(results, tr("Results"))
        self._pages.addTab(self._form, tr("New evaluation"))
        foot = QHBoxLayout()
        foot.addWidget(note(tr(HOW)), 1)
        warning = QLabel(DISCLAIMER)
        warning.setProperty("role", "disclaimer")
        foot.addWidget(warning, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 10)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addWidget(self._problem)
        layout.addWidget(self._pages, 1)
        layout.addLayout(foot)

    def _controls(self) -> QHBoxLayout:
        """By what the cases are judged."""
        row = QHBoxLayout()
        for caption, widget in (
            (tr("Label"), self._target),
            (tr("Thresholds"), self._protocol),
            (tr("Looked there from IoU"), self._limit),
        ):
            label = QLabel(caption)
            label.setProperty("role", "muted")
            label.setBuddy(widget)
            row.addWidget(label)
            row.addWidget(widget)
            row.addSpacing(8)
        row.addWidget(self._pointing)
        row.addStretch(1)
        return row

    def _bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._heading, 1)
        row.addWidget(self._all)
        row.addWidget(self._show)
        return bar

    def _connect(self, evaluating: Evaluating) -> None:
        model, reviewing = self._model, self._reviewing
        self._open.clicked.connect(self._ask_folder)
        self._target.textActivated.connect(model.set_target)
        self._protocol.activated.connect(lambda: model.set_protocol(self._protocol.currentData()))
        self._limit.valueChanged.connect(model.set_limit)
        self._pointing.toggled.connect(model.set_pointing)
        self._all.clicked.connect(model.show_all)
        self._show.clicked.connect(self._open_current)
        self._scatter.opened.connect(reviewing.open_case)
        self._list.doubleClicked.connect(self._open_row)
        self._list.selectionModel().currentChanged.connect(
            lambda index: model.set_current(self._rows.case(index.row())) if index.isValid() else None
        )
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shortcut = QShortcut(QKeySequence(key), self._list, context=Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self._open_current)
        for keys, by in (("Ctrl+PgDown", 1), ("Ctrl+PgUp", -1)):
            QShortcut(QKeySequence(keys), self).activated.connect(lambda by=by: reviewing.step(by))
        for signal in (model.results_changed, model.shown_changed):
            signal.connect(self._refresh)
        model.worklist_changed.connect(self._show_worklist)
        model.current_changed.connect(self._mark_current)
        reviewing.failed.connect(self._refuse)
        evaluating.finished.connect(self._finished)

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Open a folder of results"))
        if name:
            self._reviewing.open_folder(Path(name))

    def _finished(self, folder: Path) -> None:
        self._reviewing.open_folder(folder)
        self._pages.setCurrentIndex(0)

    def _refuse(self, reason: str) -> None:
        self._problem.setText(reason)
        self._problem.show()

    def _refresh(self) -> None:
        model = self._model
        results = model.results
        self._problem.hide()
        self._title.setText(
            tr("{method} for {target} · {model}").format(
                method=self._reviewing.title_of(model.method), target=model.target, model=results.model
            )
            if results
            else tr(WAITING)
        )
        self._title.setToolTip(str(results.folder) if results else "")
        self._target.clear()
        self._target.addItems(results.targets if results else ())
        self._target.setCurrentText(model.target)
        self._protocol.clear()
        for one in model.protocols:
            self._protocol.addItem(tr(PROTOCOLS.get(one.name, one.title)), one.name)
        self._protocol.setCurrentIndex(self._protocol.findData(model.protocol))
        self._protocol.setEnabled(len(model.protocols) > 1)
        for widget in (self._target, self._limit, self._pointing):
            widget.setEnabled(results is not None)
        self._limit.setEnabled(results is not None and not model.rule.pointing)
        self._limit.setValue(model.rule.iou)
        self._pointing.setChecked(model.rule.pointing)

    def _show_worklist(self) -> None:
        count = len(self._model.worklist)
        self._heading.setText(
            tr("{title}: {count} image{ending}").format(
                title=self._model.title, count=count, ending="" if count == 1 else "s"
            )
        )
        self._shares.setText(shares_told(self._model.worklist))
        self._all.setEnabled(self._model.results is not None)
        self._show.setEnabled(count > 0)
        self._mark_current()

    def _mark_current(self) -> None:
        row = self._rows.row_of(self._model.current)
        if row is not None and row != self._list.currentIndex().row():
            self._list.setCurrentIndex(self._rows.index(row, 0))

    def _open_row(self, index: QModelIndex) -> None:
        case = self._rows.case(index.row())
        if case is not None:
            self._reviewing.open_case(case)

    def _open_current(self) -> None:
        if self._model.current is not None:
            self._reviewing.open_case(self._model.current)


def _column(title: str, *widgets: QWidget) -> QWidget:
    heading = QLabel(title.upper())
    heading.setProperty("role", "heading")
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(4, 8, 4, 4)
    layout.setSpacing(6)
    layout.addWidget(heading)
    for widget in widgets:
        layout.addWidget(widget, int(isinstance(widget, ScatterView | QTableView | ConfusionView)))
    return column


def _legend() -> QWidget:
    label = named(
        QLabel(
            "&nbsp;&nbsp; ".join(
                f'<span style="color: {colour.name()}">●</span>&nbsp;{name.replace(" ", "&nbsp;")}'
                for name, colour in zip(KINDS, COLOURS, strict=True)
            )
        ),
        "studyLegend",
    )
    label.setProperty("role", "small")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setMinimumHeight(LEGEND_LINES * label.fontMetrics().lineSpacing())
    return label
