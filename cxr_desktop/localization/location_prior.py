"""A prediction that never looks at the image: where lesions of a label usually lie.

A method that falls below it shows where lesions are in general, not where this one is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box
from cxr_desktop.localization.map_boxes import boxes_from_mask
from cxr_desktop.localization.overlap import Mask
from cxr_desktop.localization.pointing import coverage, peak
from cxr_desktop.localization.smoothing import smoothed

GRID = 64
"""Cells along each side of the normalised image."""

_LEVELS = np.arange(0.05, 1.0, 0.05)
_PEAK_SMOOTH = 0.03

Plane = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BoxedImage:
    """The reference boxes of one label on one image of rows x columns pixels."""

    rows: int
    columns: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LocationPrior:
    """coverage: (GRID, GRID) share of the fitted images whose boxes cover each cell of the normalised image.

    level: the coverage from which a cell belongs to the mask.
    """

    coverage: Plane
    level: float

    @classmethod
    def fit(cls, images: Sequence[BoxedImage]) -> LocationPrior:
        """The mean coverage of the images, cut where the mean IoU of mask and boxes is highest.

        Raises ValueError where no image has a box.
        """
        covers, sums = _covers(images)
        mean = sums.sum(axis=0) / len(sums)
        return _Levels.of(mean, np.concatenate(covers)).best(mean, slice(None))

    @property
    def mask(self) -> Mask:
        """(GRID, GRID) cells that are predicted."""
        return _mask(self.coverage, self.level)

    def boxes(self, rows: int, columns: int) -> tuple[Box, ...]:
        """Boxes round the pieces of the mask, on an image of that size."""
        found = boxes_from_mask(self.mask, self.coverage.astype(np.float32), min_area=0.0)
        return tuple(
            replace(
                box,
                x=box.x * columns / GRID,
                y=box.y * rows / GRID,
                width=box.width * columns / GRID,
                height=box.height * rows / GRID,
            )
            for box in found
        )

    def point(self, rows: int, columns: int) -> tuple[float, float]:
        """Where boxes lie most often, as (x, y) on an image of that size; plateaus give their middle."""
        x, y = peak(smoothed(self.coverage, _PEAK_SMOOTH)) or (GRID / 2, GRID / 2)
        return x * columns / GRID, y * rows / GRID


def leave_one_out(images: Sequence[BoxedImage]) -> tuple[LocationPrior, ...]:
    """For each image the prior fitted on all the others. Raises ValueError for fewer than two images."""
    if len(images) < 2:
        raise ValueError("leaving one image out needs at least two images with boxes")
    covers, sums = _covers(images)
    total = sums.sum(axis=0)
    owner = np.repeat(np.arange(len(images)), [len(cover) for cover in covers])
    levels = _Levels.of(total / len(images), np.concatenate(covers))
    return tuple(
        levels.best((total - sums[place]) / (len(images) - 1), owner != place) for place in range(len(images))
    )


def _covers(images: Sequence[BoxedImage]) -> tuple[list[Plane], Plane]:
    """Per image its boxes as (boxes, GRID * GRID) coverage; (images, GRID, GRID) of their unions."""
    if not images or not all(image.boxes for image in images):
        raise ValueError("a location prior is fitted on images with boxes")
    covers = [
        np.stack([coverage(_on_grid(box, image), (GRID, GRID)) for box in image.boxes]) for image in images
    ]
    unions = np.stack([cover.max(axis=0) for cover in covers])
    return [cover.reshape(len(cover), -1) for cover in covers], unions


def _on_grid(box: Box, image: BoxedImage) -> Box:
    across, down = GRID / image.columns, GRID / image.rows
    return Box(box.x * across, box.y * down, box.width * across, box.height * down)


@dataclass(frozen=True, slots=True, eq=False)
class _Levels:
    """The boxes against the masks of one mean coverage, so that a mean that is nearly the same costs little.

    covers: (GRID * GRID, boxes), areas: (boxes,) their sums. masks: (levels, GRID * GRID) 0 or 1. common: (levels,
    boxes) what they share.
    """

    covers: Plane
    areas: Plane
    masks: Plane
    common: Plane

    @classmethod
    def of(cls, mean: Plane, covers: Plane) -> _Levels:
        """covers: (boxes, GRID * GRID)."""
        by_cell, masks = np.ascontiguousarray(covers.T), _masks(mean)
        return cls(by_cell, by_cell.sum(axis=0), masks, masks @ by_cell)

    def best(self, mean: Plane, counted: NDArray[np.bool_] | slice) -> LocationPrior:
        """Cut where the mean IoU with the counted boxes is highest, at the lowest of equal levels."""
        masks = _masks(mean)
        apart = masks - self.masks
        cells = np.flatnonzero(apart.any(axis=0))
        common = self.common + apart[:, cells] @ self.covers[cells]
        union = self.areas[None, :] + masks.sum(axis=1)[:, None] - common
        quality = np.divide(common, union, out=np.zeros_like(common), where=union > 0)[:, counted].mean(
            axis=1
        )
        # Rounded, as equal masks must not part by how their sums came about.
        return LocationPrior(mean, float(_LEVELS[int(np.round(quality, 12).argmax())] * mean.max()))


def _masks(mean: Plane) -> Plane:
    """(levels, GRID * GRID)"""
    return np.stack([_mask(mean, level).ravel() for level in _LEVELS * mean.max()]).astype(np.float64)


def _mask(mean: Plane, level: float) -> Mask:
    # The tolerance keeps equal coverages together, however their sums were rounded.
    return (mean >= level - 1e-9) & (mean > 1e-9)
