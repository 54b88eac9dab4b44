"""How many images lie side by side, and whether they move together."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class ViewLayout(QObject):
    """count: 1, 2 (side by side) or 4 (two by two)."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.count = 1
        self.linked = True

    def toggle(self, count: int) -> None:
        """That many images, or one where there are that many already."""
        self.count = 1 if self.count == count else count
        self.changed.emit()

    def toggle_link(self) -> None:
        self.linked = not self.linked
        self.changed.emit()
