"""Which pixels belong to the image (PS3.3 C.7.5.1.1.2)."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from cxr_desktop.dicom.elements import number

PADDING_KEYWORDS = (
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "FloatPixelPaddingValue",
    "DoubleFloatPixelPaddingValue",
)


def valid_pixels(stored: NDArray[np.generic], dataset: Dataset, notes: list[str]) -> NDArray[np.bool_] | None:
    """(rows, columns) False on padding and on values that are no numbers; None where all are valid.

    stored: values before the Modality LUT, which is what padding is declared in.
    """
    if stored.dtype.kind == "f":
        return _valid_floats(stored, dataset, notes)
    value = number(dataset, "PixelPaddingValue")
    if value is None:
        return None
    limit = number(dataset, "PixelPaddingRangeLimit")
    ends = [_as_stored(end, stored.dtype) for end in (value, value if limit is None else limit)]
    values = cast("NDArray[np.integer]", stored)
    return unless_all((values < min(ends)) | (values > max(ends)))


def are_numbers(values: NDArray[np.generic], notes: list[str]) -> NDArray[np.bool_]:
    """(rows, columns) False where a float is infinite or no number. Appends to notes where there are such."""
    found = np.isfinite(values)
    if not found.all():
        notes.append("Some pixels are not numbers; they are shown black.")
    return found


def _valid_floats(
    stored: NDArray[np.generic], dataset: Dataset, notes: list[str]
) -> NDArray[np.bool_] | None:
    valid = are_numbers(stored, notes)
    for keyword in ("FloatPixelPaddingValue", "DoubleFloatPixelPaddingValue"):
        value = number(dataset, keyword)
        if value is not None:
            valid &= stored != value
    return unless_all(valid)


def _as_stored(value: float, dtype: np.dtype[np.generic]) -> int:
    """The padding value with the sign of the pixels: many files write -2000 as 63536."""
    whole, width = int(value), 8 * dtype.itemsize
    if dtype.kind == "i" and whole >= 2 ** (width - 1):
        return whole - 2**width
    return whole % 2**width if dtype.kind == "u" and whole < 0 else whole


def unless_all(valid: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    return None if valid.all() else valid
