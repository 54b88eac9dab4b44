"""The layers of a network in a list, each with what passes it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cxr_desktop.domain.units import LayerUnits
from cxr_desktop.ui.panels.units_model import UnitsModel
from cxr_desktop.ui.translation import tr

ROW = 52
SUPPORTS, OPPOSES, TRACK = QColor("#e2734f"), QColor("#4f93c4"), QColor("#242a31")
_NAME, _DIM = QColor("#e6ebf1"), QColor("#8d97a5")
_CHOSEN, _HOVER, _FOCUS = QColor("#1f3a49"), QColor("#1b2026"), QColor("#56b4e9")
_LAYER = Qt.ItemDataRole.UserRole
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

Index = QModelIndex | QPersistentModelIndex


def paint_choice(painter: QPainter, option: QStyleOptionViewItem, radius: float = 5) -> None:
    """The ground of an entry: chosen, under the mouse, and framed where the keys go."""
    state = option.state
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if chosen or state & QStyle.StateFlag.State_MouseOver:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_CHOSEN if chosen else _HOVER)
        painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), radius, radius)
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(_FOCUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5), radius, radius)


class LayerDelegate(QStyledItemDelegate):
    """Name and size, a bar of what speaks for and against the target, and how few units hold half."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        layer: LayerUnits = index.data(_LAYER)
        painter.save()
        paint_choice(painter, option)
        area = QRectF(option.rect).adjusted(10, 5, -10, -6)
        name = QRectF(area.left(), area.top(), area.width(), 19)
        painter.setPen(_NAME)
        told = painter.fontMetrics().elidedText(layer.layer, Qt.TextElideMode.ElideLeft, int(name.width()))
        painter.drawText(name, _LEFT, told)
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(_DIM)
        facts = QRectF(area.left(), name.bottom(), area.width(), 15)
        painter.drawText(facts, _LEFT, size_words(layer))
        painter.drawText(facts, _RIGHT, half_words(layer))
        self._bar(painter, QRectF(area.left(), area.bottom() - 4, area.width(), 4), layer)
        painter.restore()

    def _bar(self, painter: QPainter, area: QRectF, layer: LayerUnits) -> None:
        painter.fillRect(area, TRACK)
        if layer.magnitude:
            split = area.width() * layer.supporting
            painter.fillRect(QRectF(area.left(), area.top(), split, area.height()), SUPPORTS)
            painter.fillRect(area.adjusted(split, 0, 0, 0), OPPOSES)


class LayerList(QListWidget):
    """From the score at the top down to the image; follows the model and tells it the choice."""

    def __init__(self, model: UnitsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unitLayers")
        self.setAccessibleName(tr("Layers of the network, from the score to the image"))
        self.setItemDelegate(LayerDelegate(self))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = model
        model.network_changed.connect(self._refill)
        model.layer_changed.connect(self._follow)
        self.currentItemChanged.connect(self._choose)
        self._refill()

    def _refill(self) -> None:
        self.blockSignals(True)
        self.clear()
        layers = self._model.network.layers if self._model.network else ()
        for layer in reversed(layers):
            item = QListWidgetItem()
            item.setData(_LAYER, layer)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{layer.layer}: {size_words(layer)}")
            item.setToolTip(layer_tip(layer))
            self.addItem(item)
        self.blockSignals(False)
        self._follow()

    def _follow(self) -> None:
        chosen = self._model.layer
        for row in range(self.count()):
            if chosen is not None and self.item(row).data(_LAYER).layer == chosen.layer:
                self.blockSignals(True)
                self.setCurrentRow(row)
                self.blockSignals(False)
                self.scrollToItem(self.item(row))

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._model.choose_layer(item.data(_LAYER).layer)


def size_words(layer: LayerUnits) -> str:
    """'1280 units of 20 × 20', or without places behind a dense layer."""
    units = tr("1 unit") if layer.channels == 1 else f"{layer.channels} units"
    return (
        tr("{units} of {rows} × {columns}").format(units=units, rows=layer.rows, columns=layer.columns)
        if layer.spatial
        else units
    )


def half_words(layer: LayerUnits) -> str:
    """How concentrated the relevance is."""
    if not layer.magnitude:
        return tr("nothing passes")
    return tr("half in {half}").format(half=layer.half) if layer.channels > 1 else ""


def layer_tip(layer: LayerUnits) -> str:
    """The same in a sentence."""
    if not layer.magnitude:
        return tr("{layer}: nothing of the score passes this layer.").format(layer=layer.layer)
    return tr(
        "{layer}: {supporting:.0%} of the relevance speaks for the target, {value:.0%} against. Half of "
        "it lies in {half} of {channels} units."
    ).format(
        layer=layer.layer,
        supporting=layer.supporting,
        value=1 - layer.supporting,
        half=layer.half,
        channels=layer.channels,
    )
