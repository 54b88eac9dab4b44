"""The grayscale display chain after the Modality LUT, as values (PS3.3 C.11.2, C.11.6, C.7.6.3.1.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.errors import CxrError

Gray = NDArray[np.uint8]


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
        x = np.asarray(values, dtype=np.float32)
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
        shown = voi.apply(values)
        if self.inverted:
            shown = 1.0 - shown
        return np.rint(shown * 255.0).astype(np.uint8)
