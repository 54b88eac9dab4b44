"""How someone wants an image to be shown: what a softcopy presentation state says (PS3.3 A.33.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from cxr_desktop.domain.grayscale import Voi

T = TypeVar("T")
Point = tuple[float, float]


class GraphicKind(StrEnum):
    """Graphic Type (0070,0023). Points of a circle: its centre and one on it; of an ellipse: the ends of its axes."""

    POINT = "POINT"
    POLYLINE = "POLYLINE"
    INTERPOLATED = "INTERPOLATED"
    CIRCLE = "CIRCLE"
    ELLIPSE = "ELLIPSE"


class Units(StrEnum):
    """What coordinates count: pixels of the stored image, or shares 0..1 of the displayed area."""

    PIXEL = "PIXEL"
    DISPLAY = "DISPLAY"


class SizeMode(StrEnum):
    """Presentation Size Mode (0070,0100)."""

    SCALE_TO_FIT = "SCALE TO FIT"
    TRUE_SIZE = "TRUE SIZE"
    MAGNIFY = "MAGNIFY"


class ShutterShape(StrEnum):
    """Shutter Shape (0018,1600). Points of a rectangle: two opposite corners; of a circle: centre and one on it."""

    RECTANGULAR = "RECTANGULAR"
    CIRCULAR = "CIRCULAR"
    POLYGONAL = "POLYGONAL"


@dataclass(frozen=True, slots=True)
class Graphic:
    """A shape to draw. points: x right, y down, in its units."""

    kind: GraphicKind
    points: tuple[Point, ...]
    units: Units = Units.PIXEL
    filled: bool = False
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Text to write within a box (left, top, right, bottom), at an anchor, or both. marked: the anchor is shown."""

    text: str
    box: tuple[float, float, float, float] | None = None
    box_units: Units = Units.PIXEL
    anchor: Point | None = None
    anchor_units: Units = Units.PIXEL
    marked: bool = False
    layer: str = ""


@dataclass(frozen=True, slots=True)
class DisplayedArea:
    """The part of the image to show, in pixels of the stored image, edges half-open; it may reach beyond.

    magnification: screen pixels to an image pixel, for SizeMode.MAGNIFY.
    """

    left: float
    top: float
    right: float
    bottom: float
    mode: SizeMode = SizeMode.SCALE_TO_FIT
    magnification: float | None = None


@dataclass(frozen=True, slots=True)
class Shutter:
    """What lies outside is hidden. points: in pixels of the stored image. gray: P-value 0..1 to hide it with."""

    shape: ShutterShape
    points: tuple[Point, ...]
    gray: float = 0.0


@dataclass(frozen=True, slots=True)
class Layer:
    """A graphic layer. order: the lowest is drawn first."""

    name: str
    order: int = 0
    description: str = ""


@dataclass(frozen=True, slots=True)
class ImageReference:
    """An image, and those of its frames that are meant, counted from 1; none listed stands for all."""

    sop_instance_uid: str
    frames: tuple[int, ...] = ()

    def covers(self, sop_instance_uid: str, frame: int = 1) -> bool:
        return self.sop_instance_uid == sop_instance_uid and (not self.frames or frame in self.frames)


@dataclass(frozen=True, slots=True)
class Scoped(Generic[T]):
    """A value and the images that it holds for; none listed stands for all of the presentation state's."""

    value: T
    images: tuple[ImageReference, ...] = ()

    def covers(self, sop_instance_uid: str, frame: int = 1) -> bool:
        return not self.images or any(image.covers(sop_instance_uid, frame) for image in self.images)


@dataclass(frozen=True, slots=True, eq=False)
class Presentation:
    """What a presentation state asks of one frame of one image.

    voi: the window or table, in modality units; None leaves it as it is. inverted: presentation LUT
    shape INVERSE. rotation: clockwise degrees, before flipping left to right where flipped (C.10.6).
    graphics and words: those drawn first come first.
    """

    voi: Voi | None = None
    inverted: bool = False
    area: DisplayedArea | None = None
    rotation: int = 0
    flipped: bool = False
    shutters: tuple[Shutter, ...] = ()
    graphics: tuple[Graphic, ...] = ()
    words: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PresentationState:
    """A grayscale softcopy presentation state as it was read; `on` tells what it asks of an image.

    images: those it is for. created: date and time as the file has them, YYYYMMDDHHMMSS.
    notes: what in the file is not supported or had to be left out, in plain sentences.
    """

    sop_instance_uid: str
    study_uid: str
    label: str = ""
    description: str = ""
    creator: str = ""
    created: str = ""
    images: tuple[ImageReference, ...] = ()
    layers: tuple[Layer, ...] = ()
    vois: tuple[Scoped[Voi], ...] = ()
    areas: tuple[Scoped[DisplayedArea], ...] = ()
    graphics: tuple[Scoped[Graphic], ...] = ()
    words: tuple[Scoped[Words], ...] = ()
    shutters: tuple[Shutter, ...] = ()
    inverted: bool = False
    rotation: int = 0
    flipped: bool = False
    notes: tuple[str, ...] = ()

    def on(self, sop_instance_uid: str, frame: int = 1) -> Presentation | None:
        """What is asked of a frame, counted from 1; None for an image that the state is not for."""
        if not any(image.covers(sop_instance_uid, frame) for image in self.images):
            return None
        order = {layer.name: layer.order for layer in self.layers}
        graphics = _covering(self.graphics, sop_instance_uid, frame)
        words = _covering(self.words, sop_instance_uid, frame)
        return Presentation(
            voi=next(iter(_covering(self.vois, sop_instance_uid, frame)), None),
            inverted=self.inverted,
            area=next(iter(_covering(self.areas, sop_instance_uid, frame)), None),
            rotation=self.rotation,
            flipped=self.flipped,
            shutters=self.shutters,
            graphics=tuple(sorted(graphics, key=lambda one: order.get(one.layer, 0))),
            words=tuple(sorted(words, key=lambda one: order.get(one.layer, 0))),
        )


def _covering(scoped: Iterable[Scoped[T]], sop_instance_uid: str, frame: int) -> tuple[T, ...]:
    return tuple(one.value for one in scoped if one.covers(sop_instance_uid, frame))
