"""Where the mouse is, and what a tool makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import Qt

REACH = 6.0


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is: x, y in stored pixels, device_x, device_y on the canvas.

    dx, dy: logical pixels since the last event. ratio: device pixels per logical one.
    """

    x: float
    y: float
    device_x: float
    device_y: float
    dx: float = 0.0
    dy: float = 0.0
    ratio: float = 1.0


class Tool(Protocol):
    """A drag from press to release; `abandon` where it is broken off."""

    def press(self, at: Pointer, /) -> None: ...
    def drag(self, at: Pointer, /) -> None: ...
    def release(self, at: Pointer, /) -> None: ...
    def abandon(self) -> None: ...
    def cursor(self, at: Pointer, /) -> Qt.CursorShape: ...
