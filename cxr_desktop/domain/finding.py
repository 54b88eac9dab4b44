"""What a reader marks: a region with a label, a certainty, a side and a comment; or a statement on the whole study."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum, StrEnum
from typing import Any

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.shapes import Ellipse, Point, Polygon, Shape, Vertex

Region = Box | Shape


class ShapeKind(StrEnum):
    """How a finding's region lies within its box."""

    BOX = "box"
    ELLIPSE = "ellipse"
    POLYGON = "polygon"
    POINT = "point"


class Certainty(IntEnum):
    """How sure the reader is."""

    UNSTATED = 0
    POSSIBLE = 1
    PROBABLE = 2
    DEFINITE = 3

    @property
    def following(self) -> Certainty:
        """The next step, over and over."""
        return Certainty((self + 1) % len(Certainty))


class Laterality(StrEnum):
    """Of the patient, spelled as DICOM's Laterality (0020,0060)."""

    UNSTATED = ""
    RIGHT = "R"
    LEFT = "L"
    BOTH = "B"

    @property
    def following(self) -> Laterality:
        """The next one, over and over."""
        order = list(Laterality)
        return order[(order.index(self) + 1) % len(order)]


@dataclass(frozen=True, slots=True)
class Finding(Box):
    """A box of which a reader said more; its edges are those of the region's bounding box.

    shape: of the region. vertices: of a polygon, as shares 0..1 of the box's width and height, so that
    a finding that is moved or resized as a box takes its outline along. A point has no extent.
    Raises ValueError where vertices and shape do not fit together.
    """

    shape: ShapeKind = ShapeKind.BOX
    vertices: tuple[Vertex, ...] = ()
    certainty: Certainty = Certainty.UNSTATED
    laterality: Laterality = Laterality.UNSTATED
    comment: str = ""

    def __post_init__(self) -> None:
        Box.__post_init__(self)
        if (self.shape is ShapeKind.POLYGON) != bool(self.vertices):
            raise ValueError(f"a {self.shape.value} with {len(self.vertices)} vertices")
        if self.vertices and len(self.vertices) < 3:
            raise ValueError(f"a polygon has at least three vertices, not {len(self.vertices)}")

    @property
    def region(self) -> Region:
        """The region in pixels of the stored image."""
        if self.shape is ShapeKind.ELLIPSE:
            return Ellipse(self.x, self.y, self.width, self.height)
        if self.shape is ShapeKind.POLYGON:
            placed = ((self.x + u * self.width, self.y + v * self.height) for u, v in self.vertices)
            return Polygon(tuple(placed))
        if self.shape is ShapeKind.POINT:
            return Point(self.x, self.y)
        return Box(self.x, self.y, self.width, self.height)

    @property
    def simplest(self) -> Box:
        """A plain box where nothing more is said, else the finding."""
        said = self.shape is not ShapeKind.BOX or self.certainty or self.laterality or self.comment
        return self if said else plain(self)

    @classmethod
    def around(cls, shape: Shape, like: Box | None = None) -> Finding:
        """A finding of the shape. like: what else is said of it."""
        frame = shape.bounding_box
        kind = ShapeKind.POINT
        shares: tuple[Vertex, ...] = ()
        if isinstance(shape, Ellipse):
            kind = ShapeKind.ELLIPSE
        elif isinstance(shape, Polygon):
            wide, high = frame.width or 1.0, frame.height or 1.0
            kind = ShapeKind.POLYGON
            shares = tuple(((x - frame.x) / wide, (y - frame.y) / high) for x, y in shape.vertices)
        edges = {"x": frame.x, "y": frame.y, "width": frame.width, "height": frame.height}
        return cls.of(like or frame, **edges, shape=kind, vertices=shares)

    @classmethod
    def of(cls, box: Box, **changes: Any) -> Finding:
        """The box as a finding, with some fields changed."""
        return cls(**{**_said(box), **changes})


@dataclass(frozen=True, slots=True)
class StudyFinding:
    """A finding without a region: of the study as a whole."""

    label: str
    certainty: Certainty = Certainty.UNSTATED
    laterality: Laterality = Laterality.UNSTATED
    comment: str = ""


def region_of(box: Box) -> Region:
    """The region that a box or a finding marks."""
    return box.region if isinstance(box, Finding) else box


def plain(box: Box) -> Box:
    """The bounding box alone, with label, score and source."""
    return Box(box.x, box.y, box.width, box.height, box.label, box.score, box.source)


def _said(box: Box) -> dict[str, Any]:
    return {one.name: getattr(box, one.name) for one in fields(box)}
