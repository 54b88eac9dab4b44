"""The grayscale display chain after the Modality LUT, as values (PS3.3 C.11.2, C.11.6, C.7.6.3.1.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.errors import CxrError

Gray = NDArray[np.uint8]
Entry = TypeVar("Entry", bound=np.generic)


class VoiFunction(StrEnum):
    """VOI LUT Function (0028,1056)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class Window:
    """Window centre and width in modality units.

    Raises CxrError for a width that the function does not allow (PS3.3 C.11.2.1.2.1: at least 1
    for LINEAR, above 0 for the others).
    """

    centre: float
    width: float
    function: VoiFunction = VoiFunction.LINEAR
    explanation: str = ""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.centre) and np.isfinite(self.width)):
            raise CxrError(f"window {self.centre}/{self.width} is not finite")
        smallest = 1.0 if self.function is VoiFunction.LINEAR else 0.0
        if self.width < smallest or self.width == 0:
            raise CxrError(f"window width {self.width:g} is too small for {self.function.value}")

    def apply(self, values: NDArray[np.generic]) -> NDArray[np.float32]:
        """Values mapped to 0..1, same shape."""
        x = _floating(values)
        if self.function is VoiFunction.SIGMOID:
            exponent = np.clip(-4.0 * (x - self.centre) / self.width, -80.0, 80.0)
            return (1.0 / (1.0 + np.exp(exponent))).astype(np.float32)
        if self.function is VoiFunction.LINEAR_EXACT:
            return np.clip((x - self.centre) / self.width + 0.5, 0.0, 1.0).astype(np.float32)
        if self.width == 1:
            return (x > self.centre - 0.5).astype(np.float32)
        return np.clip((x - (self.centre - 0.5)) / (self.width - 1.0) + 0.5, 0.0, 1.0).astype(np.float32)

    @classmethod
    def spanning(cls, low: float, high: float, explanation: str = "") -> Window:
        """The window that maps low to black and high to white exactly."""
        width = max(float(high) - float(low), 1e-6)
        return cls((float(low) + float(high)) / 2, width, VoiFunction.LINEAR_EXACT, explanation)


@dataclass(frozen=True, slots=True, eq=False)
class VoiTable:
    """A VOI LUT Sequence item: entries from first_value on, clamped at both ends.

    entries: (n,) unsigned. bits: significant bits of an entry, the largest value is white.
    """

    entries: NDArray[np.uint16]
    first_value: int
    bits: int
    explanation: str = ""

    def apply(self, values: NDArray[np.generic]) -> NDArray[np.float32]:
        """Values mapped to 0..1, same shape."""
        index = np.asarray(values, dtype=np.float64) - self.first_value
        index = np.clip(np.rint(index), 0, len(self.entries) - 1).astype(np.intp)
        scaled = self.entries.astype(np.float32) / np.float32(2**self.bits - 1)
        return np.minimum(scaled[index], np.float32(1.0))


Voi = Window | VoiTable

# Pixels worked on at a time: the temporaries of a block stay in the processor's cache.
_BLOCK = 65536


def _floating(values: NDArray[np.generic]) -> NDArray[np.floating]:
    """Values as float32 where that is exact enough, as float64 for integers of more than 16 bit."""
    array = np.asarray(values)
    wide = array.dtype.itemsize > 2 and array.dtype.kind in "iu"
    return array.astype(np.float64 if wide else np.float32, copy=False)


def looked_up(table: NDArray[Entry], values: NDArray[np.generic]) -> NDArray[Entry]:
    """table entries of 8 or 16 bit integers, same shape as values.

    table: (2**bits,) indexed by the bit pattern of a value read as unsigned. Several times as fast
    as table[values], which numpy would first widen to an index eight bytes a pixel.
    """
    flat = np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}").ravel()
    found = np.empty(flat.shape, dtype=table.dtype)
    index = np.empty(min(_BLOCK, flat.size), dtype=np.intp)
    for start in range(0, flat.size, _BLOCK):
        block = flat[start : start + _BLOCK]
        np.copyto(index[: block.size], block, casting="unsafe")
        # 'clip' never acts here; it spares numpy the second buffer that 'raise' needs
        np.take(table, index[: block.size], out=found[start : start + block.size], mode="clip")
    return found.reshape(values.shape)


@dataclass(frozen=True, slots=True, eq=False)
class DisplayLut:
    """The display chain of one 8 or 16 bit integer type, worked out for each of its values.

    grays: (2**bits,) uint8, indexed by the stored bit pattern read as unsigned, so that a signed
    image needs no offset. Equal to the chain applied to the pixels themselves, and several times
    as fast on a radiograph.
    """

    grays: Gray

    @classmethod
    def of(cls, grayscale: Grayscale, voi: Voi, dtype: np.dtype[np.generic]) -> DisplayLut:
        """The table for pixels of dtype, an integer type of at most 16 bit."""
        unsigned = np.arange(2 ** (8 * dtype.itemsize), dtype=f"u{dtype.itemsize}")
        return cls(grayscale.grays(unsigned.view(dtype), voi))

    def apply(self, values: NDArray[np.generic]) -> Gray:
        """(rows, columns) uint8 of (rows, columns) values, whose type is the table's."""
        return looked_up(self.grays, values)


@dataclass(frozen=True, slots=True)
class Grayscale:
    """How modality values become gray: the header's VOI choices, then one inversion at most.

    vois: windows and tables of the header in the order to offer them; the first is the default.
    inverted: True where the smallest value is shown white (MONOCHROME1, or Presentation LUT
    Shape INVERSE; never twice).
    """

    vois: tuple[Voi, ...] = field(default=())
    inverted: bool = False

    def display(self, values: NDArray[np.generic], voi: Voi) -> Gray:
        """(rows, columns) modality values to uint8 as a monitor shows them."""
        dtype = values.dtype
        if dtype.kind in "iu" and dtype.itemsize <= 2 and dtype.isnative and values.size > _BLOCK:
            return DisplayLut.of(self, voi, dtype).apply(values)
        flat = np.ascontiguousarray(values).ravel()
        shown = np.empty(flat.shape, dtype=np.uint8)
        for start in range(0, flat.size, _BLOCK):
            shown[start : start + _BLOCK] = self.grays(flat[start : start + _BLOCK], voi)
        return shown.reshape(values.shape)

    def grays(self, values: NDArray[np.generic], voi: Voi) -> Gray:
        """uint8 of values of any shape, by the formulas themselves."""
        shown = voi.apply(values)
        if self.inverted:
            shown = 1.0 - shown
        return np.rint(np.fmax(shown * 255.0, 0.0)).astype(np.uint8)  # what is no number is black
