"""How large a pixel is, and at what that was measured (PS3.3 10.7.1)."""

from __future__ import annotations

import math

from pydicom.dataset import Dataset

from cxr_desktop.dicom.elements import number, numbers, text
from cxr_desktop.domain.radiograph import PixelSpacing

SPACING_KEYWORDS = (
    "PixelSpacing",
    "PixelSpacingCalibrationType",
    "ImagerPixelSpacing",
    "EstimatedRadiographicMagnificationFactor",
    "NominalScannedPixelSpacing",
    "PixelAspectRatio",
)
_CALIBRATIONS = {
    "GEOMETRY": "pixel spacing, corrected for geometric magnification",
    "FIDUCIAL": "pixel spacing, calibrated on an object of known size",
}
_PROJECTIONS = ("CR", "DX", "DR", "RG", "MG", "XA", "RF", "PX", "IO")


def pixel_spacing(source: Dataset, modality: str, notes: list[str]) -> PixelSpacing | None:
    """The best spacing that the header gives, or None where lengths are known in pixels only."""
    at_patient, at_detector = _pair(source, "PixelSpacing"), _pair(source, "ImagerPixelSpacing")
    calibration = text(source, "PixelSpacingCalibrationType").upper()
    scanned = _pair(source, "NominalScannedPixelSpacing")
    if at_patient and (calibration or at_patient not in (at_detector, scanned)):
        return PixelSpacing(*at_patient, _at_patient(calibration, modality))
    if at_detector:
        return _at_detector(source, at_detector)
    if scanned:
        return PixelSpacing(*scanned, "nominal scanned pixel spacing, on the film")
    ratio = _pair(source, "PixelAspectRatio")
    if ratio and ratio[0] != ratio[1]:
        notes.append(
            f"Pixels are not square (aspect ratio {ratio[0]:g}:{ratio[1]:g}), and their size is not known."
        )
    return None


def pixel_aspect(source: Dataset, spacing: PixelSpacing | None) -> float:
    """Height of a stored pixel over its width: of the spacing, else of Pixel Aspect Ratio."""
    ratio = (spacing.row, spacing.column) if spacing else _pair(source, "PixelAspectRatio")
    return ratio[0] / ratio[1] if ratio else 1.0


def _at_patient(calibration: str, modality: str) -> str:
    if calibration in _CALIBRATIONS:
        return _CALIBRATIONS[calibration]
    return "pixel spacing, calibration not stated" if modality in _PROJECTIONS else "pixel spacing"


def _at_detector(source: Dataset, spacing: tuple[float, float]) -> PixelSpacing:
    magnification = number(source, "EstimatedRadiographicMagnificationFactor")
    if magnification is not None and magnification >= 1:
        row, column = (value / magnification for value in spacing)
        return PixelSpacing(
            row, column, f"imager pixel spacing, divided by an estimated magnification of {magnification:g}"
        )
    return PixelSpacing(*spacing, "imager pixel spacing, at the detector: lengths are magnified")


def _pair(source: Dataset, keyword: str) -> tuple[float, float] | None:
    """Row and column spacing, or None where absent or impossible."""
    values = numbers(source, keyword)
    if len(values) != 2 or not all(math.isfinite(value) and value > 0 for value in values):
        return None
    return values[0], values[1]
