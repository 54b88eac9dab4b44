"""The column of panels beside the image: scrolls down, never sideways."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

LEAST = 320


class SideColumn(QScrollArea):
    """As wide as its panels need, whatever the language: nothing is cut off at its edge.

    The scroll bar keeps its room while there is nothing to scroll, so that nothing moves sideways; it is not seen then.
    """

    def __init__(self, column: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setWidget(column)
        bar = self.verticalScrollBar()
        bar.setEnabled(False)
        bar.rangeChanged.connect(lambda low, high: bar.setEnabled(low < high))

    def minimumSizeHint(self) -> QSize:
        column = self.widget()
        needed = column.minimumSizeHint().width() if column is not None else 0
        room = self.verticalScrollBar().sizeHint().width()
        return QSize(max(LEAST, needed + room), super().minimumSizeHint().height())
