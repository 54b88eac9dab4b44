"""Inside the network: from a layer to its units to the map of what flows through one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.domain import DISCLAIMER
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.panels.units_exploring import Exploring
from cxr_desktop.ui.panels.units_layers import LayerList
from cxr_desktop.ui.panels.units_model import CAVEAT
from cxr_desktop.ui.panels.units_picture import UnitPicture
from cxr_desktop.ui.panels.units_tiles import TILE, UnitTiles
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.translation import tr

LAYERS, ACROSS, MARGIN = 280, 3, 14


class UnitsDialog(QDialog):
    """Shows the image on screen; its maps can be handed to the viewer. unit: layer and channel to begin at."""

    def __init__(
        self, exploring: Exploring, parent: QWidget | None = None, unit: tuple[str, int] | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("unitsDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Inside the network"))
        open_at(self, 1480, 860)
        self._exploring = exploring
        self._model, self._work = model, work = exploring.begin()
        if unit is not None:
            model.prefer(*unit)
        self._layers, self._tiles = LayerList(model), UnitTiles(model)
        self._picture = UnitPicture(model, exploring.look)
        self._build()
        self._lay_out()
        self._connect()
        self._refresh()
        self._tiles.setFocus()
        work.start()

    def done(self, result: int) -> None:
        self._work.stop()
        super().done(result)

    def _build(self) -> None:
        model = self._model
        self._method, self._target = named(QComboBox(), "unitsMethod"), named(QComboBox(), "unitsTarget")
        for choice in model.methods:
            self._method.addItem(choice.title, choice.name)
        self._method.setCurrentIndex(self._method.findData(model.method))
        self._method.setMinimumWidth(250)
        self._target.addItems(list(model.targets))
        self._target.setCurrentText(model.target)
        self._target.setMinimumWidth(180)
        self._bar = named(QProgressBar(textVisible=False, maximum=1000), "unitsProgress")
        self._bar.setFixedWidth(120)
        self._cancel = named(QPushButton(tr("Cancel"), autoDefault=False), "unitsCancel")
        self._problem = note(role="refusal", name="unitsProblem")
        self._empty = note(name="unitsEmpty")
        self._heading = note(role="strong", name="unitsHeading")
        self._sentence = note(name="unitsSentence")
        self._notes = note(name="unitsNotes")
        self._show = named(QPushButton(tr("Show in viewer"), default=True), "unitsShow")
        self._show.setProperty("role", "primary")
        self._show.setToolTip(tr("Lay this map on the image in the main window"))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        for title, widget in ((tr("Method"), self._method), (tr("Target"), self._target)):
            label = QLabel(title)
            label.setProperty("role", "muted")
            label.setBuddy(widget)
            widget.setAccessibleName(title)
            top.addWidget(label)
            top.addWidget(widget)
        top.addStretch(1)
        top.addWidget(self._bar)
        top.addWidget(self._cancel)
        top.addWidget(self._show)
        columns = QSplitter(Qt.Orientation.Horizontal)
        columns.setChildrenCollapsible(False)
        width = ACROSS * (TILE.width() + 4) + 36
        for column, size, stretch in (
            (_column(tr("Layers, from score to image"), self._layers), LAYERS, 0),
            (_column(tr("Units with the most relevance"), self._empty, self._tiles), width, 0),
            (self._right(), 1480 - LAYERS - width, 1),
        ):
            columns.addWidget(column)
            columns.setStretchFactor(columns.count() - 1, stretch)
            column.setMinimumWidth(min(size, 290))
        columns.setSizes([LAYERS, width, 1480 - LAYERS - width])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 10)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addWidget(self._problem)
        layout.addWidget(columns, 1)
        layout.addLayout(self._foot())

    def _right(self) -> QWidget:
        column = _column(tr("What flows through"), self._picture)
        layout = column.layout()
        assert isinstance(layout, QVBoxLayout)
        for widget in (self._heading, self._sentence, self._notes):
            layout.addWidget(widget)
        return column

    def _foot(self) -> QHBoxLayout:
        warning = named(QLabel(DISCLAIMER), "unitsDisclaimer")
        warning.setProperty("role", "disclaimer")
        foot = QHBoxLayout()
        foot.addWidget(note(tr(CAVEAT)), 1)
        foot.addWidget(warning, 0, Qt.AlignmentFlag.AlignBottom)
        return foot

    def _connect(self) -> None:
        model = self._model
        self._method.activated.connect(lambda row: model.set_method(self._method.itemData(row)))
        self._target.textActivated.connect(model.set_target)
        self._cancel.clicked.connect(self._work.stop)
        self._show.clicked.connect(self._hand_over)
        for signal in (
            model.network_changed,
            model.layer_changed,
            model.chosen_changed,
            model.map_changed,
            model.state_changed,
        ):
            signal.connect(self._refresh)

    def _refresh(self) -> None:
        model = self._model
        self._bar.setVisible(bool(model.doing))
        self._bar.setValue(round(1000 * model.done))
        self._cancel.setVisible(bool(model.doing))
        self._problem.setText(model.problem)
        self._problem.setVisible(bool(model.problem))
        self._empty.setText(model.emptiness)
        self._empty.setVisible(bool(model.emptiness))
        self._heading.setText(model.title)
        self._sentence.setText(model.sentence)
        self._notes.setText(" ".join(model.network.notes) if model.network else "")
        self._notes.setVisible(bool(self._notes.text()))
        self._show.setEnabled(model.heat is not None)

    def _hand_over(self) -> None:
        if self._model.heat is not None:
            self._exploring.show(self._model.heat)
            self.accept()


def _column(title: str, *widgets: QWidget) -> QWidget:
    heading = QLabel(title.upper())
    heading.setProperty("role", "heading")
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(8, 0, 8, 0)
    layout.setSpacing(5)
    layout.addWidget(heading)
    for widget in widgets:
        layout.addWidget(widget, 0 if isinstance(widget, QLabel) else 1)
    return column
