"""Towards which side of the patient rows and columns run (PS3.3 C.7.6.1.1.1)."""

from __future__ import annotations

import math

from pydicom.dataset import Dataset

from cxr_desktop.dicom.elements import numbers, texts

ORIENTATION_KEYWORDS = ("PatientOrientation", "ImageOrientationPatient")
_LETTERS = frozenset("APRLHF")
_AXES = (("L", "R"), ("P", "A"), ("H", "F"))
_OBLIQUE = 0.2  # of a unit vector: 12 degrees off an axis are told by a second letter


def patient_orientation(source: Dataset) -> tuple[str, str]:
    """Letters towards which a row runs (to the right) and a column (downwards); '' where not told.

    Letters are those of Patient Orientation: A, P, R, L, H, F, the main direction first.
    """
    declared = texts(source, "PatientOrientation")
    if len(declared) == 2:
        row, column = (_letters(value) for value in declared)
        if row and column:
            return row, column
    cosines = numbers(source, "ImageOrientationPatient")
    if len(cosines) == 6 and all(map(math.isfinite, cosines)):
        return _direction(cosines[:3]), _direction(cosines[3:])
    return "", ""


def _letters(value: str) -> str:
    value = value.upper()
    return value if value and set(value) <= _LETTERS and len(set(value)) == len(value) <= 3 else ""


def _direction(cosines: tuple[float, ...]) -> str:
    strongest = sorted(range(3), key=lambda axis: -abs(cosines[axis]))
    return "".join(_AXES[axis][cosines[axis] < 0] for axis in strongest if abs(cosines[axis]) > _OBLIQUE)
