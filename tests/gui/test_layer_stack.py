"""What a canvas keeps as pictures: never anything else than painting it anew would show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.layer_stack import LayerStack
from cxr_desktop.ui.viewer.view_transform import ViewTransform

WIDTH, HEIGHT = 120, 90
REST = Frame(ViewTransform(1.0, 3.0, 2.0), WIDTH, HEIGHT)
MOVING = replace(REST, moving=True)


class Square:
    """A see-through square with soft edges; counts how often it is painted."""

    def __init__(self, place: float, colour: QColor, overlay: bool = True) -> None:
        self.overlay = overlay
        self.state = place
        self.painted = 0
        self._colour = colour

    def paint(self, painter: QPainter, frame: Frame) -> None:
        self.painted += 1
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(*frame.view.to_view(self.state, self.state), 50, 40), self._colour)
        painter.restore()


def squares() -> list[Square]:
    colours = (QColor(200, 200, 200), QColor(255, 0, 0, 120), QColor(0, 90, 255, 77), QColor(0, 200, 0, 200))
    return [Square(6.3 * n, colour, overlay=n > 0) for n, colour in enumerate(colours)]


def painted(stack: LayerStack, frame: Frame, overlays: bool = True) -> np.ndarray:
    target = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    target.fill(Qt.GlobalColor.magenta)
    painter = QPainter(target)
    stack.paint(painter, frame, overlays=overlays)
    painter.end()
    return np.frombuffer(target.constBits(), np.uint8).reshape(HEIGHT, WIDTH, 4).copy()


@pytest.mark.parametrize("moving", [False, True])
def test_after_any_change_the_canvas_shows_what_painting_it_anew_shows(moving):
    rng = np.random.default_rng(3)
    layers = squares()
    stack = LayerStack(layers)
    frame, overlays = MOVING if moving else REST, True
    for _ in range(120):
        change = rng.integers(8)
        if change < 4:
            layers[change].state += 1.7
        elif change == 4:
            frame = replace(frame, view=frame.view.panned(2.25, -1.5))
        elif change == 5:
            overlays = not overlays
        shown = painted(stack, frame, overlays)
        anew = painted(LayerStack(layers), frame, overlays)
        assert np.abs(shown.astype(int) - anew).max() <= (2 if moving else 0)


def test_a_hand_that_moves_one_layer_pays_for_no_other():
    layers = squares()
    stack = LayerStack(layers)
    for step in range(10):
        layers[1].state = float(step)
        painted(stack, MOVING)
    assert layers[1].painted == 10
    assert [layer.painted for layer in layers if layer is not layers[1]] == [2, 2, 2]


def test_at_rest_what_lies_below_a_change_is_kept_and_what_lies_above_is_painted():
    layers = squares()
    stack = LayerStack(layers)
    for step in range(10):
        layers[2].state = float(step)
        painted(stack, REST)
    assert [layer.painted for layer in layers] == [2, 2, 10, 10]
