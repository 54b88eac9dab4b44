"""Controls of the map: which one, and how it is shown. All act live."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)

from cxr_desktop.domain import ThresholdKind, colormap
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.panels.map_words import gap_sentence, through_words
from cxr_desktop.ui.panels.section import Section, note
from cxr_desktop.ui.panels.threshold_scale import ThresholdScale
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.heat_image import Sign

KINDS = {
    ThresholdKind.PERCENTILE: later("Percentile"),
    ThresholdKind.RELATIVE: later("Share of maximum"),
    ThresholdKind.ABSOLUTE: later("Absolute"),
    ThresholdKind.OTSU: later("Otsu"),
}
SIGNS = {Sign.POSITIVE: later("Supports"), Sign.NEGATIVE: later("Opposes"), Sign.BOTH: later("Both")}


class HeatmapPanel(Section):
    """compare_wanted: several methods side by side. whole_wanted: the whole map, in place of some units' part of it."""

    compare_wanted = Signal()
    whole_wanted = Signal()

    def __init__(self, model: HeatmapModel, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(tr("Attribution map"), parent)
        self.setObjectName("heatmap")
        self._model = model
        self._session = session
        self._build()
        self._lay_out()
        self._connect()
        self._refresh()

    def _build(self) -> None:
        self._method = _choice("method", tr("Method of attribution"))
        self._target = _choice("target", tr("Finding that the map explains"))
        self._colours = _choice("colormap", tr("Colour map"))
        self._kind = _choice("thresholdKind", tr("What the threshold counts"))
        for kind, title in KINDS.items():
            self._kind.addItem(tr(title), kind)
        self._opacity = _slider("opacity", tr("Opacity of the map"), 100)
        self._level = _slider("threshold", tr("Threshold of contour and boxes"), 1000)
        self._opacity_text, self._level_text = _value("opacityValue"), _value("thresholdValue")
        self._signs = QButtonGroup(self)
        self._sign_row = QHBoxLayout()
        self._sign_row.setSpacing(4)
        for number, (sign, title) in enumerate(SIGNS.items()):
            button = named(QPushButton(tr(title)), f"sign:{sign.value}")
            button.setCheckable(True)
            button.setProperty("role", "segment")
            button.setToolTip(
                tr("Show what {speaks} the finding").format(speaks=title.lower())
                if sign is not Sign.BOTH
                else tr("Show both signs")
            )
            self._signs.addButton(button, number)
            self._sign_row.addWidget(button, 1)
        self._heat = named(QCheckBox(tr("Heat")), "showHeat")
        self._contour = named(QCheckBox(tr("Contour")), "showContour")
        self._boxes = named(QCheckBox(tr("Boxes")), "showBoxes")
        self._above = named(QCheckBox(tr("Only above threshold")), "aboveCut")
        self._whole = named(QPushButton(tr("Back to the whole map")), "wholeMap")
        self._compare = named(QPushButton(tr("Compare methods…")), "compareMethods")
        self._caveat = note(name="caveat")
        self._problem = note(role="refusal", name="mapProblem")

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (title, widget, value) in enumerate(
            (
                (tr("Method"), self._method, None),
                (tr("Target"), self._target, None),
                (tr("Colours"), self._colours, None),
                (tr("Opacity"), self._opacity, self._opacity_text),
                (tr("Cut by"), self._kind, None),
                (tr("Threshold"), self._level, self._level_text),
            )
        ):
            label = QLabel(title)
            label.setProperty("role", "muted")
            label.setBuddy(widget)
            grid.addWidget(label, row, 0)
            grid.addWidget(widget, row, 1, 1, 1 if value else 2)
            if value:
                grid.addWidget(value, row, 2)
        evidence = QLabel(tr("Evidence"))
        evidence.setProperty("role", "muted")
        grid.addWidget(evidence, 6, 0)
        grid.addLayout(self._sign_row, 6, 1, 1, 2)
        layers = QHBoxLayout()
        layers.setSpacing(14)
        for box in (self._heat, self._contour, self._boxes):
            layers.addWidget(box)
        layers.addStretch(1)
        self.body.addLayout(grid)
        self.body.addLayout(layers)
        for widget in (self._above, self._problem, self._caveat, self._whole, self._compare):
            self.body.addWidget(widget)

    def _connect(self) -> None:
        model = self._model
        self._method.activated.connect(lambda row: model.set_method(self._method.itemData(row)))
        self._target.textActivated.connect(model.set_target)
        self._colours.textActivated.connect(model.set_colormap)
        self._opacity.valueChanged.connect(lambda value: model.set_opacity(value / 100))
        self._kind.activated.connect(
            lambda row: model.set_threshold(self._scale().of_kind(ThresholdKind(self._kind.itemData(row))))
        )
        self._level.valueChanged.connect(lambda value: model.set_threshold(self._scale().at(value / 1000)))
        self._signs.idToggled.connect(lambda number, on: model.set_sign(list(SIGNS)[number]) if on else None)
        self._heat.toggled.connect(lambda on: model.set_visible(heat=on))
        self._contour.toggled.connect(lambda on: model.set_visible(contour=on))
        self._boxes.toggled.connect(lambda on: model.set_visible(boxes=on))
        self._above.toggled.connect(model.set_above_cut)
        self._compare.clicked.connect(self.compare_wanted)
        self._whole.clicked.connect(self.whole_wanted)
        for signal in (model.choices_changed, model.look_changed, model.cut_changed):
            signal.connect(self._refresh)
        self._session.heat_changed.connect(self._refresh)
        self._session.veil_changed.connect(lambda: self.setHidden(self._session.veiled))

    def _scale(self) -> ThresholdScale:
        heat = self._session.heat
        largest = heat.strongest if heat is not None else max(self._model.threshold.value, 1.0)
        return ThresholdScale(self._model.threshold, largest)

    def _refresh(self) -> None:
        model = self._model
        _offer(self._method, [(choice.title, choice.name) for choice in model.methods], model.method)
        _offer(self._target, [(label, label) for label in model.targets], model.target)
        diverging = model.look.sign is Sign.BOTH
        names = [name for name in colormap.NAMES if colormap.is_diverging(name) == diverging]
        _offer(self._colours, [(name, name) for name in names], model.look.colormap)
        _set(self._opacity, round(model.look.opacity * 100))
        self._opacity_text.setText(f"{model.look.opacity:.0%}")
        self._kind.setCurrentIndex(self._kind.findData(model.threshold.kind))
        scale = self._scale()
        _set(self._level, round(scale.position * 1000))
        self._level.setEnabled(model.threshold.kind is not ThresholdKind.OTSU)
        self._level_text.setText(scale.text)
        self._signs.button(list(SIGNS).index(model.look.sign)).setChecked(True)
        for box, on in (
            (self._heat, model.show_heat),
            (self._contour, model.show_contour),
            (self._boxes, model.show_boxes),
            (self._above, model.look.above_cut),
        ):
            box.setChecked(on)
        heat = self._session.heat
        told = gap_sentence(heat.source) if heat is not None else ""
        self._caveat.setText(" ".join(part for part in (model.caveat(), told) if part))
        self._problem.setText(model.problem)
        self._problem.setVisible(bool(model.problem))
        self._whole.setVisible(heat is not None and bool(through_words(heat.source)))
        self._compare.setEnabled(heat is not None or bool(model.problem))


def _choice(name: str, accessible: str) -> QComboBox:
    box = named(QComboBox(), name)
    box.setAccessibleName(accessible)
    box.setToolTip(accessible)
    box.setMinimumContentsLength(8)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box


def _slider(name: str, accessible: str, maximum: int) -> QSlider:
    slider = named(QSlider(Qt.Orientation.Horizontal), name)
    slider.setAccessibleName(accessible)
    slider.setToolTip(accessible)
    slider.setMaximum(maximum)
    slider.setPageStep(maximum // 20)
    return slider


def _value(name: str) -> QLabel:
    label = named(QLabel(), name)
    label.setFixedWidth(58)
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label


def _offer(box: QComboBox, choices: list[tuple[str, str]], chosen: str) -> None:
    """Fill a list only where it differs, so that an open one does not close."""
    if [box.itemData(row) for row in range(box.count())] != [data for _, data in choices]:
        box.clear()
        for title, data in choices:
            box.addItem(title, data)
    box.setCurrentIndex(box.findData(chosen))
    box.setEnabled(bool(choices))


def _set(slider: QSlider, value: int) -> None:
    """Show a value without taking it for the hand's."""
    slider.blockSignals(True)
    slider.setValue(value)
    slider.blockSignals(False)
