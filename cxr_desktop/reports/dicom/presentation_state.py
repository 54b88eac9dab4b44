"""A Grayscale Softcopy Presentation State: boxes and names drawn on the image, in the window that we show it in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from highdicom import PresentationLUTTransformation
from highdicom.color import CIELabColor
from highdicom.pr import (
    GraphicAnnotation,
    GraphicLayer,
    GraphicObject,
    GrayscaleSoftcopyPresentationState,
    TextObject,
)
from pydicom.dataset import Dataset

from cxr_desktop.domain import Analysis, Box
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.domain.palette import NETWORK, READER, REFERENCE, LineStyle
from cxr_desktop.reports.dicom.identity import Identity
from cxr_desktop.reports.dicom.observers import person_name
from cxr_desktop.reports.dicom.outlines import outline
from cxr_desktop.reports.dicom.shown_gray import add_gray
from cxr_desktop.reports.dicom.source import Source, limit_to_frame, source_of
from cxr_desktop.reports.dicom.writing import NOTICE, add_body_part, equipment, line, save, series
from cxr_desktop.reports.people import people_boxes

_TEXT_HEIGHT, _TEXT_WIDTH = 0.03, 0.3
_LEAST = 1e-3
_CORNERS = 73


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The boxes of a layer, each with the words beside it."""

    layer: str
    style: LineStyle
    boxes: tuple[tuple[Box, str], ...]


def write(analysis: Analysis, path: Path) -> tuple[Path, ...]:
    """Write the presentation state. Raises ExportError, or OSError."""
    identity = Identity.of(analysis)
    return save(presentation_state(analysis, source_of(analysis), identity), identity, path)


def presentation_state(
    analysis: Analysis, source: Source, identity: Identity
) -> GrayscaleSoftcopyPresentationState:
    """The presentation state as a data set. Raises ExportError for an image in colour, which it cannot show."""
    if not str(source.image.get("PhotometricInterpretation", "")).startswith("MONOCHROME"):
        raise ExportError(
            "the image is in colour, and a grayscale presentation state cannot show it; choose sr"
        )
    image = _image(analysis, source)
    layers, annotations = [], []
    for order, drawn in enumerate(_drawn(analysis), start=1):
        colour = CIELabColor.from_rgb(*drawn.style.colour)
        layers.append(GraphicLayer(drawn.layer, order, f"{drawn.style.title} boxes", colour))
        graphics = [_graphic(box, identity, f"{drawn.layer} {tag}", analysis) for box, tag in drawn.boxes]
        texts = [_tag(box, tag, analysis) for box, tag in drawn.boxes]
        annotations.append(
            GraphicAnnotation([image], layers[-1], graphic_objects=graphics, text_objects=texts)
        )
    layers.append(GraphicLayer("NOTICE", len(layers) + 1, "What the boxes come from"))
    annotations.append(GraphicAnnotation([image], layers[-1], text_objects=[_notice(analysis)]))
    readers = [reading.reader for reading in analysis.readings if reading.reader]
    shape = "INVERSE" if analysis.radiograph.grayscale.inverted else "IDENTITY"
    state = GrayscaleSoftcopyPresentationState(
        referenced_images=[image],
        content_label="CXR_FINDINGS",
        content_description=line(f"Network, reference and reader boxes. {NOTICE}"),
        content_creator_name=person_name(readers[0]) if readers else None,
        graphic_layers=layers,
        graphic_annotations=annotations,
        presentation_lut_transformation=PresentationLUTTransformation(shape),
        **series("gsps", identity, "Boxes on the image"),
        **equipment(analysis),
    )
    add_body_part(state, source.body_part, sided=True)
    add_gray(state, analysis.radiograph, source.image)
    limit_to_frame(state, source)
    _add_aspect(state, analysis)
    return state


def _image(analysis: Analysis, source: Source) -> Dataset:
    """What highdicom wants to know of the image; its gray values and its frame are told by ourselves."""
    image = Dataset()
    image.update(source.subject)
    image.Rows, image.Columns = analysis.radiograph.rows, analysis.radiograph.columns
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    return image


def _drawn(analysis: Analysis) -> Iterator[_Drawn]:
    """A layer for each kind of maker that has boxes on the image."""
    network = [
        (box, f"{box.label or localized.target}, {localized.method}")
        for localized in analysis.localized
        for box in localized.boxes
    ]
    people = people_boxes(analysis)
    by_readers = [(one.box, f"{one.box.label}, {one.name}") for one in people if one.by_reader]
    references = [(one.box, f"{one.box.label}, {one.name}") for one in people if not one.by_reader]
    for layer, style, boxes in (
        ("NETWORK", NETWORK, network),
        ("REFERENCE", REFERENCE, references),
        ("READER", READER, by_readers),
    ):
        shown = [(box, tag) for box, tag in boxes if _is_visible(box, analysis)]
        if shown:
            yield _Drawn(layer, style, tuple(shown))


def _is_visible(box: Box, analysis: Analysis) -> bool:
    """Whether any of it lies on the image, and it is more than a line."""
    rows, columns = analysis.radiograph.rows, analysis.radiograph.columns
    if outline(box)[0] == "POINT":
        return 0 <= box.x <= columns and 0 <= box.y <= rows
    inside = box.clipped(columns, rows)
    return min(inside.width, inside.height) > _LEAST


def _graphic(box: Box, identity: Identity, name: str, analysis: Analysis) -> GraphicObject:
    """The region, what of it lies off the image laid on the image's edge."""
    kind, points = outline(box)
    limits = (analysis.radiograph.columns, analysis.radiograph.rows)
    if (
        kind == "ELLIPSE" and (points != np.clip(points, 0, limits)).any()
    ):  # cut by the edge, it is none any more
        turn = np.linspace(0, 2 * np.pi, _CORNERS)[:, None]
        half = np.array((box.width, box.height)) / 2
        kind, points = "POLYLINE", np.array(box.centre) + half * np.hstack((np.cos(turn), np.sin(turn)))
    points = np.clip(points, 0, limits)
    place = f"{name} {points.tolist()}"
    return GraphicObject(
        kind, points, "PIXEL", tracking_id=line(name), tracking_uid=identity.uid("graphic", place)
    )


def _tag(box: Box, tag: str, analysis: Analysis) -> TextObject:
    """The words above the box, or within it where there is no room above."""
    rows, columns = analysis.radiograph.rows, analysis.radiograph.columns
    height, width = max(_TEXT_HEIGHT * rows, _LEAST), max(_TEXT_WIDTH * columns, _LEAST)
    box = box.clipped(columns, rows)
    left = max(min(box.x, columns - width), 0.0)
    top = box.y - height if box.y >= height else box.y
    top = max(min(top, rows - height), 0.0)
    corners = (left, top, min(left + width, float(columns)), min(top + height, float(rows)))
    return TextObject(line(tag), "PIXEL", bounding_box=corners, text_justification="LEFT")


def _notice(analysis: Analysis) -> TextObject:
    model = analysis.prediction.model
    methods = ", ".join(found.method for found in analysis.maps)
    words = f"{NOTICE}. {model.name} {model.version}, weights {model.weights_sha256[:12]}"
    return TextObject(
        line(f"{words}. {methods}" if methods else words, 500),
        "DISPLAY",
        bounding_box=(0.01, 0.96, 0.99, 0.99),
        text_justification="LEFT",
    )


def _add_aspect(state: Dataset, analysis: Analysis) -> None:
    """How far pixels lie apart: in millimetres where that is known, else their shape."""
    area = state.DisplayedAreaSelectionSequence[0]
    del area.PixelOriginInterpretation  # for tiled images alone
    spacing = analysis.radiograph.spacing
    if spacing is not None:
        del area.PresentationPixelAspectRatio
        area.PresentationPixelSpacing = [f"{spacing.row:.10g}", f"{spacing.column:.10g}"]
    elif analysis.radiograph.pixel_aspect != 1.0:
        area.PresentationPixelAspectRatio = [round(1000 * analysis.radiograph.pixel_aspect), 1000]
