"""Image and map in one picture, for as long as a hand moves both over the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtGui import QImage, QPainter

from cxr_desktop.ui.viewer.heatmap_layer import HeatmapLayer
from cxr_desktop.ui.viewer.image_layer import ImageLayer, Place
from cxr_desktop.ui.viewer.layer import Frame, Layer
from cxr_desktop.ui.viewer.view_transform import ViewTransform

SMALL_LEVEL = 4_000_000
"""Pixels of a level that is kept whole."""
PIXELS_A_TURN = 200_000
AHEAD, BEYOND = 16, 8
"""A new picture is begun a sixteenth before the edge of the old one comes in sight; it goes an eighth beyond."""


class Glide:
    """Draws what lies at the bottom of a canvas, an image and maybe its map, while its place alone changes.

    One smooth scaling instead of two, of a picture that holds more than is seen now. The next picture is made
    between the frames, a band at a turn of the event loop, while the one at hand goes on to serve: no frame
    waits for it, unless nothing at hand shows what that asks for.
    """

    def __init__(self, image: ImageLayer, heat: HeatmapLayer | None = None) -> None:
        self._image, self._heat = image, heat
        self.layers: tuple[Layer, ...] = (image,) if heat is None else (image, heat)
        self._shown: list[tuple[Layer, object]] = []
        self._pictures: dict[int, _Picture] = {}
        self._growing: _Picture | None = None

    def rest(self) -> None:
        """Keep nothing: the hand is still."""
        self._shown, self._pictures, self._growing = [], {}, None

    def paint(self, painter: QPainter, frame: Frame, layers: Sequence[Layer]) -> None:
        """layers: those of its own that are shown, the image first."""
        shown = [(layer, layer.state) for layer in layers]
        if shown != self._shown:
            self.rest()
            self._shown = shown
        wanted = self._image.place(frame)
        picture = self._picture(wanted) if wanted is not None and wanted.smooth else None
        if picture is not None:
            self._image.draw(painter, frame, picture.place, picture.image)
        else:
            for layer in layers:
                layer.paint(painter, frame)

    @property
    def unfinished(self) -> bool:
        """Whether a picture for the next frames is in the making."""
        return self._growing is not None

    def go_on(self) -> None:
        """Make a little more of it; none if what it shows has changed since."""
        if self._growing is None or any(layer.state != state for layer, state in self._shown):
            self._growing = None
            return
        self._grow(self._growing, PIXELS_A_TURN)

    def _picture(self, wanted: Place) -> _Picture | None:
        """The best at hand; None where the layers themselves have what is wanted."""
        self._begin(wanted)
        best = self._best(wanted)
        if best is None and self._growing is not None and not self._image.holds(wanted, moving=True):
            self._grow(self._growing, None)
            best = self._best(wanted)
        return best

    def _begin(self, wanted: Place) -> None:
        """See to it that what the next frames may want is in the making, unless it is there."""
        held, growing = self._pictures.get(wanted.level), self._growing
        if held is not None and held.place.covers(self._widened(wanted, AHEAD)):
            self._growing = None
        elif growing is None or growing.place.level != wanted.level or not growing.place.covers(wanted):
            self._growing = _Picture(self._widened(wanted, BEYOND))

    def _grow(self, growing: _Picture, pixels: int | None) -> None:
        growing.grow(self._image, self._heat if len(self._shown) > 1 else None, pixels)
        if growing.whole:
            level = growing.place.level
            near = {k: one for k, one in self._pictures.items() if abs(k - level) == 1}
            self._pictures, self._growing = {**near, level: growing}, None

    def _best(self, wanted: Place) -> _Picture | None:
        """Of the pictures that show all, the nearest in resolution; none so fine that shrinking it skips pixels."""
        enough = [
            one
            for one in self._pictures.values()
            if one.place.level >= wanted.level - 1 and one.place.covers(wanted)
        ]
        return min(enough, key=lambda one: abs(one.place.level - wanted.level), default=None)

    def _widened(self, place: Place, share: int) -> Place:
        """All of a small level, else so much more on every side."""
        columns, rows = self._image.extent(place.level)
        x0, y0, x1, y1 = place.region
        across, down = (x1 - x0) // share, (y1 - y0) // share
        if columns * rows <= SMALL_LEVEL:
            across, down = columns, rows
        region = max(x0 - across, 0), max(y0 - down, 0), min(x1 + across, columns), min(y1 + down, rows)
        return replace(place, region=region)


class _Picture:
    """Image and map over a place, at the resolution of its level; rows of the image come one band after another."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._row = place.region[1]
        upright = ViewTransform(1 / 2**place.level, turn=place.turn)
        at = Frame(upright, 0, 0).rect(*place.stored)
        width, height = round(at.width()), round(at.height())
        self._frame = Frame(upright.panned(-at.left(), -at.top()), width, height, moving=True)
        self.image = QImage(width, height, QImage.Format.Format_RGB32)

    @property
    def whole(self) -> bool:
        return self._row >= self.place.region[3]

    def grow(self, image: ImageLayer, heat: HeatmapLayer | None, pixels: int | None) -> None:
        """Draw about so many pixels more, None for all."""
        x0, _top, x1, last = self.place.region
        end = last if pixels is None else min(self._row + max(pixels // (x1 - x0), 1), last)
        band = replace(self.place, region=(x0, self._row, x1, end))
        gray = image.gray(band)
        height, width = gray.shape
        at = self._frame.rect(*band.stored).toRect()
        painter = QPainter(self.image)
        painter.setClipRect(at)
        painter.drawImage(
            at.topLeft(), QImage(gray.data, width, height, width, QImage.Format.Format_Grayscale8)
        )
        if heat is not None:
            heat.lay(painter, self._frame)
        painter.end()
        self._row = end
