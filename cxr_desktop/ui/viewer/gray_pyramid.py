"""A radiograph at several resolutions, in full depth, and its gray through one lookup. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain import Gray, Grayscale, Radiograph, Voi
from cxr_desktop.domain.grayscale import looked_up

SMALLEST_SIDE = 256
DEPTH = 65536
Values = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Presentation:
    """How the reader wants the gray. inverted: on top of what the file declares, after the VOI."""

    voi: Voi
    inverted: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class GrayPyramid:
    """Level k holds means over 2**k x 2**k stored pixels.

    Where all values are whole numbers within 16 bits, levels are uint16 and `offset` plus level
    is the modality value, so that gray comes exactly from a table; else levels are float32
    modality values and `offset` is None. masks: per level, False where pixel padding took part;
    empty where there is none. rough: levels are samples instead of means, for a moment only.
    """

    levels: tuple[Values, ...]
    offset: int | None
    depth: int = DEPTH
    masks: tuple[NDArray[np.bool_], ...] = ()
    rough: bool = False

    @classmethod
    def build(cls, radiograph: Radiograph) -> GrayPyramid:
        base, offset = _indexed(radiograph.pixels)
        levels = [base]
        while min(levels[-1].shape) >= 2 * SMALLEST_SIDE:
            levels.append(_halved(levels[-1]))
        depth = int(base.max(initial=0)) + 1 if offset is not None else DEPTH
        return cls(tuple(levels), offset, depth, _masks(radiograph.valid, len(levels)))

    @classmethod
    def sampled(cls, radiograph: Radiograph) -> GrayPyramid:
        """Levels of single pixels instead of means: views, made at once; for the first moments of an image."""
        pixels = radiograph.pixels
        count = 1
        while min(pixels.shape) >> (count - 1) >= 2 * SMALLEST_SIDE:
            count += 1
        levels = tuple(pixels[:: 2**k, :: 2**k] for k in range(count))
        valid = radiograph.valid
        masks = () if valid is None else tuple(valid[:: 2**k, :: 2**k] for k in range(count))
        return cls(levels, 0 if pixels.dtype == np.uint16 else None, DEPTH, masks, rough=True)

    def level_for(self, scale: float, coarse: bool = False) -> int:
        """The coarsest level that is not magnified at `scale` device pixels per stored pixel.

        coarse: allow a magnification up to 1.5, for frames under a moving hand.
        """
        limit = 1.5 if coarse else 1.0
        level = 0
        while level + 1 < len(self.levels) and scale * 2 ** (level + 1) <= limit:
            level += 1
        return level

    def gray(
        self,
        level: int,
        region: tuple[int, int, int, int],
        table: Gray | None,
        grayscale: Grayscale,
        presentation: Presentation,
    ) -> Gray:
        """The gray of pixels (x0, y0, x1, y1) of a level. table: as `lookup` gave it."""
        x0, y0, x1, y1 = region
        part = self.levels[level][y0:y1, x0:x1]
        if table is not None:
            gray = looked_up(table, part)
        else:
            gray = grayscale.display(part, presentation.voi)
            gray = 255 - gray if presentation.inverted else gray
        if self.masks:
            gray *= self.masks[level][y0:y1, x0:x1]
        return gray

    def lookup(self, grayscale: Grayscale, presentation: Presentation) -> Gray | None:
        """(depth,) gray of every index; None where values are no whole numbers."""
        if self.offset is None:
            return None
        values = np.arange(self.depth, dtype=np.float32) + np.float32(self.offset)
        gray = grayscale.display(values, presentation.voi)
        return 255 - gray if presentation.inverted else gray


def _indexed(pixels: Values) -> tuple[Values, int | None]:
    if pixels.size == 0:
        return np.zeros(pixels.shape, np.uint16), 0
    low, high = pixels.min(), pixels.max()
    whole = np.issubdtype(pixels.dtype, np.integer) or bool((np.rint(pixels) == pixels).all())
    if not whole or float(high) - float(low) >= DEPTH:
        return np.asarray(pixels, dtype=np.float32), None
    if pixels.dtype == np.uint16:
        return pixels, 0
    return (pixels - low).astype(np.uint16), int(low)


def _halved(level: Values) -> Values:
    """Means over 2 x 2, the last row and column repeated where their number is odd."""
    rows, columns = level.shape
    if rows % 2 or columns % 2:
        level = np.pad(level, ((0, rows % 2), (0, columns % 2)), mode="edge")
    wide: type = np.uint32 if level.dtype == np.uint16 else np.float32
    total: Values = level[0::2, 0::2].astype(wide)
    total += level[0::2, 1::2]
    total += level[1::2, 0::2]
    total += level[1::2, 1::2]
    if level.dtype == np.uint16:
        return ((total + 2) >> 2).astype(np.uint16)
    return total / np.float32(4)


def _masks(valid: NDArray[np.bool_] | None, count: int) -> tuple[NDArray[np.bool_], ...]:
    if valid is None:
        return ()
    masks = [valid]
    while len(masks) < count:
        rows, columns = masks[-1].shape
        even = np.pad(masks[-1], ((0, rows % 2), (0, columns % 2)), mode="edge")
        masks.append(even[0::2, 0::2] & even[0::2, 1::2] & even[1::2, 0::2] & even[1::2, 1::2])
    return tuple(masks)
