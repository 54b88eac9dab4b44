"""A decoded frame on its way to a Radiograph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One frame as stored, before any grayscale transformation.

    pixels: (rows, columns). bits: significant bits of a pixel. valid: False on padding, or None.
    inverted: the smallest value is white. colour: it was reduced from colour. words: (rows, columns) as
    they stand in the file, unused bits included; None where there are none.
    """

    pixels: NDArray[np.generic]
    bits: int
    valid: NDArray[np.bool_] | None = None
    inverted: bool = False
    colour: bool = False
    notes: tuple[str, ...] = ()
    words: NDArray[np.generic] | None = None
