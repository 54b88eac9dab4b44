"""Paints the rows of the study list."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from cxr_desktop.domain import Gray
from cxr_desktop.ui.panels.study_list_model import (
    ImageEntry,
    RefusalEntry,
    StudyEntry,
    StudyListModel,
)

PICTURE = 60
_BRIGHT, _TEXT, _DIM, _RED = QColor("#eef2f6"), QColor("#d3d9e1"), QColor("#8d97a5"), QColor("#ff9d94")
_CHOSEN, _HOVER = QColor("#1f3a49"), QColor("#1c2127")


class StudyDelegate(QStyledItemDelegate):
    """Headings with patient and date, images with a thumbnail, refused files with their reason in red."""

    def __init__(self, model: StudyListModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        entry = self._model.entry_at(index.row())
        if isinstance(entry, StudyEntry):
            return QSize(0, 48)
        if isinstance(entry, ImageEntry):
            return QSize(0, PICTURE + 14)
        reason = QFontMetrics(_font(option, 12)).boundingRect(
            QRect(0, 0, max(option.rect.width() - 24, 180), 400),
            int(Qt.TextFlag.TextWordWrap),
            entry.reason,
        )
        return QSize(0, reason.height() + 34)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry = self._model.entry_at(index.row())
        painter.save()
        painter.setClipRect(option.rect)
        rect = option.rect.adjusted(12, 0, -12, 0)
        if isinstance(entry, StudyEntry):
            _heading(painter, option, rect, entry)
        elif isinstance(entry, ImageEntry):
            _image(painter, option, rect, entry, self._model.thumbnail(entry.header.path))
        else:
            _refusal(painter, option, rect, entry)
        painter.restore()


def _heading(painter: QPainter, option: QStyleOptionViewItem, rect: QRect, entry: StudyEntry) -> None:
    _line(painter, _font(option, 13, bold=True), _BRIGHT, rect, 9, entry.title)
    _line(painter, _font(option, 12), _DIM, rect, 27, entry.subtitle)


def _image(
    painter: QPainter, option: QStyleOptionViewItem, rect: QRect, entry: ImageEntry, gray: Gray | None
) -> None:
    row = option.rect.adjusted(6, 2, -6, -2)
    if option.state & QStyle.StateFlag.State_Selected:
        _rounded(painter, row, _CHOSEN)
    elif option.state & QStyle.StateFlag.State_MouseOver:
        _rounded(painter, row, _HOVER)
    frame = QRect(rect.left() + 2, rect.top() + 7, PICTURE, PICTURE)
    painter.fillRect(frame, QColor(0, 0, 0))
    if gray is not None:
        height, width = gray.shape
        picture = QImage(gray.data, width, height, gray.strides[0], QImage.Format.Format_Grayscale8)
        size = picture.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(0, 0, size.width(), size.height())
        target.moveCenter(frame.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, picture)
    text = rect.adjusted(PICTURE + 14, 0, 0, 0)
    _line(painter, _font(option, 13), _TEXT, text, 14, entry.title)
    if entry.reason:
        _wrapped(painter, _font(option, 11), _RED, text.adjusted(0, 32, 0, -4), entry.reason)
        return
    _line(painter, _font(option, 12), _DIM, text, 33, entry.subtitle)
    _line(painter, _font(option, 11), _DIM, text, 50, entry.detail)


def _refusal(painter: QPainter, option: QStyleOptionViewItem, rect: QRect, entry: RefusalEntry) -> None:
    _line(painter, _font(option, 13), _TEXT, rect, 7, entry.title)
    _wrapped(painter, _font(option, 12), _RED, rect.adjusted(0, 25, 0, 0), entry.reason)


def _line(painter: QPainter, font: QFont, colour: QColor, rect: QRect, top: int, text: str) -> None:
    painter.setFont(font)
    painter.setPen(colour)
    metrics = QFontMetrics(font)
    place = QRect(rect.left(), rect.top() + top, rect.width(), metrics.height())
    elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)


def _wrapped(painter: QPainter, font: QFont, colour: QColor, rect: QRect, text: str) -> None:
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(rect, int(Qt.TextFlag.TextWordWrap), text)


def _rounded(painter: QPainter, rect: QRect, colour: QColor) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect, 6, 6)


def _font(option: QStyleOptionViewItem, pixels: int, bold: bool = False) -> QFont:
    font = QFont(option.font)
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font
