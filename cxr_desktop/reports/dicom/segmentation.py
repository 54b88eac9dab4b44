"""Segmentations: boxes and regions above the cut as masks, and each map as shares of its strongest relevance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path

import numpy as np
from highdicom import AlgorithmIdentificationSequence
from highdicom.color import CIELabColor
from highdicom.seg import Segmentation, SegmentDescription
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes as standard

from cxr_desktop.domain import DISCLAIMER, Analysis, AttributionMap, Box, LocalizedMap, region_of
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.domain.palette import NETWORK, READER, REFERENCE, LineStyle
from cxr_desktop.localization import evidence, smoothing_for
from cxr_desktop.reports.dicom import codes
from cxr_desktop.reports.dicom.identity import Identity
from cxr_desktop.reports.dicom.naming import beside
from cxr_desktop.reports.dicom.source import Source, limit_to_frame, source_of
from cxr_desktop.reports.dicom.writing import (
    MANUFACTURER,
    NOTICE,
    add_body_part,
    add_orientation,
    equipment,
    line,
    save,
    series,
)
from cxr_desktop.reports.people import people_boxes
from cxr_desktop.reports.wording import parameters_text

Mask = NDArray[np.bool_]
Share = NDArray[np.float32]
_MOST = 255
_SUPPORTS, _OPPOSES = (230, 97, 0), (26, 133, 255)


@dataclass(frozen=True, slots=True, eq=False)
class _Segment:
    """What one segment shows. made_by: the map it was cut from, None for a person's."""

    name: str
    label: str
    pixels: Mask | Share
    colour: tuple[int, int, int]
    made_by: tuple[AttributionMap, LocalizedMap] | None = None


def write(analysis: Analysis, path: Path) -> tuple[Path, ...]:
    """Write `<stem>.seg.dcm` with the masks and `<stem>.<method>.seg.dcm` for each map. Raises ExportError, OSError."""
    identity, source = Identity.of(analysis), source_of(analysis)
    masks = list(_masks(analysis))
    if not masks and not analysis.maps:
        raise ExportError("there is neither a box nor a map to lay over the image; make a map or draw a box")
    written: list[Path] = []
    if masks:
        made = _segmentation(analysis, source, identity, masks, 1)
        written += save(made, identity, path)
    for number, (target, found, cut) in enumerate(beside(analysis, path), start=2):
        made = _segmentation(analysis, source, identity, list(_shares(found, cut)), number)
        written += save(made, identity, target)
    return tuple(written)


def _masks(analysis: Analysis) -> Iterator[_Segment]:
    """Each box, and what of a map lies above its cut; what is off the image or empty is left out."""
    size = analysis.radiograph.rows, analysis.radiograph.columns
    for pair in zip(analysis.maps, analysis.localized, strict=True):
        found, localized = pair
        mask = _above(found, localized)
        if mask is not None and mask.any():
            name = f"{localized.target}, {found.method}, above the cut"
            yield _Segment(name, localized.target, mask, NETWORK.colour, pair)
        for number, box in enumerate(localized.boxes, start=1):
            label = box.label or localized.target
            yield from _boxed(box, f"{label}, {found.method}, box {number}", label, NETWORK, size, pair)
    for one in people_boxes(analysis):
        style = READER if one.by_reader else REFERENCE
        yield from _boxed(one.box, f"{one.box.label}, {one.name}", one.box.label, style, size)


def _above(found: AttributionMap, localized: LocalizedMap) -> Mask | None:
    """The region that the boxes were drawn around; None where the map has none."""
    if not np.isfinite(found.values).all() or not np.isfinite(localized.cut) or localized.cut <= 0:
        return None
    return evidence(found.values, smooth=smoothing_for(localized.threshold)) >= localized.cut


def _boxed(
    box: Box,
    name: str,
    label: str,
    style: LineStyle,
    size: tuple[int, int],
    made_by: tuple[AttributionMap, LocalizedMap] | None = None,
) -> Iterator[_Segment]:
    """The pixels that a box touches; those whose centres lie within another shape."""
    region = region_of(box)
    if isinstance(region, Box):
        inside = region.clipped(size[1], size[0])
        mask = np.zeros(size, dtype=bool)
        mask[floor(inside.y) : ceil(inside.bottom), floor(inside.x) : ceil(inside.right)] = inside.area > 0
    else:
        mask = region.mask(*size)
    if mask.any():
        yield _Segment(name, label, mask, style.colour, made_by)


def _shares(found: AttributionMap, localized: LocalizedMap) -> Iterator[_Segment]:
    """Relevance as a share of the map's largest magnitude: for the label, and against it where the map is signed."""
    values = np.nan_to_num(np.asarray(found.values, dtype=np.float32), posinf=0.0, neginf=0.0)
    limit = max(float(np.abs(values).max(initial=0.0)), 1e-30)
    pair = (found, localized)
    shares = (values / limit).astype(np.float32)
    supports = np.maximum(shares, 0)
    yield _Segment(f"Speaks for {found.target}, {found.method}", found.target, supports, _SUPPORTS, pair)
    if found.signed:
        opposes = np.maximum(-shares, 0)
        yield _Segment(
            f"Speaks against {found.target}, {found.method}", found.target, opposes, _OPPOSES, pair
        )


def _segmentation(
    analysis: Analysis, source: Source, identity: Identity, segments: list[_Segment], number: int
) -> Segmentation:
    fractional = segments[0].pixels.dtype.kind == "f"
    dtype = np.float32 if fractional else np.uint8
    pixels = np.stack([segment.pixels for segment in segments], axis=-1).astype(dtype, copy=False)
    title = "Relevance, relative to its maximum" if fractional else "Boxes and regions"
    made = Segmentation(
        source_images=[_image(analysis, source)],
        pixel_array=pixels[np.newaxis],
        segmentation_type="FRACTIONAL" if fractional else "BINARY",
        segment_descriptions=[
            _description(analysis, identity, segment, place)
            for place, segment in enumerate(segments, start=1)
        ],
        fractional_type="PROBABILITY",
        max_fractional_value=_MOST,
        omit_empty_frames=False,
        content_label="CXR_RELEVANCE" if fractional else "CXR_REGIONS",
        content_description=line(f"{title}. {NOTICE}"),
        **series("seg", identity, "Regions and relevance", number),
        **equipment(analysis),
    )
    add_body_part(made, source.body_part)
    add_orientation(made, analysis)
    limit_to_frame(made, source)
    return made


def _description(
    analysis: Analysis, identity: Identity, segment: _Segment, number: int
) -> SegmentDescription:
    name = line(segment.name)
    described = SegmentDescription(
        segment_number=number,
        segment_label=name,
        segmented_property_category=codes.ABNORMAL,
        segmented_property_type=codes.finding(segment.label),
        algorithm_type="MANUAL" if segment.made_by is None else "AUTOMATIC",
        algorithm_identification=None if segment.made_by is None else _algorithm(analysis, *segment.made_by),
        tracking_id=name,
        tracking_uid=identity.uid("segment", segment.name),
        display_color=CIELabColor.from_rgb(*segment.colour),
    )
    if segment.pixels.dtype.kind == "f":
        described.SegmentDescription = (
            f"Share of the map's largest magnitude; no probability of disease. {DISCLAIMER}"
        )
    return described


def _algorithm(
    analysis: Analysis, found: AttributionMap, localized: LocalizedMap
) -> AlgorithmIdentificationSequence:
    model = analysis.prediction.model
    return AlgorithmIdentificationSequence(
        name=line(model.title or model.name),
        family=standard.DCM.ArtificialIntelligence,
        version=line(model.version or "unknown"),
        source=MANUFACTURER,
        parameters={
            "weights_sha256": model.weights_sha256 or "unknown",
            "method": found.method,
            "target": line(found.target),
            "threshold": str(localized.threshold),
            "method_parameters": line(parameters_text(found).replace(",", ";"), 500),
        },
    )


def _image(analysis: Analysis, source: Source) -> Dataset:
    """What highdicom wants to know of the image: no geometry, for the pixels lie on its own."""
    image = Dataset()
    image.update(source.subject)
    image.Rows, image.Columns = analysis.radiograph.rows, analysis.radiograph.columns
    image.Modality = analysis.radiograph.header.modality
    return image
