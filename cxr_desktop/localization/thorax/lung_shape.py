"""The usual outline of two lungs on a frontal radiograph, and where an image fits it best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, next_fast_len, rfft2

from cxr_desktop.localization.thorax.grid import Mask, Plane

Spectrum = NDArray[np.complex64]

RIGHT = (
    (0.30, 0.02), (0.37, 0.00), (0.42, 0.05), (0.44, 0.12), (0.435, 0.25), (0.42, 0.40), (0.41, 0.55),
    (0.40, 0.70), (0.39, 0.84), (0.32, 0.83), (0.22, 0.82), (0.12, 0.85), (0.05, 0.91), (0.01, 0.98),
    (0.01, 0.85), (0.03, 0.65), (0.055, 0.48), (0.085, 0.33), (0.13, 0.20), (0.19, 0.10), (0.25, 0.05),
)  # fmt: skip
LEFT = (
    (0.70, 0.02), (0.63, 0.00), (0.58, 0.05), (0.565, 0.12), (0.57, 0.25), (0.585, 0.36), (0.60, 0.45),
    (0.65, 0.58), (0.72, 0.70), (0.77, 0.80), (0.79, 0.88), (0.87, 0.885), (0.94, 0.93), (0.99, 0.99),
    (0.99, 0.85), (0.97, 0.65), (0.945, 0.48), (0.915, 0.33), (0.87, 0.20), (0.81, 0.10), (0.75, 0.05),
)  # fmt: skip
"""Corners (x, y) in the box round both lungs, the patient's right lung on the image's left. Rounded from the mean
of 434 outlines of the 'COVID-19 X-ray dataset' (V7 Labs, CC BY 4.0); the heart, which they include, is cut out."""

_HEIGHTS = np.arange(0.36, 0.97, 0.06)
_RATIOS = (0.95, 1.08, 1.22, 1.38, 1.56)
_MARGIN = 0.12
_NARROWEST, _WIDEST = 12.0, 1.04
_USUAL = (0.66, 0.50, 0.47)
_SPREAD = (0.30, 0.14, 0.16)


@dataclass(frozen=True, slots=True)
class LungFit:
    """Where the outline lies, in cells. contrast: by how many deviations it is darker inside than round it."""

    left: float
    top: float
    width: float
    height: float
    contrast: float

    def outline(self, corners: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
        """(corners, 2) x and y in cells."""
        return np.array(corners) * (self.width, self.height) + (self.left, self.top)

    def enlarged(self, factor: float) -> LungFit:
        """On a grid that is finer by a factor."""
        sizes = (self.left * factor, self.top * factor, self.width * factor, self.height * factor)
        return LungFit(*sizes, self.contrast)


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """An outline to try. kernel: its spectrum. usual: (rows, columns) how usual it is there."""

    width: float
    height: float
    kernel: Spectrum
    usual: Plane


def fit_lungs(contrast: Plane) -> LungFit:
    """The place and size at which the outline holds the darkest parts against those round it.

    contrast: gray against its neighbourhood, in deviations. Sizes and places that are unusual for a
    chest radiograph must be darker to win.
    """
    shape = (contrast.shape[0], contrast.shape[1])
    padded = _padded(shape)
    spectrum = rfft2(np.asarray(contrast, np.float32), s=padded)
    best, found = -np.inf, LungFit(0, 0, 1, 1, 0)
    for candidate in _candidates(shape):
        # For each cell as the centre of the outline: mean round it less mean inside.
        score = irfft2(spectrum * candidate.kernel, s=padded)[: shape[0], : shape[1]]
        penalised = score * candidate.usual
        place = np.unravel_index(penalised.argmax(), score.shape)
        if penalised[place] > best:
            best = penalised[place]
            left, top = float(place[1]) - candidate.width / 2, float(place[0]) - candidate.height / 2
            found = LungFit(left, top, candidate.width, candidate.height, float(score[place]))
    return found


def filled(corners: NDArray[np.float64], shape: tuple[int, int]) -> Mask:
    """Cells whose centres lie in a polygon, by the even-odd rule. corners: (n, 2) x and y."""
    y, x = (np.arange(size) + 0.5 for size in shape)
    inside = np.zeros(shape, dtype=bool)
    for (x0, y0), (x1, y1) in pairwise([*corners, corners[0]]):
        if y0 != y1:
            rows = np.flatnonzero((y0 > y) != (y1 > y))
            inside[rows] ^= x[None, :] < ((x1 - x0) * (y[rows] - y0) / (y1 - y0) + x0)[:, None]
    return inside


@lru_cache(maxsize=8)
def _candidates(shape: tuple[int, int]) -> tuple[_Candidate, ...]:
    """Kept: most images have one shape."""
    rows, columns = shape
    padded = _padded(shape)
    return tuple(
        _Candidate(width, height, _kernel_spectrum(width, height, padded), _usual(shape, height))
        for height in (_HEIGHTS * rows).tolist()
        for width in (height * ratio for ratio in _RATIOS)
        if _NARROWEST <= width <= _WIDEST * columns
    )


def _kernel_spectrum(width: float, height: float, padded: tuple[int, int]) -> Spectrum:
    """The outline round the first cell as a filter, in the frequencies of the padded image."""
    margin = round(_MARGIN * height)
    own = (round(height) + 2 * margin, round(width) + 2 * margin)
    fit = LungFit(margin, margin, width, height, 0)
    inside = filled(fit.outline(RIGHT), own) | filled(fit.outline(LEFT), own)
    kernel = np.zeros(padded, np.float32)
    kernel[: own[0], : own[1]] = np.where(inside, -1 / inside.sum(), 1 / (~inside).sum())[::-1, ::-1]
    return rfft2(np.roll(kernel, (-(own[0] // 2), -(own[1] // 2)), (0, 1)))


def _padded(shape: tuple[int, int]) -> tuple[int, int]:
    """Room for half of the largest outline beside the image, so that what wraps round falls on no centre asked for."""
    reach = 1 + 2 * _MARGIN
    tall = int(np.ceil(_HEIGHTS[-1] * shape[0] * reach)) + 2
    wide = int(np.ceil(_WIDEST * shape[1] + 2 * _MARGIN * _HEIGHTS[-1] * shape[0])) + 2
    down, across = max(shape[0] + tall // 2 + 1, tall), max(shape[1] + wide // 2 + 1, wide)
    return next_fast_len(down), next_fast_len(across)


def _usual(shape: tuple[int, int], height: float) -> Plane:
    """0..1 for each cell: how usual lungs of that height are there."""
    rows, columns = shape
    size, across, down = _USUAL
    wide = abs(height / rows - size) / _SPREAD[0]
    x = (np.arange(columns) / columns - across) / _SPREAD[1]
    y = (np.arange(rows) / rows - down) / _SPREAD[2]
    return np.exp(-0.5 * (x[None, :] ** 2 + y[:, None] ** 2 + wide**2)).astype(np.float32)
