"""The Graphic Annotation Module: shapes and text on an image (PS3.3 C.10.5)."""

from __future__ import annotations

import math
from typing import TypeVar

from pydicom.dataset import Dataset

from cxr_desktop.dicom.elements import integer, items, numbers, text
from cxr_desktop.dicom.object import referenced_images
from cxr_desktop.domain.presentation import Graphic, GraphicKind, ImageReference, Point, Scoped, Units, Words

T = TypeVar("T")

_FEWEST = {
    GraphicKind.POINT: 1,
    GraphicKind.CIRCLE: 2,
    GraphicKind.ELLIPSE: 4,
    GraphicKind.POLYLINE: 2,
    GraphicKind.INTERPOLATED: 2,
}
_LONGEST_TEXT = 1024


def graphic_annotations(
    dataset: Dataset, notes: list[str]
) -> tuple[list[Scoped[Graphic]], list[Scoped[Words]]]:
    """Shapes and text in the order of the file. Appends to notes what was malformed and so left out."""
    graphics: list[Scoped[Graphic]] = []
    words: list[Scoped[Words]] = []
    for item in items(dataset, "GraphicAnnotationSequence"):
        images = referenced_images(item, "ReferencedImageSequence")
        layer = text(item, "GraphicLayer")
        if items(item, "CompoundGraphicSequence"):
            notes.append("Compound graphics of the presentation state are not supported and were left out.")
        for one in items(item, "GraphicObjectSequence"):
            _add(graphics, _graphic(one, layer), images, "A graphic", notes)
        for one in items(item, "TextObjectSequence"):
            _add(words, _words(one, layer), images, "A text", notes)
    return graphics, words


def _add(
    found: list[Scoped[T]], value: T | None, images: tuple[ImageReference, ...], what: str, notes: list[str]
) -> None:
    if value is None:
        notes.append(f"{what} of the presentation state is malformed or not supported and was left out.")
    else:
        found.append(Scoped(value, images))


def _graphic(item: Dataset, layer: str) -> Graphic | None:
    kind, units = text(item, "GraphicType").upper(), _units(item, "GraphicAnnotationUnits")
    if kind not in set(GraphicKind) or units is None or integer(item, "GraphicDimensions", 2) != 2:
        return None
    points = _points(numbers(item, "GraphicData"))
    if len(points) < _FEWEST[GraphicKind(kind)]:
        return None
    return Graphic(GraphicKind(kind), points, units, text(item, "GraphicFilled").upper() == "Y", layer)


def _words(item: Dataset, layer: str) -> Words | None:
    corners = (
        *numbers(item, "BoundingBoxTopLeftHandCorner"),
        *numbers(item, "BoundingBoxBottomRightHandCorner"),
    )
    box = corners if len(corners) == 4 and all(map(math.isfinite, corners)) else None
    anchor = _points(numbers(item, "AnchorPoint"))[:1]
    box_units = _units(item, "BoundingBoxAnnotationUnits")
    anchor_units = _units(item, "AnchorPointAnnotationUnits")
    if (box is None or box_units is None) and (not anchor or anchor_units is None):
        return None
    return Words(
        _multiline(item),
        None if box is None or box_units is None else _upright(box[0], box[1], box[2], box[3]),
        box_units or Units.PIXEL,
        anchor[0] if anchor and anchor_units is not None else None,
        anchor_units or Units.PIXEL,
        text(item, "AnchorPointVisibility").upper() == "Y",
        layer,
    )


def _upright(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
    """The corners as left, top, right, bottom: on a turned image they are given the other way round."""
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _multiline(item: Dataset) -> str:
    value = str(item.get("UnformattedTextValue") or "").replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in value if c.isprintable() or c == "\n").strip()[:_LONGEST_TEXT]


def _units(item: Dataset, keyword: str) -> Units | None:
    found = text(item, keyword).upper()
    return Units(found) if found in set(Units) else None


def _points(flat: tuple[float, ...]) -> tuple[Point, ...]:
    pairs = tuple(zip(flat[::2], flat[1::2], strict=False))
    return pairs if len(flat) % 2 == 0 and all(map(math.isfinite, flat)) else ()
