"""All layers of a canvas, painted so that those which stay the same cost next to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from cxr_desktop.ui.viewer.layer import Frame, Layer

BACKGROUND = QColor(0, 0, 0)
PATIENCE = 3
"""Paintings for which a layer that changed is expected to change again."""
Run = tuple[Layer, ...]


class Joint(Protocol):
    """The lowest layers of a stack, painted as one while their place alone changes.

    unfinished: whether it wants to go on with something for the next frames, in the time between them.
    """

    layers: Run

    @property
    def unfinished(self) -> bool: ...

    def paint(self, painter: QPainter, frame: Frame, layers: Sequence[Layer]) -> None: ...

    def go_on(self) -> None: ...

    def rest(self) -> None: ...


class LayerStack:
    """Paints layers from the bottom up; a run of them that did not change since the last frame is kept as a picture.

    So a drag pays for what it moves alone: the gray under the marks, or the box over the image. What lies at
    the bottom is kept with its ground, in the pixel format of the canvas, and so is what painting it anew would
    show. A run above something that changes is kept on a transparent ground, whose rounding is a gray level off
    at soft edges: while a hand moves only. Where a hand moves all of them, the lowest are left to the joint.
    """

    def __init__(self, layers: Sequence[Layer], joint: Joint | None = None) -> None:
        self._layers = tuple(layers)
        self._joint = joint
        self._gliding = False
        self._canvas: tuple[Frame, QFont, QImage.Format] | None = None
        self._states: dict[Layer, object] = {}
        self._restless: dict[Layer, int] = {}
        self._pictures: dict[Run, QImage] = {}

    def paint(self, painter: QPainter, frame: Frame, *, overlays: bool) -> None:
        """overlays: whether marks are shown, or the image and what says whose it is alone."""
        canvas = frame, painter.font(), _pixel_format(painter)
        shown = [layer for layer in self._layers if overlays or not layer.overlay]
        lowest = self._joined(shown, frame, moved=canvas != self._canvas)
        if canvas != self._canvas:
            self._canvas, self._states, self._restless, self._pictures = canvas, {}, {}, {}
        resting = set(filter(self._rests, shown))
        if lowest or shown[0] not in resting:
            painter.fillRect(0, 0, frame.width, frame.height, BACKGROUND)
        if lowest and self._joint is not None:
            self._joint.paint(painter, frame, lowest)
        self._paint_runs([layer for layer in shown if layer not in lowest], resting, painter, frame)
        self._states = {layer: layer.state for layer in shown}

    def forget(self) -> None:
        """Keep nothing: all layers are about to show something else."""
        self._canvas, self._states, self._restless, self._pictures = None, {}, {}, {}
        if self._joint is not None:
            self._joint.rest()

    def go_on(self) -> None:
        """Use a moment between two frames for those to come."""
        if self._joint is not None:
            self._joint.go_on()

    @property
    def unfinished(self) -> bool:
        """Whether `go_on` has something to do."""
        return self._joint is not None and self._joint.unfinished

    def _joined(self, shown: Sequence[Layer], frame: Frame, *, moved: bool) -> Run:
        """Those that the joint paints: while a hand moves them, from its first frame to where it rests."""
        if self._joint is None:
            return ()
        lowest = tuple(layer for layer in self._joint.layers if layer in shown)
        alike = all(self._states.get(layer) == layer.state for layer in lowest)
        self._gliding = frame.moving and alike and (moved or self._gliding)
        if not frame.moving:
            self._joint.rest()
        return lowest if self._gliding else ()

    def _paint_runs(
        self, shown: Sequence[Layer], resting: set[Layer], painter: QPainter, frame: Frame
    ) -> None:
        pictures: dict[Run, QImage] = {}
        for still, layers in groupby(shown, key=resting.__contains__):
            run = tuple(layers)
            bottom = run[0] is self._layers[0]
            if still and (bottom or frame.moving):
                pictures[run] = self._pictures.get(run) or _drawn(run, frame, painter, bottom)
                painter.drawImage(0, 0, pictures[run])
            else:
                _paint(run, painter, frame)
        self._pictures = pictures

    def _rests(self, layer: Layer) -> bool:
        """Whether a layer shows what it showed last, and is not in the middle of a drag."""
        if layer not in self._states:
            return False
        if layer.state != self._states[layer]:
            self._restless[layer] = PATIENCE
            return False
        self._restless[layer] = max(self._restless.get(layer, 0) - 1, 0)
        return not self._restless[layer]


def _drawn(run: Run, frame: Frame, like: QPainter, bottom: bool) -> QImage:
    """The layers in a picture of the canvas's size, with the font that they have there."""
    kind = _pixel_format(like) if bottom else QImage.Format.Format_ARGB32_Premultiplied
    picture = QImage(frame.width, frame.height, kind)
    picture.fill(BACKGROUND if bottom else Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setFont(like.font())
    _paint(run, painter, frame)
    painter.end()
    return picture


def _paint(layers: Iterable[Layer], painter: QPainter, frame: Frame) -> None:
    for layer in layers:
        layer.paint(painter, frame)


def _pixel_format(painter: QPainter) -> QImage.Format:
    """Of what the painter paints on: a window's memory, or a picture of it that is asked for."""
    device = painter.paintEngine().paintDevice()
    return device.format() if isinstance(device, QImage) else QImage.Format.Format_RGB32
