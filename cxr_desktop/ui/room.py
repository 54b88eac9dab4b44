"""How large a window opens: never larger than the screen it stands on."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

FRAME = QSize(16, 48)
"""What a window manager's frame may take."""


def open_at(window: QWidget, width: int, height: int) -> None:
    """Give a window this size, in logical pixels, or what its screen has room for."""
    window.resize(QSize(width, height).boundedTo(room_for(window)))


def room_for(window: QWidget) -> QSize:
    """What the window's screen has for it inside its frame, in logical pixels."""
    return window.screen().availableSize() - FRAME
