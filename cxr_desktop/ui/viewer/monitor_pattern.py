"""A test pattern for monitors after AAPM TG18-QC, and the luminance that DICOM wants of it. No Qt.

Source: AAPM On-line Report 03 (2005), section 3.2.1; DICOM PS3.14, section 7.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain import Gray

BACKGROUND = 128
LEVELS = (0, *range(8, 256, 16), 255)
"""Driving levels of the patches, eighteen as in TG18-QC."""
LETTERS = "QUALITY CONTROL"
_PATCH_CONTRAST = 4
_PS3_14 = (
    (-1.3011877, 8.0242636e-2, 1.3646699e-1, -2.5468404e-2, 1.3635334e-3),
    (-2.5840191e-2, -1.0320229e-1, 2.8745620e-2, -3.1978977e-3, 1.2992634e-4),
)
_INVERSE = (
    71.498068, 94.593053, 41.912053, 9.8247004, 0.28175407, -1.1878455, -0.18014349, 0.14710899, -0.017046845,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of device pixels, edges half-open."""

    x: int
    y: int
    width: int
    height: int

    def inner(self, share: float) -> Area:
        """Of that share of each side, in the middle."""
        width, height = round(self.width * share), round(self.height * share)
        return Area(self.x + (self.width - width) // 2, self.y + (self.height - height) // 2, width, height)

    def of(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return picture[self.y : self.y + self.height, self.x : self.x + self.width]


@dataclass(frozen=True, slots=True)
class PatternPlan:
    """Where the parts lie. letters: three fields, dark, middle and light."""

    patches: tuple[Area, ...]
    extremes: tuple[Area, Area]
    ramps: tuple[Area, Area]
    lines: tuple[Area, ...]
    letters: tuple[Area, ...]
    side: int


def plan(width: int, height: int) -> PatternPlan:
    """For a screen of that size in device pixels."""
    side = max(min(width, height) // 10, 8)
    cx, cy = width // 2, height // 2
    ring = [(column, -3) for column in range(-3, 3)] + [(2, row) for row in range(-2, 2)]
    ring += [(column, 2) for column in range(2, -4, -1)] + [(-3, row) for row in range(1, -3, -1)]
    patches = tuple(
        Area(cx + column * side, cy + row * side, side, side) for column, row in ring[: len(LEVELS)]
    )
    extremes = (Area(cx - side, cy - side, side, side), Area(cx, cy - side, side, side))
    ramp = max(min(side // 2, cx - 4 * side), 4)
    ramps = tuple(
        Area(x, cy - 3 * side, ramp, 6 * side) for x in (cx - 3 * side - 2 * ramp, cx + 3 * side + ramp)
    )
    margin, small = side // 2, side // 2 * 2
    lines = tuple(
        Area(x, y, small, small)
        for x in (margin, width - margin - small)
        for y in (margin, height - margin - small)
    )
    rows = tuple(
        Area(cx - 2 * side + side // 4, cy + k * side // 3, 7 * side // 2, side // 3) for k in range(3)
    )
    return PatternPlan(patches, extremes, (ramps[0], ramps[1]), (*lines, _centre(cx, cy, side)), rows, side)


def _centre(cx: int, cy: int, side: int) -> Area:
    return Area(cx - 2 * side, cy - side, side, side)


def monitor_pattern(width: int, height: int) -> Gray:
    """(height, width) driving levels; letters are left to the painter."""
    layout = plan(width, height)
    picture = np.full((height, width), BACKGROUND, np.uint8)
    _grid(picture, layout.side)
    for area, level in zip(layout.patches, LEVELS, strict=True):
        area.of(picture)[:] = level
        _corners(area.of(picture), level)
    for area, outer, inner in zip(layout.extremes, (0, 255), (13, 242), strict=True):
        area.of(picture)[:] = outer
        area.inner(0.5).of(picture)[:] = inner
    for area, rising in zip(layout.ramps, (False, True), strict=True):
        levels = np.arange(area.height) * 256 // area.height
        area.of(picture)[:] = (levels if rising else levels[::-1]).astype(np.uint8)[:, None]
    for area in layout.lines:
        _line_pairs(area.of(picture))
    for area, level in zip(layout.letters, (0, BACKGROUND, 255), strict=True):
        area.of(picture)[:] = level
    return picture


def _grid(picture: Gray, side: int) -> None:
    height, width = picture.shape
    for y in range(height // 2 % side, height, side):
        picture[y] = 191
    for x in range(width // 2 % side, width, side):
        picture[:, x] = 191
    picture[:2], picture[-2:], picture[:, :2], picture[:, -2:] = 255, 255, 255, 255


def _corners(patch: NDArray[np.uint8], level: int) -> None:
    """Two opposite corners a little darker, the others a little lighter, as in TG18-QC."""
    rows, columns = (max(extent // 5, 1) for extent in patch.shape)
    low, high = max(level - _PATCH_CONTRAST, 0), min(level + _PATCH_CONTRAST, 255)
    patch[:rows, :columns] = patch[-rows:, -columns:] = high
    patch[:rows, -columns:] = patch[-rows:, :columns] = low


def _line_pairs(field: NDArray[np.uint8]) -> None:
    """Lines of one and of two pixels, upright and lying: they must not shimmer or melt."""
    rows, columns = (extent // 2 for extent in field.shape)
    across, down = np.arange(field.shape[1]), np.arange(field.shape[0])[:, None]
    field[:rows, :columns] = (across % 2 * 255)[:columns]
    field[:rows, columns:] = (across // 2 % 2 * 255)[: field.shape[1] - columns]
    field[rows:, :columns] = (down % 2 * 255)[: field.shape[0] - rows]
    field[rows:, columns:] = (down // 2 % 2 * 255)[: field.shape[0] - rows]


def gsdf_luminance(index: float) -> float:
    """cd/m² of a just noticeable difference index from 1 to 1023 (PS3.14, equation 7-1)."""
    x = math.log(index)
    top = sum(c * x**k for k, c in enumerate(_PS3_14[0]))
    bottom = 1 + sum(c * x ** (k + 1) for k, c in enumerate(_PS3_14[1]))
    return 10 ** (top / bottom)


def gsdf_index(luminance: float) -> float:
    """Just noticeable difference index of a luminance from 0.05 to 4000 cd/m² (PS3.14, 7-2)."""
    x = math.log10(luminance)
    return sum(c * x**k for k, c in enumerate(_INVERSE))


def wanted_luminance(level: int, darkest: float, brightest: float) -> float:
    """cd/m² of a driving level on a monitor calibrated to DICOM between two luminances."""
    low, high = gsdf_index(darkest), gsdf_index(brightest)
    return gsdf_luminance(low + level / 255 * (high - low))
