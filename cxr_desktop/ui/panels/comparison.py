"""Boxes and how they overlap, live while one is drawn."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from cxr_desktop.domain.region_overlap import MaskRegion
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.comparison_model import Pair, pairs
from cxr_desktop.ui.panels.section import Section, note
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.session import CutMap, Session
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.mark_style import NETWORK_COLOUR, READER_COLOUR, REFERENCE_COLOUR

_COLOURS = {"network": NETWORK_COLOUR, "reader": READER_COLOUR, "reference": REFERENCE_COLOUR}
_PLAIN, _MARKED, _CLEAR = QColor("#d3d9e1"), QColor("#1f3a49"), QColor(0, 0, 0, 0)
COLUMNS = (
    (later("Box"), later("A box of the reader or of the reference")),
    (later("Against"), later("The box of the other kind that overlaps it most")),
    (later("IoU"), later("Intersection over union: 1 is the same box, 0 no overlap")),
    (later("IoBB"), later("Intersection over the compared region: how much of it lies inside")),
    (later("Dice"), later("Twice the intersection over the sum of both areas")),
)
ROW = 26
MOST_ROWS = 7
HINT = later(
    "Press D and drag a box around a finding, Shift+D for an ellipse, V for an outline. "
    "Every stroke is saved as you draw."
)


class ComparisonPanel(Section):
    """A legend with counts, the label of new boxes, and the table of overlaps."""

    def __init__(
        self, session: Session, reading: ReadingModel, labels: tuple[str, ...], parent: QWidget | None = None
    ):
        super().__init__(tr("Boxes and comparison"), parent)
        self.setObjectName("comparison")
        self._session = session
        self._reading = reading
        self._summed: tuple[CutMap, MaskRegion] | None = None
        self._legend = named(QLabel(), "boxLegend")
        self._label = named(QComboBox(), "boxLabel")
        self._label.setAccessibleName(tr("Label of the box"))
        self._label.setToolTip(tr("Label of the selected box, and of the next ones"))
        self._label.addItems(list(labels))
        self._label.setCurrentText(reading.label)
        self._label.textActivated.connect(reading.set_label)
        self._table = _table()
        self._hint = note(tr(HINT), name="boxHint")
        for widget in (self._legend, self._label, self._table, self._hint):
            self.body.addWidget(widget)
        reading.labels_changed.connect(self._offer_labels)
        reading.changed.connect(self.refresh)
        reading.selection_changed.connect(self._show_selection)
        session.cut_changed.connect(self.refresh)
        session.references_changed.connect(self.refresh)
        session.veil_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        network = self._session.cut.boxes if self._session.cut else ()
        reader, references = self._reading.shown.boxes, self._session.references
        counts = {
            later("Network"): len(network),
            later("Reader"): len(reader),
            later("Reference"): len(references),
        }
        self._legend.setText(_legend({"Reader": len(reader)} if self._session.veiled else counts))
        self._fill(pairs(reader, references, network, self._reading.selected, self._region()))

    def _region(self) -> MaskRegion | None:
        """Of the map on screen above its threshold, added up once a cut."""
        cut = self._session.cut
        if cut is None:
            return None
        if self._summed is None or self._summed[0] is not cut:
            self._summed = cut, MaskRegion(cut.region, cut.heat.step)
        return self._summed[1]

    def _offer_labels(self) -> None:
        self._label.clear()
        self._label.addItems(list(self._reading.labels))
        self._label.setCurrentText(self._reading.label)

    def _show_selection(self) -> None:
        box = self._reading.selected_box
        if box is not None and box.label:
            self._label.setCurrentText(box.label)
        self.refresh()

    def _fill(self, rows: tuple[Pair, ...]) -> None:
        self._table.setVisible(bool(rows))
        self._hint.setVisible(not self._reading.shown.boxes)
        self._table.setRowCount(len(rows))
        for number, pair in enumerate(rows):
            self._set(number, 0, pair.first.text, pair.first.tip, _COLOURS[pair.first.origin], pair.selected)
            self._set(
                number, 1, pair.second.text, pair.second.tip, _COLOURS[pair.second.origin], pair.selected
            )
            found = pair.overlap
            for column, value in ((2, found.iou), (3, found.iobb), (4, found.dice)):
                self._set(number, column, f"{value:.2f}", "", _PLAIN, pair.selected)
        shown = min(len(rows), MOST_ROWS)
        self._table.setFixedHeight(ROW * shown + self._table.horizontalHeader().sizeHint().height() + 2)

    def _set(self, row: int, column: int, text: str, tip: str, colour: QColor, marked: bool) -> None:
        item = self._table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            if column >= 2:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._table.setItem(row, column, item)
        if item.text() != text:
            item.setText(text)
            item.setToolTip(tr(tip))
        item.setForeground(colour)
        item.setBackground(_MARKED if marked else _CLEAR)


def _table() -> QTableWidget:
    table = named(QTableWidget(0, len(COLUMNS)), "overlaps")
    table.setTabKeyNavigation(False)
    table.setAccessibleName(tr("Overlap of boxes"))
    for column, (title, tip) in enumerate(COLUMNS):
        heading = QTableWidgetItem(tr(title))
        heading.setToolTip(tr(tip))
        table.setHorizontalHeaderItem(column, heading)
    header = table.horizontalHeader()
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
    header.resizeSection(0, 78)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    for column in (2, 3, 4):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(column, 52)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(ROW)
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return table


def _legend(counts: dict[str, int]) -> str:
    return "&nbsp;&nbsp;&nbsp;".join(
        f'<span style="color:{_COLOURS[name.casefold()].name()}">■</span> {tr(name)} <b>{count}</b>'
        for name, count in counts.items()
    )
