"""The top units of a layer as pictures of what they answer, with their share of the relevance."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cxr_desktop.domain.units import Unit
from cxr_desktop.ui.panels.units_layers import OPPOSES, SUPPORTS, TRACK, Index, paint_choice
from cxr_desktop.ui.panels.units_model import UnitsModel
from cxr_desktop.ui.translation import tr

PICTURE, PAD, WORDS = 156, 8, 36
TILE = QSize(PICTURE + 2 * PAD, PICTURE + 2 * PAD + WORDS)
_UNIT = Qt.ItemDataRole.UserRole
_NAME, _DIM, _BLACK = QColor("#e6ebf1"), QColor("#a7b1be"), QColor(0, 0, 0)
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TileDelegate(QStyledItemDelegate):
    """What the unit answers, over the radiograph; its number, share, and a bar of it."""

    def __init__(self, model: UnitsModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return TILE

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        unit: Unit = index.data(_UNIT)
        painter.save()
        paint_choice(painter, option, 7)
        frame = QRect(option.rect.left() + PAD, option.rect.top() + PAD, PICTURE, PICTURE)
        painter.fillRect(frame, _BLACK)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        target = placed(self._model.gray, frame, self._model.aspect)
        answer = self._model.pictures.get(unit.channel)
        painter.setOpacity(1.0 if answer else 0.45)
        painter.drawImage(target, self._model.gray)
        painter.setOpacity(1.0)
        if answer is not None:
            painter.drawImage(target, answer)
        self._words(painter, QRectF(frame.left(), frame.bottom() + 6, frame.width(), 18), unit)
        painter.restore()

    def _words(self, painter: QPainter, line: QRectF, unit: Unit) -> None:
        painter.setPen(_NAME)
        painter.drawText(line, _LEFT, tr("Unit {channel}").format(channel=unit.channel))
        painter.setPen(_DIM)
        painter.drawText(line, _RIGHT, f"{unit.share:+.1%}")
        bar = QRectF(line.left(), line.bottom() + 4, line.width(), 4)
        painter.fillRect(bar, TRACK)
        largest = max((abs(other.share) for other in self._model.units), default=0.0) or 1.0
        bar.setWidth(bar.width() * abs(unit.share) / largest)
        painter.fillRect(bar, SUPPORTS if unit.share > 0 else OPPOSES)


class UnitTiles(QListWidget):
    """Arrows walk, Ctrl or Shift take several as one concept; follows the model and tells it the choice."""

    def __init__(self, model: UnitsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unitTiles")
        self.setAccessibleName(tr("Units of the layer with the most relevance"))
        self._model = model
        self.setItemDelegate(TileDelegate(model, self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSpacing(2)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        model.layer_changed.connect(self._refill)
        model.chosen_changed.connect(self._follow)
        model.pictures_changed.connect(self.viewport().update)
        model.gray_changed.connect(self.viewport().update)
        self.itemSelectionChanged.connect(self._choose)

    def _refill(self) -> None:
        self.blockSignals(True)
        self.clear()
        for unit in self._model.units:
            item = QListWidgetItem()
            item.setData(_UNIT, unit)
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                tr("Unit {channel}, {share:.1%} of the relevance").format(
                    channel=unit.channel, share=unit.share
                ),
            )
            item.setToolTip(
                tr("Relevance {relevance:+.4g}, {share:+.2%} of the layer's, by magnitude").format(
                    relevance=unit.relevance, share=unit.share
                )
            )
            self.addItem(item)
        self.blockSignals(False)

    def _follow(self) -> None:
        self.blockSignals(True)
        for row in range(self.count()):
            item = self.item(row)
            item.setSelected(item.data(_UNIT).channel in self._model.chosen)
        if self._model.chosen and not (self.currentItem() and self.currentItem().isSelected()):
            first = next(row for row in range(self.count()) if self.item(row).isSelected())
            self.selectionModel().setCurrentIndex(
                self.model().index(first, 0), self.selectionModel().SelectionFlag.NoUpdate
            )
        self.blockSignals(False)

    def _choose(self) -> None:
        channels = [item.data(_UNIT).channel for item in self.selectedItems()]
        if channels:
            self._model.choose(channels)
        else:
            self._follow()


def placed(picture: QImage, frame: QRect, aspect: float) -> QRect:
    """Where a picture lies in a frame in its true shape, as large as it fits."""
    shape = QSize(picture.width(), max(round(picture.height() * aspect), 1))
    target = QRect(frame.topLeft(), shape.scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio))
    target.moveCenter(frame.center())
    return target
