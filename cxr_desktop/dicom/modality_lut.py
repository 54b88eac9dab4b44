"""Stored values to modality values (PS3.3 C.11.1)."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from cxr_desktop.dicom.elements import items, number
from cxr_desktop.dicom.lookup_table import LookupTable, lookup_table
from cxr_desktop.domain.grayscale import looked_up

_LARGEST = float(np.finfo(np.float32).max)
MODALITY_KEYWORDS = ("ModalityLUTSequence", "RescaleSlope", "RescaleIntercept", "RescaleType")


def modality_values(stored: NDArray[np.generic], source: Dataset, notes: list[str]) -> NDArray[np.generic]:
    """(rows, columns) after the Modality LUT: the table where there is one, else slope and intercept.

    Keeps the stored type where slope and intercept are whole numbers and the results fit in it;
    otherwise float32 (uint16 for a table). Appends to notes what was ignored.
    """
    for item in items(source, "ModalityLUTSequence")[:1]:
        table = lookup_table(item, signed=stored.dtype.kind == "i")
        if table is not None:
            return _looked_up(stored, table)
        notes.append("The Modality LUT Sequence is malformed and was ignored.")
    slope, intercept = number(source, "RescaleSlope"), number(source, "RescaleIntercept")
    if slope == 0:
        notes.append("Rescale Slope is 0 and was ignored.")
        slope = None
    slope, intercept = 1.0 if slope is None else slope, 0.0 if intercept is None else intercept
    if slope == 1.0 and intercept == 0.0:
        return _unscaled(stored)
    ends = [end * slope + intercept for end in _ends(stored)]
    if max(map(abs, ends)) > _LARGEST:
        notes.append("Rescale Slope and Rescale Intercept lead beyond all numbers and were ignored.")
        return _unscaled(stored)
    return _rescaled(stored, slope, intercept, ends)


def _ends(stored: NDArray[np.generic]) -> tuple[float, float]:
    """The lowest and the highest value that is a number."""
    numbers = stored if stored.dtype.kind in "iu" else stored[np.isfinite(stored)]
    return (float(numbers.min()), float(numbers.max())) if numbers.size else (0.0, 0.0)


def _unscaled(stored: NDArray[np.generic]) -> NDArray[np.generic]:
    return _in_float32(stored) if stored.dtype == np.float64 else stored


def _in_float32(values: NDArray[np.generic]) -> NDArray[np.float32]:
    """Numbers beyond those of the type are its largest."""
    return np.clip(values, -_LARGEST, _LARGEST, dtype=np.float64).astype(np.float32)


def _looked_up(stored: NDArray[np.generic], table: LookupTable) -> NDArray[np.generic]:
    index = stored.astype(np.int64) - table.first_value
    return table.entries[np.clip(index, 0, len(table.entries) - 1)]


def _rescaled(
    stored: NDArray[np.generic], slope: float, intercept: float, ends: list[float]
) -> NDArray[np.generic]:
    """ends: the lowest and highest result."""
    if stored.dtype.kind in "iu":
        limits = np.iinfo(cast("np.dtype[np.integer]", stored.dtype))
        whole = slope.is_integer() and intercept.is_integer()
        if whole and limits.min <= min(ends) and max(ends) <= limits.max:
            return (stored.astype(np.int64) * int(slope) + int(intercept)).astype(stored.dtype)
        if limits.bits <= 16:
            inputs = np.arange(2**limits.bits, dtype=f"u{stored.dtype.itemsize}").view(stored.dtype)
            return looked_up((inputs * slope + intercept).astype(np.float32), stored)
    return _in_float32(stored.astype(np.float64) * slope + intercept)
