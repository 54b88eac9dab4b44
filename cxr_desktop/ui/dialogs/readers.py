"""Readers, reference, network: any two of them held against each other on the image beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.ui.comparing import Comparing, Look
from cxr_desktop.ui.comparing_sources import Part, Source, cell, counted
from cxr_desktop.ui.dialogs.adjudication import AdjudicationSection
from cxr_desktop.ui.dialogs.iou_curve import IouCurveView
from cxr_desktop.ui.dialogs.small_tables import fit_table, set_cell, shape_table, small_table
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import Section, note
from cxr_desktop.ui.parts import Parts
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.comparison_layer import COLOURS

if TYPE_CHECKING:
    from cxr_desktop.localization.agreement import Sides

LOOKS = (
    (Look.BOTH, later("Together"), "lookBoth"),
    (Look.BLINK, later("Blink"), "lookBlink"),
    (Look.SWIPE, later("Swipe"), "lookSwipe"),
)
LEGEND = (
    (Part.MATCHED, later("matched")),
    (Part.FIRST, later("only in A")),
    (Part.SECOND, later("only in B")),
)
SHARE, MOST_BOXES = 1000, 20
WIDTH, HEIGHT, MARGIN = 476, 960, 130
_PLAIN, _CHOSEN = QColor("#d3d9e1"), QColor("#1f3a49")
NO_CURVE = later("A curve needs a map and boxes to hold it against.")


class ReadersDialog(QDialog):
    """Beside the window, so that the image stays under the hand; closing it ends the comparison."""

    def __init__(
        self, comparing: Comparing, adjudication: AdjudicationSection, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("readersDialog")
        self.setWindowTitle(tr("Compare readers"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(WIDTH)
        self._comparing, self._adjudication = comparing, adjudication
        self._first, self._second = self._menu("A", "firstSource"), self._menu("B", "secondSource")
        self._outcome = named(QLabel(), "comparisonOutcome")
        self._outcome.setProperty("role", "strong")
        self._pairs, self._all = (
            small_table("iouMatrix", tr("IoU of each pair of boxes")),
            small_table("allPairs", tr("All sources")),
        )
        self._all.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self._all.cellClicked.connect(self._choose_cell)
        self._looks = QButtonGroup(self)
        self._swipe = named(QSlider(Qt.Orientation.Horizontal), "swipe")
        self._swipe.setMaximum(SHARE)
        self._swipe.setValue(SHARE // 2)
        self._swipe.setAccessibleName(tr("Where A ends and B begins"))
        self._swipe.valueChanged.connect(lambda value: comparing.set_swipe(value / SHARE))
        self._curve = IouCurveView()
        self._curve.chosen.connect(comparing.set_percentile)
        self._curve_words = note(name="curveWords")
        self._best = named(QPushButton(tr("Use best")), "useBest")
        self._best.clicked.connect(self._use_best)
        self._lay_out()
        for signal in (comparing.changed, comparing.curve_changed, comparing.look_changed):
            signal.connect(self._refresh)
        comparing.begin()
        self._refresh()

    def done(self, result: int) -> None:
        self._comparing.end()
        super().done(result)

    def _menu(self, letter: str, name: str) -> QComboBox:
        menu = named(QComboBox(), name)
        menu.setAccessibleName(tr("Source {letter}").format(letter=letter))
        menu.activated.connect(self._choose)
        return menu

    def _lay_out(self) -> None:
        page, column = QWidget(), QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        parts = (self._chosen_part(), self._matrix_part(), self._look_part(), self._curve_part())
        for section in (*parts, self._adjudication):
            column.addWidget(section)
        column.addStretch(1)
        page.setLayout(column)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        close = named(QPushButton(tr("Close")), "readersClose")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(16, 10, 16, 12)
        bottom.addStretch(1)
        bottom.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addLayout(bottom)
        room = self.screen().availableSize().height() - MARGIN
        self.resize(WIDTH, min(HEIGHT, room))

    def _chosen_part(self) -> Section:
        part = Section(tr("Held against each other"))
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for row, (letter, menu) in enumerate((("A", self._first), ("B", self._second))):
            grid.addWidget(QLabel(letter), row, 0)
            grid.addWidget(menu, row, 1)
        part.body.addLayout(grid)
        part.body.addWidget(self._outcome)
        legend = "&nbsp;&nbsp;&nbsp;".join(
            f'<span style="color:{COLOURS[kind].name()}">■</span> {tr(text)}' for kind, text in LEGEND
        )
        part.body.addWidget(note(tr("{legend}&nbsp;&nbsp;&nbsp;A solid, B dashed").format(legend=legend)))
        return part

    def _matrix_part(self) -> Section:
        part = Section(tr("Overlap"))
        part.body.addWidget(self._pairs)
        self._all_words = note(tr("Mean IoU of the pairs of all sources. Click one to see it."))
        part.body.addWidget(self._all_words)
        self._all.verticalHeader().setFixedWidth(200)
        self._all.verticalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        part.body.addWidget(self._all)
        return part

    def _look_part(self) -> Section:
        part = Section(tr("On the image"))
        row = QHBoxLayout()
        for look, title, name in LOOKS:
            button = named(QPushButton(tr(title)), name)
            button.setCheckable(True)
            button.setChecked(look is Look.BOTH)
            button.setProperty("role", "segment")
            button.clicked.connect(lambda _checked=False, look=look: self._comparing.set_look(look))
            self._looks.addButton(button)
            row.addWidget(button)
        part.body.addLayout(row)
        part.body.addWidget(self._swipe)
        return part

    def _curve_part(self) -> Section:
        part = Section(tr("Threshold of the map"))
        part.body.addWidget(self._curve)
        row = QHBoxLayout()
        row.addWidget(self._curve_words, 1)
        row.addWidget(self._best)
        part.body.addLayout(row)
        return part

    def _choose(self) -> None:
        self._comparing.choose(self._first.currentData(), self._second.currentData())

    def _choose_cell(self, row: int, column: int) -> None:
        found = self._comparing.sources
        if row != column and max(row, column) < len(found):
            self._comparing.choose(found[row].key, found[column].key)

    def _use_best(self) -> None:
        if self._comparing.curve is not None:
            self._comparing.set_percentile(self._comparing.curve.best[0].value)

    def _refresh(self) -> None:
        model = self._comparing
        for menu, chosen in ((self._first, model.first), (self._second, model.second)):
            _offer(menu, model.sources, chosen)
        sides = model.sides
        self._outcome.setText(counted(sides) if sides else tr("Open an image to compare readers."))
        self._fill_pairs(sides)
        self._fill_all(model.sources)
        self._swipe.setVisible(model.look is Look.SWIPE)
        self._curve.show_curve(model.curve, model.threshold)
        self._curve_words.setText(self._told())
        self._best.setEnabled(model.curve is not None)

    def _told(self) -> str:
        curve, against = self._comparing.curve, self._comparing.measured_against
        if curve is None or against is None:
            return tr(NO_CURVE)
        best, value = curve.best
        region = self._comparing.region_iou
        now = (
            ""
            if region is None
            else tr(" All above the present cut: IoU {region:.2f}.").format(region=region)
        )
        told = tr(
            "Best box against {title}: IoU {value:.2f} at {value2:g} %, chosen knowing the answer."
        ).format(title=against.title, value=value, value2=best.value)
        return told + now

    def _fill_pairs(self, sides: Sides | None) -> None:
        """The matrix of every pair, as long as it can be read."""
        table = self._pairs
        sizes = (len(sides.first), len(sides.second)) if sides else (0, 0)
        fits = min(sizes) > 0 and max(sizes) <= MOST_BOXES
        table.setVisible(fits)
        if sides is None or not fits:
            return
        shape_table(table, [f"A{n}" for n in _count(sides.first)], [f"B{n}" for n in _count(sides.second)])
        matched = {(match.a, match.b) for match in sides.matches}
        for row in range(len(sides.first)):
            for column in range(len(sides.second)):
                colour = COLOURS[Part.MATCHED] if (row, column) in matched else _PLAIN
                set_cell(table, row, column, f"{sides.overlaps[row, column]:.2f}", colour)
        fit_table(table)

    def _fill_all(self, found: tuple[Source, ...]) -> None:
        shown = len(found) > 2
        self._all.setVisible(shown)
        self._all_words.setVisible(shown)
        if not shown:
            return
        numbers = [str(number) for number in _count(found)]
        titles = [f"{number}  {source.title}" for number, source in zip(numbers, found, strict=True)]
        shape_table(self._all, titles, numbers)
        chosen = (self._comparing.first, self._comparing.second)
        for row, first in enumerate(found):
            for column, second in enumerate(found):
                text, told = ("", "") if row == column else cell(self._comparing.between(first, second))
                item = set_cell(self._all, row, column, text, _PLAIN)
                item.setToolTip(told)
                item.setBackground(_CHOSEN if (first.key, second.key) == chosen else QColor(0, 0, 0, 0))
        fit_table(self._all)


def show_readers(window: QWidget, parts: Parts) -> None:
    """The dialog on the right of the window, or the one that is open already."""
    found = window.findChild(ReadersDialog)
    if found is None:
        adjudication = AdjudicationSection(parts.adjudicating, parts.reading)
        adjudication.commit_wanted.connect(parts.first.commit)
        found = ReadersDialog(parts.comparing, adjudication, window)
        found.finished.connect(parts.adjudicating.end)
        found.show()
        corner = window.frameGeometry().topRight()
        found.move(corner.x() - found.width() - 8, corner.y() + 90)
    found.raise_()
    found.activateWindow()


def _offer(menu: QComboBox, found: tuple[Source, ...], chosen: str) -> None:
    offered = [(source.title, source.key) for source in found]
    if offered != [(menu.itemText(n), menu.itemData(n)) for n in range(menu.count())]:
        menu.clear()
        for title, key in offered:
            menu.addItem(title, key)
    menu.setCurrentIndex(menu.findData(chosen))


def _count(boxes: tuple[object, ...]) -> range:
    return range(1, len(boxes) + 1)
