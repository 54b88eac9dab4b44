"""LUT Descriptor and LUT Data, as the Modality and VOI LUT Sequences hold them (PS3.3 C.11.1.1)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from cxr_desktop.dicom.elements import numbers
from cxr_desktop.dicom.failure import DAMAGE

_MANY = 65536


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """entries: (n,) uint16, n >= 2, for inputs from first_value on. bits: of an entry, 8 to 16."""

    entries: NDArray[np.uint16]
    first_value: int
    bits: int


def lookup_table(item: Dataset, *, signed: bool) -> LookupTable | None:
    """The table of a sequence item, or None where it is malformed.

    signed: whether the values looked up can be negative; the descriptor's second value then is.
    """
    descriptor = numbers(item, "LUTDescriptor")
    if len(descriptor) != 3 or not all(math.isfinite(value) for value in descriptor):
        return None
    count, first, bits = (int(value) for value in descriptor)
    count %= _MANY
    count = count or _MANY  # PS3.3 C.11.1.1: 0 stands for 65536
    if signed and first > 32767:
        first -= _MANY
    try:
        entries = _entries(item["LUTData"].value, count, "<u2" if _is_little_endian(item) else ">u2")
    except DAMAGE:
        return None
    if len(entries) < 2:
        return None
    return LookupTable(entries, first, bits if 8 <= bits <= 16 else _bits_of(entries))


def _is_little_endian(item: Dataset) -> bool:
    """Byte order of OW values, which pydicom hands over as they stand in the file."""
    return item.original_encoding[1] is not False


def _entries(data: object, count: int, word: str) -> NDArray[np.uint16]:
    """LUT Data as words: from bytes (OW), of one byte an entry where there are too few for words."""
    if isinstance(data, bytes):
        words = np.frombuffer(data[: len(data) // 2 * 2], dtype=word)
        if len(words) >= count:
            return words[:count].astype("u2")
        return words.astype("<u2").view("u1")[:count].astype("u2")
    values = np.atleast_1d(np.asarray(data)).astype(np.int64) % _MANY
    if len(values) * 2 in (count, count + 1):  # bytes packed into words
        return values.astype("<u2").view("u1")[:count].astype("u2")
    return values[:count].astype("u2")


def _bits_of(entries: NDArray[np.uint16]) -> int:
    return max(8, int(entries.max()).bit_length())
