"""The radiograph: 16 bit through one table to gray, at the resolution of the screen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from cxr_desktop.domain import Gray
from cxr_desktop.ui.viewer.gray_pyramid import Presentation
from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.view_transform import Turn

PIXELS_SHOWN_FROM = 8.0
SMALL_LEVEL = 4_000_000
"""Pixels of a level that are in gray within a frame or so."""
Region = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Place:
    """Pixels x0, y0, x1, y1 of a level of the pyramid, and how they lie on the screen."""

    level: int
    region: Region
    turn: Turn
    smooth: bool

    def holds(self, other: _Place) -> bool:
        """Whether all pixels of another place are among these."""
        (left, top, right, bottom), (x0, y0, x1, y1) = self.region, other.region
        alike = (self.level, self.turn, self.smooth) == (other.level, other.turn, other.smooth)
        return alike and left <= x0 and top <= y0 and x1 <= right and y1 <= bottom

    def widened(self, columns: int, rows: int) -> _Place:
        """All of a small level, else an eighth more on every side, so that the next frames find it at hand."""
        if columns * rows <= SMALL_LEVEL:
            return replace(self, region=(0, 0, columns, rows))
        x0, y0, x1, y1 = self.region
        across, down = (x1 - x0) // 8, (y1 - y0) // 8
        region = max(x0 - across, 0), max(y0 - down, 0), min(x1 + across, columns), min(y1 + down, rows)
        return replace(self, region=region)


@dataclass(frozen=True, slots=True, eq=False)
class _Tile:
    """A place in gray. gray: what the picture may point to."""

    place: _Place
    picture: QImage
    gray: Gray


class ImageLayer:
    """Renders the part that the canvas shows, from the level of the pyramid that fits."""

    overlay = False

    def __init__(self) -> None:
        self._image: LoadedImage | None = None
        self._presentation: Presentation | None = None
        self._table: Gray | None = None
        self._tiles: dict[int, _Tile] = {}
        self.state = object()

    def show(self, image: LoadedImage | None) -> None:
        self._image, self._presentation, self._table, self._tiles = image, None, None, {}
        self.state = object()

    def present(self, presentation: Presentation) -> None:
        if self._image is None or presentation == self._presentation:
            return
        self._presentation = presentation
        self._table = self._image.pyramid.lookup(self._image.radiograph.grayscale, presentation)
        self._tiles = {}
        self.state = object()

    def paint(self, painter: QPainter, frame: Frame) -> None:
        if self._image is None or self._presentation is None:
            return
        radiograph = self._image.radiograph
        visible = frame.view.visible(radiograph.columns, radiograph.rows, frame.width, frame.height)
        if visible[0] >= visible[2] or visible[1] >= visible[3]:
            return
        level = self._image.pyramid.level_for(frame.view.scale, coarse=frame.moving)
        smooth = frame.view.scale < PIXELS_SHOWN_FROM and not self._image.pyramid.rough
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        tile = self._fitting(_Place(level, _at(level, visible), frame.view.turn, smooth), frame.moving)
        painter.save()
        whole = frame.rect(0, 0, radiograph.columns, radiograph.rows)
        painter.setClipRect(whole, Qt.ClipOperation.IntersectClip)
        painter.drawImage(frame.rect(*(2**level * edge for edge in tile.place.region)), tile.picture)
        painter.restore()

    def _fitting(self, wanted: _Place, moving: bool) -> _Tile:
        """The tile at hand where it will do; under a moving hand one that holds more will, too.

        Where the hand moves on out of what is held, more is made than it wants now, and what it came from is
        kept for its way back. While the hand changes the gray, no more is made than is seen.
        """
        tile = self._tiles.get(wanted.level)
        if tile is not None and (tile.place == wanted or (moving and tile.place.holds(wanted))):
            return tile
        if self._tiles and moving:
            assert self._image is not None
            rows, columns = self._image.pyramid.levels[wanted.level].shape
            wanted = wanted.widened(columns, rows)
        near = {
            level: held for level, held in self._tiles.items() if moving and abs(level - wanted.level) == 1
        }
        self._tiles = {**near, wanted.level: self._rendered(wanted)}
        return self._tiles[wanted.level]

    def _rendered(self, place: _Place) -> _Tile:
        assert self._image is not None
        assert self._presentation is not None
        pyramid, grayscale = self._image.pyramid, self._image.radiograph.grayscale
        gray = place.turn.turned(
            pyramid.gray(place.level, place.region, self._table, grayscale, self._presentation)
        )
        height, width = gray.shape
        image = QImage(gray.data, width, height, width, QImage.Format.Format_Grayscale8)
        # Qt draws RGB32 in half the time, to the same gray, but puts the edges of single pixels less exactly
        exact = not place.smooth and not pyramid.rough
        kind = QImage.Format.Format_Grayscale8 if exact else QImage.Format.Format_RGB32
        return _Tile(place, image.convertToFormat(kind), gray)


def _at(level: int, visible: Region) -> Region:
    step = 2**level
    return visible[0] // step, visible[1] // step, -(-visible[2] // step), -(-visible[3] // step)
