"""The column of panels beside the image: scrolls down, never sideways."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

LEAST = 320


class SideColumn(QScrollArea):
    """As wide as its panels need, whatever the language: nothing is cut off at its edge.

    The room of the scroll bar stays free while there is none, so that nothing moves sideways when it comes.
    """

    def __init__(self, column: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(column)
        self.verticalScrollBar().rangeChanged.connect(self._keep_room)
        self._keep_room()

    def _keep_room(self, _low: int = 0, high: int = 0) -> None:
        self.setViewportMargins(0, 0, 0 if high else self.verticalScrollBar().sizeHint().width(), 0)

    def minimumSizeHint(self) -> QSize:
        column = self.widget()
        needed = column.minimumSizeHint().width() if column is not None else 0
        room = self.verticalScrollBar().sizeHint().width()
        return QSize(max(LEAST, needed + room), super().minimumSizeHint().height())
