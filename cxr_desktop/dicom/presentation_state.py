"""Grayscale Softcopy Presentation States, of any maker, as values (PS3.3 A.33.1)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydicom.dataset import Dataset

from cxr_desktop.dicom.elements import integer, items, number, numbers, text
from cxr_desktop.dicom.failure import naming
from cxr_desktop.dicom.graphics import graphic_annotations
from cxr_desktop.dicom.object import read_object, referenced_images
from cxr_desktop.dicom.voi import header_vois
from cxr_desktop.domain.grayscale import Voi
from cxr_desktop.domain.presentation import (
    DisplayedArea,
    ImageReference,
    Layer,
    Point,
    PresentationState,
    Scoped,
    Shutter,
    ShutterShape,
    SizeMode,
)

KINDS = {"1.2.840.10008.5.1.4.1.1.11.1": "Grayscale Softcopy Presentation State"}
_WHITE = 65535.0


def read_presentation_state(path: Path | str) -> PresentationState:
    """A presentation state's window, displayed area, shutters, shapes and text.

    What is malformed or not supported is left out and told in `notes`. Raises DicomReadError, its
    message naming the file, for anything but a grayscale softcopy presentation state.
    """
    path = Path(path)
    with naming(path):
        dataset = read_object(path, KINDS, "a grayscale softcopy presentation state")
        notes: list[str] = []
        graphics, words = graphic_annotations(dataset, notes)
        shape = text(dataset, "PresentationLUTShape").upper()
        if items(dataset, "PresentationLUTSequence"):
            notes.append(
                "Its presentation LUT is a table, which is not supported; grays are shown without it."
            )
        return PresentationState(
            sop_instance_uid=text(dataset, "SOPInstanceUID"),
            study_uid=text(dataset, "StudyInstanceUID"),
            label=text(dataset, "ContentLabel"),
            description=text(dataset, "ContentDescription"),
            creator=text(dataset, "ContentCreatorName"),
            created=text(dataset, "PresentationCreationDate") + text(dataset, "PresentationCreationTime"),
            images=tuple(_images(dataset)),
            layers=tuple(_layers(dataset)),
            vois=tuple(_vois(dataset, notes)),
            areas=tuple(_areas(dataset, notes)),
            graphics=tuple(graphics),
            words=tuple(words),
            shutters=tuple(_shutters(dataset, notes)),
            inverted=shape == "INVERSE",
            rotation=integer(dataset, "ImageRotation", 0) % 360,
            flipped=text(dataset, "ImageHorizontalFlip").upper() == "Y",
            notes=tuple(notes),
        )


def _images(dataset: Dataset) -> Iterator[ImageReference]:
    for series in items(dataset, "ReferencedSeriesSequence"):
        yield from referenced_images(series, "ReferencedImageSequence")


def _layers(dataset: Dataset) -> Iterator[Layer]:
    for item in items(dataset, "GraphicLayerSequence"):
        yield Layer(
            text(item, "GraphicLayer"),
            integer(item, "GraphicLayerOrder", 0),
            text(item, "GraphicLayerDescription"),
        )


def _vois(dataset: Dataset, notes: list[str]) -> Iterator[Scoped[Voi]]:
    """The first transformation of each item: more than one would leave the choice to the viewer."""
    intercept = number(dataset, "RescaleIntercept") or 0.0
    for item in items(dataset, "SoftcopyVOILUTSequence"):
        for voi in header_vois(item, signed=intercept < 0, notes=notes)[:1]:
            yield Scoped(voi, referenced_images(item, "ReferencedImageSequence"))


def _areas(dataset: Dataset, notes: list[str]) -> Iterator[Scoped[DisplayedArea]]:
    for item in items(dataset, "DisplayedAreaSelectionSequence"):
        corners = (
            *numbers(item, "DisplayedAreaTopLeftHandCorner"),
            *numbers(item, "DisplayedAreaBottomRightHandCorner"),
        )
        if len(corners) != 4 or any(corner != corner for corner in corners):
            notes.append("A displayed area is malformed and was left out.")
            continue
        (x0, y0, x1, y1), mode = corners, text(item, "PresentationSizeMode").upper()
        if mode == SizeMode.TRUE_SIZE:
            notes.append("True size is not supported; the displayed area is fitted to the window.")
        area = DisplayedArea(
            min(x0, x1) - 1,
            min(y0, y1) - 1,
            max(x0, x1),
            max(y0, y1),
            SizeMode(mode) if mode in set(SizeMode) else SizeMode.SCALE_TO_FIT,
            number(item, "PresentationPixelMagnificationRatio"),
        )
        yield Scoped(area, referenced_images(item, "ReferencedImageSequence"))


def _shutters(dataset: Dataset, notes: list[str]) -> Iterator[Shutter]:
    gray = (number(dataset, "ShutterPresentationValue") or 0.0) / _WHITE
    for shape in text(dataset, "ShutterShape").upper().split("\\"):
        if not shape:
            continue
        if shape not in set(ShutterShape):
            notes.append(f"The shutter of shape {shape[:16]} is not supported; nothing is hidden by it.")
            continue
        points = _SHAPES[ShutterShape(shape)](dataset)
        if not points:
            notes.append(f"The {shape.lower()} shutter is malformed and was left out.")
            continue
        yield Shutter(ShutterShape(shape), points, min(max(gray, 0.0), 1.0))


def _rectangle(dataset: Dataset) -> tuple[Point, ...]:
    """Edges are the first and last pixels shown, counted from 1 (PS3.3 C.7.6.11)."""
    edges = [
        number(dataset, f"Shutter{name}Edge")
        for name in ("LeftVertical", "UpperHorizontal", "RightVertical", "LowerHorizontal")
    ]
    if any(edge is None for edge in edges):
        return ()
    left, top, right, bottom = (float(edge) for edge in edges if edge is not None)
    return (min(left, right) - 1, min(top, bottom) - 1), (max(left, right), max(top, bottom))


def _circle(dataset: Dataset) -> tuple[Point, ...]:
    centre, radius = numbers(dataset, "CenterOfCircularShutter"), number(dataset, "RadiusOfCircularShutter")
    if len(centre) != 2 or radius is None:
        return ()
    row, column = centre[0] - 0.5, centre[1] - 0.5
    return (column, row), (column + radius, row)


def _polygon(dataset: Dataset) -> tuple[Point, ...]:
    flat = numbers(dataset, "VerticesOfThePolygonalShutter")
    if len(flat) < 6 or len(flat) % 2:
        return ()
    return tuple((flat[k + 1] - 0.5, flat[k] - 0.5) for k in range(0, len(flat), 2))


_SHAPES = {
    ShutterShape.RECTANGULAR: _rectangle,
    ShutterShape.CIRCULAR: _circle,
    ShutterShape.POLYGONAL: _polygon,
}
