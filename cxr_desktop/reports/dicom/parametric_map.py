"""Parametric Maps: the relevance of each pixel as it was computed, float32, signs and all (PS3.3 A.75).

A projection radiograph has no place in the patient's coordinate system, and highdicom makes no map of it. Here each
map has a Frame of Reference of its own, whose origin is the first pixel and whose axes are those that Patient
Orientation names; it is bound to the image by reference, row for row and column for column.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes as standard
from pydicom.uid import ParametricMapStorage
from pydicom.valuerep import DSfloat

from cxr_desktop.domain import Analysis, AttributionMap, LocalizedMap
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.reports.dicom.blank import blank, code_item, image_item
from cxr_desktop.reports.dicom.identity import Identity
from cxr_desktop.reports.dicom.naming import beside
from cxr_desktop.reports.dicom.source import Source, source_of
from cxr_desktop.reports.dicom.writing import (
    CHEST_PARTS,
    NOTICE,
    add_body_part,
    add_orientation,
    line,
    save,
    series,
)
from cxr_desktop.reports.wording import parameters_text

_AXES = {
    "L": (1, 0, 0),
    "R": (-1, 0, 0),
    "P": (0, 1, 0),
    "A": (0, -1, 0),
    "H": (0, 0, 1),
    "F": (0, 0, -1),
}
_IMAGE_TYPE = ["DERIVED", "PRIMARY", "VOLUME", "QUANTITY"]


def write(analysis: Analysis, path: Path) -> tuple[Path, ...]:
    """Write `<stem>.<method>.pmap.dcm` for each map. Raises ExportError, or OSError."""
    identity, source = Identity.of(analysis), source_of(analysis)
    if not analysis.maps:
        raise ExportError("the case has no map; compute one first")
    if source.body_part.upper() not in CHEST_PARTS:
        raise ExportError(
            "a parametric map must state which part of the body it shows, and the image's header does not name the "
            "chest (Body Part Examined); choose seg, or json for the numbers"
        )
    if _directions(analysis) is None:
        raise ExportError(
            "a parametric map must state how it lies to the patient, and the image's header does not tell towards "
            "what its rows and columns run (Patient Orientation); choose seg, or json for the numbers"
        )
    written: list[Path] = []
    for number, (target, found, localized) in enumerate(beside(analysis, path), start=1):
        written += save(
            parametric_map(analysis, source, identity, found, localized, number), identity, target
        )
    return tuple(written)


def parametric_map(
    analysis: Analysis,
    source: Source,
    identity: Identity,
    found: AttributionMap,
    localized: LocalizedMap,
    number: int,
) -> Dataset:
    """One map as a data set. Raises ExportError for values that are not finite."""
    values = np.ascontiguousarray(found.values, dtype="<f4")
    if not np.isfinite(values).all():
        raise ExportError(f"the map of {found.method} has values that are not finite; compute it again")
    digest = hashlib.sha256(values.data).hexdigest()
    described = series("pmap", identity, "Relevance of each pixel", number, digest)
    made = blank(source.subject, analysis, identity, ParametricMapStorage, "OT", described)
    add_body_part(made, source.body_part)
    add_orientation(made, analysis)
    made.FrameOfReferenceUID = identity.uid("pmap/frame of reference")
    made.PositionReferenceIndicator = ""
    _describe(made, analysis, source, found)
    _add_pixels(made, values)
    made.SharedFunctionalGroupsSequence = [_shared(analysis, source, found, localized, values)]
    _add_dimension(made)
    return made


def _describe(made: Dataset, analysis: Analysis, source: Source, found: AttributionMap) -> None:
    model = analysis.prediction.model
    made.ImageType = _IMAGE_TYPE
    made.ContentLabel = "CXR_RELEVANCE"
    made.ContentDescription = line(f"Relevance for {found.target}, {found.method}. {NOTICE}")
    made.ContentCreatorName = ""
    made.ContentQualification = "RESEARCH"
    made.PixelPresentation = "MONOCHROME"
    made.PresentationLUTShape = "IDENTITY"
    made.BurnedInAnnotation = "NO"
    made.RecognizableVisualFeatures = "NO"
    made.LossyImageCompression = "00"
    if (
        str(source.image.get("LossyImageCompression", "")) == "01"
        and "LossyImageCompressionRatio" in source.image
    ):
        made.LossyImageCompression = "01"
        made.LossyImageCompressionRatio = source.image.LossyImageCompressionRatio
        if "LossyImageCompressionMethod" in source.image:
            made.LossyImageCompressionMethod = source.image.LossyImageCompressionMethod
    made.ImageComments = (
        f"{NOTICE}. Model {model.name} {model.version}, weights SHA-256 {model.weights_sha256}"
    )
    made.AcquisitionContextSequence = []
    reference = Dataset()
    reference.SeriesInstanceUID = source.subject.SeriesInstanceUID
    reference.ReferencedInstanceSequence = [image_item(source.subject)]
    made.ReferencedSeriesSequence = [reference]


def _add_pixels(made: Dataset, values: np.ndarray) -> None:
    made.NumberOfFrames = 1
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.Rows, made.Columns = values.shape
    made.BitsAllocated = 32
    made.FloatPixelData = values.tobytes()


def _shared(
    analysis: Analysis, source: Source, found: AttributionMap, localized: LocalizedMap, values: np.ndarray
) -> Dataset:
    groups = Dataset()
    groups.PixelMeasuresSequence = [_measures(analysis)]
    place, turn = Dataset(), Dataset()
    place.ImagePositionPatient = [0, 0, 0]
    turn.ImageOrientationPatient = _directions(analysis)
    groups.PlanePositionSequence, groups.PlaneOrientationSequence = [place], [turn]
    anatomy = Dataset()
    anatomy.FrameLaterality = "U"
    anatomy.AnatomicRegionSequence = [code_item("816094009", "SCT", "Thorax")]
    groups.FrameAnatomySequence = [anatomy]
    identical = Dataset()
    identical.RescaleIntercept, identical.RescaleSlope, identical.RescaleType = 0, 1, "US"
    groups.PixelValueTransformationSequence = [identical]
    groups.FrameVOILUTSequence = [_window(values)]
    groups.RealWorldValueMappingSequence = [_mapping(found, values)]
    groups.DerivationImageSequence = [_derivation(source, found, localized)]
    kind = Dataset()
    kind.FrameType = _IMAGE_TYPE
    groups.ParametricMapFrameTypeSequence = [kind]
    return groups


def _directions(analysis: Analysis) -> list[int] | None:
    """Direction cosines of rows and columns, by the first letter of each; None where not told or not square."""
    axes = [_AXES.get(letters[:1]) for letters in analysis.radiograph.orientation]
    row, column = axes
    if row is None or column is None or any(a and b for a, b in zip(row, column, strict=True)):
        return None
    return [*row, *column]


def _measures(analysis: Analysis) -> Dataset:
    """The distance of pixels where anyone has told it; a map of an uncalibrated image has none either."""
    measures = Dataset()
    spacing = analysis.radiograph.spacing
    if spacing is not None:
        measures.PixelSpacing = [_decimal(spacing.row), _decimal(spacing.column)]
    return measures


def _window(values: np.ndarray) -> Dataset:
    """From the smallest to the largest value, around zero where the map is signed."""
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    if low < 0:
        high = max(high, -low)
        low = -high
    window = Dataset()
    window.WindowCenter, window.WindowWidth = _decimal((low + high) / 2), _decimal(max(high - low, 1e-12))
    window.VOILUTFunction = "LINEAR_EXACT"
    return window


def _mapping(found: AttributionMap, values: np.ndarray) -> Dataset:
    """The values mean what they are: relevance, without a unit."""
    mapping = Dataset()
    mapping.DoubleFloatRealWorldValueFirstValueMapped = float(values.min(initial=0.0))
    mapping.DoubleFloatRealWorldValueLastValueMapped = float(values.max(initial=0.0))
    mapping.RealWorldValueIntercept, mapping.RealWorldValueSlope = 0.0, 1.0
    mapping.LUTExplanation = line(f"Relevance for {found.target}, {found.method}")
    mapping.LUTLabel = "RELEVANCE"
    mapping.MeasurementUnitsCodeSequence = [code_item("1", "UCUM", "no units")]
    quantity = Dataset()
    quantity.ValueType = "CODE"
    quantity.ConceptNameCodeSequence = [code_item("246205007", "SCT", "Quantity")]
    quantity.ConceptCodeSequence = [code_item("RELEVANCE", "99CXR", "Relevance of the pixel for the score")]
    mapping.QuantityDefinitionSequence = [quantity]
    return mapping


def _derivation(source: Source, found: AttributionMap, localized: LocalizedMap) -> Dataset:
    derivation = Dataset()
    derivation.DerivationDescription = line(
        f"Attribution method {found.method} ({parameters_text(found)}), label {found.target}, "
        f"cut at {localized.threshold}, weights SHA-256 {found.model.weights_sha256 or 'unknown'}",
        1000,
    )
    method = standard.DCM.UnspecifiedMethodOfCalculation
    derivation.DerivationCodeSequence = [code_item(method.value, method.scheme_designator, method.meaning)]
    image = image_item(source.subject, source.frame)
    image.PurposeOfReferenceCodeSequence = [
        code_item("121322", "DCM", "Source image for image processing operation")
    ]
    image.SpatialLocationsPreserved = "YES"
    derivation.SourceImageSequence = [image]
    return derivation


def _add_dimension(made: Dataset) -> None:
    """The one dimension: the frame's place in a stack of one."""
    organization = Dataset()
    organization.DimensionOrganizationUID = "2.25.0"  # its own is set when the object is saved
    made.DimensionOrganizationSequence = [organization]
    index = Dataset()
    index.DimensionOrganizationUID = organization.DimensionOrganizationUID
    index.DimensionIndexPointer = 0x00209057
    index.FunctionalGroupPointer = 0x00209111
    index.DimensionDescriptionLabel = "In-Stack Position Number"
    made.DimensionIndexSequence = [index]
    content = Dataset()
    content.StackID, content.InStackPositionNumber, content.DimensionIndexValues = "1", 1, 1
    frame = Dataset()
    frame.FrameContentSequence = [content]
    made.PerFrameFunctionalGroupsSequence = [frame]


def _decimal(value: float) -> DSfloat:
    return DSfloat(value, auto_format=True)
