"""Stored values to modality values (PS3.3 C.11.1)."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from cxr_desktop.dicom.elements import items, number
from cxr_desktop.dicom.lookup_table import LookupTable, lookup_table
from cxr_desktop.domain.grayscale import looked_up

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
    return _rescaled(stored, 1.0 if slope is None else slope, 0.0 if intercept is None else intercept)


def _looked_up(stored: NDArray[np.generic], table: LookupTable) -> NDArray[np.generic]:
    index = stored.astype(np.int64) - table.first_value
    return table.entries[np.clip(index, 0, len(table.entries) - 1)]


def _rescaled(stored: NDArray[np.generic], slope: float, intercept: float) -> NDArray[np.generic]:
    if slope == 1.0 and intercept == 0.0:
        return stored if stored.dtype != np.float64 else stored.astype(np.float32)
    ends = [float(end) * slope + intercept for end in (stored.min(), stored.max())]
    if stored.dtype.kind in "iu":
        limits = np.iinfo(cast("np.dtype[np.integer]", stored.dtype))
        whole = slope.is_integer() and intercept.is_integer()
        if whole and limits.min <= min(ends) and max(ends) <= limits.max:
            return (stored.astype(np.int64) * int(slope) + int(intercept)).astype(stored.dtype)
        if limits.bits <= 16:
            inputs = np.arange(2**limits.bits, dtype=f"u{stored.dtype.itemsize}").view(stored.dtype)
            return looked_up((inputs * slope + intercept).astype(np.float32), stored)
    return (stored.astype(np.float64) * slope + intercept).astype(np.float32)
