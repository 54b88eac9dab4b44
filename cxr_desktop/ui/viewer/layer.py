"""What lies on the canvas: layers painted from the bottom up."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Protocol

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter

from cxr_desktop.domain import Box
from cxr_desktop.ui.viewer.view_transform import ViewTransform


@dataclass(frozen=True, slots=True)
class Frame:
    """One repaint. width, height: of the canvas in device pixels. ratio: device pixels per logical one.

    moving: a hand is changing the picture, so speed comes before the last bit of sharpness.
    """

    view: ViewTransform
    width: int
    height: int
    ratio: float = 1.0
    moving: bool = False

    def rect(self, x0: float, y0: float, x1: float, y1: float) -> QRectF:
        """Device rectangle between corners in stored pixels."""
        left, top = self.view.to_view(x0, y0)
        right, bottom = self.view.to_view(x1, y1)
        return QRectF(left, top, right - left, bottom - top).normalized()

    def pixels(self, x0: float, y0: float, x1: float, y1: float) -> QRect:
        """Device pixels whose middles lie between corners in stored pixels."""
        rect = self.rect(x0, y0, x1, y1)
        left, right = ceil(rect.left() - 0.5), ceil(rect.right() - 0.5)
        top, bottom = ceil(rect.top() - 0.5), ceil(rect.bottom() - 0.5)
        return QRect(left, top, right - left, bottom - top)

    def box(self, box: Box) -> QRectF:
        return self.rect(box.x, box.y, box.right, box.bottom)


class Layer(Protocol):
    """Paints itself in device pixels; owns its state, and caches what it can.

    overlay: it goes when overlays are hidden. state: what the layer shows; equal for as long as it paints the
    same in the same frame. It keeps no image alive.
    """

    overlay: bool

    @property
    def state(self) -> object: ...

    def paint(self, painter: QPainter, frame: Frame) -> None: ...
