"""The radiograph: 16 bit through one table to gray, at the resolution of the screen."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from cxr_desktop.domain import Gray
from cxr_desktop.ui.viewer.gray_pyramid import Presentation
from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.view_transform import Turn

PIXELS_SHOWN_FROM = 8.0
Region = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Pixels x0, y0, x1, y1 of a level of the pyramid, and how they lie on the screen."""

    level: int
    region: Region
    turn: Turn
    smooth: bool

    @property
    def stored(self) -> Region:
        """The same in stored pixels; the last ones may lie beyond the image."""
        x0, y0, x1, y1 = self.region
        step = 2**self.level
        return step * x0, step * y0, step * x1, step * y1

    def covers(self, other: Place) -> bool:
        """Whether all that another place shows is to be seen here, at any resolution."""
        (left, top, right, bottom), (x0, y0, x1, y1) = self.stored, other.stored
        alike = (self.turn, self.smooth) == (other.turn, other.smooth)
        return alike and left <= x0 and top <= y0 and x1 <= right and y1 <= bottom


@dataclass(frozen=True, slots=True, eq=False)
class _Tile:
    """A place in gray. gray: what the picture may point to."""

    place: Place
    picture: QImage
    gray: Gray


class ImageLayer:
    """Renders the part that the canvas shows, from the level of the pyramid that fits."""

    overlay = False

    def __init__(self) -> None:
        self._image: LoadedImage | None = None
        self._presentation: Presentation | None = None
        self._table: Gray | None = None
        self._tile: _Tile | None = None
        self.state = object()

    def show(self, image: LoadedImage | None) -> None:
        self._image, self._presentation, self._table, self._tile = image, None, None, None
        self.state = object()

    def present(self, presentation: Presentation) -> None:
        if self._image is None or presentation == self._presentation:
            return
        self._presentation = presentation
        self._table = self._image.pyramid.lookup(self._image.radiograph.grayscale, presentation)
        self._tile = None
        self.state = object()

    def paint(self, painter: QPainter, frame: Frame) -> None:
        wanted = self.place(frame)
        if wanted is None:
            return
        if not self.holds(wanted, frame.moving):
            self._tile = self._rendered(wanted)
        assert self._tile is not None
        self.draw(painter, frame, self._tile.place, self._tile.picture)

    def place(self, frame: Frame) -> Place | None:
        """What a frame shows; None for nothing."""
        if self._image is None or self._presentation is None:
            return None
        radiograph, pyramid = self._image.radiograph, self._image.pyramid
        visible = frame.view.visible(radiograph.columns, radiograph.rows, frame.width, frame.height)
        if visible[0] >= visible[2] or visible[1] >= visible[3]:
            return None
        level = pyramid.level_for(frame.view.scale, coarse=frame.moving)
        glimpsed = pyramid.rough and frame.view.scale < 1
        smooth = frame.view.scale < PIXELS_SHOWN_FROM and not glimpsed
        return Place(level, _at(level, visible), frame.view.turn, smooth)

    def holds(self, wanted: Place, moving: bool) -> bool:
        """Whether the tile at hand will do; under a moving hand one that shows more, or half as fine, will, too."""
        if self._tile is None or self._tile.place == wanted:
            return self._tile is not None
        held = self._tile.place
        return moving and abs(held.level - wanted.level) <= 1 and held.covers(wanted)

    def extent(self, level: int) -> tuple[int, int]:
        """Columns and rows of a level of the image that is shown."""
        assert self._image is not None
        rows, columns = self._image.pyramid.levels[level].shape
        return columns, rows

    def gray(self, place: Place) -> Gray:
        """(h, w) of a place as it lies on the screen."""
        assert self._image is not None
        assert self._presentation is not None
        pyramid, grayscale = self._image.pyramid, self._image.radiograph.grayscale
        gray = pyramid.gray(place.level, place.region, self._table, grayscale, self._presentation)
        return place.turn.turned(gray)

    def draw(self, painter: QPainter, frame: Frame, place: Place, picture: QImage) -> None:
        """Draw the picture of a place where it lies, cut to the image."""
        assert self._image is not None
        radiograph = self._image.radiograph
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, place.smooth)
        within = frame.pixels(0, 0, radiograph.columns, radiograph.rows)
        painter.setClipRect(within, Qt.ClipOperation.IntersectClip)
        painter.drawImage(frame.rect(*place.stored), picture)
        painter.restore()

    def _rendered(self, place: Place) -> _Tile:
        assert self._image is not None
        gray = self.gray(place)
        height, width = gray.shape
        image = QImage(gray.data, width, height, width, QImage.Format.Format_Grayscale8)
        # Qt draws RGB32 in half the time, to the same gray, but puts the edges of single pixels less exactly
        exact = not place.smooth and not self._image.pyramid.rough
        kind = QImage.Format.Format_Grayscale8 if exact else QImage.Format.Format_RGB32
        return _Tile(place, image.convertToFormat(kind), gray)


def _at(level: int, visible: Region) -> Region:
    step = 2**level
    return visible[0] // step, visible[1] // step, -(-visible[2] // step), -(-visible[3] // step)
