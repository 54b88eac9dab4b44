"""Bit planes that a modality laid over its image (PS3.3 C.9.2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class OverlayKind(StrEnum):
    """Overlay Type (60xx,0040)."""

    GRAPHICS = "graphics"
    REGION = "region of interest"


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """One plane of one frame, read-only.

    bits: (rows, columns), True where it is drawn. row, column: stored pixel under its first bit,
    counted from 0; planes may reach beyond the image. group: 0x6000 to 0x601E.
    """

    bits: NDArray[np.bool_]
    row: int = 0
    column: int = 0
    group: int = 0x6000
    kind: OverlayKind = OverlayKind.GRAPHICS
    label: str = ""

    def on_image(self, rows: int, columns: int) -> NDArray[np.bool_]:
        """(rows, columns) of the image, what lies beyond it cut off."""
        found = np.zeros((rows, columns), dtype=np.bool_)
        top, left = max(self.row, 0), max(self.column, 0)
        part = self.bits[
            top - self.row : max(rows - self.row, 0), left - self.column : max(columns - self.column, 0)
        ]
        found[top : top + part.shape[0], left : left + part.shape[1]] = part
        return found
