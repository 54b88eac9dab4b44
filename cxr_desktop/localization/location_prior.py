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
        every = np.concatenate(covers)
        return _fitted(sums.sum(axis=0) / len(sums), every, np.ones(len(every), dtype=bool))

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
    every = np.concatenate(covers)
    return tuple(
        _fitted((total - sums[place]) / (len(images) - 1), every, owner != place)
        for place in range(len(images))
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


def _fitted(mean: Plane, covers: Plane, counted: NDArray[np.bool_]) -> LocationPrior:
    """covers: (boxes, GRID * GRID). counted: (boxes,) those that the level is chosen for."""
    levels = _LEVELS * float(mean.max())
    masks = np.stack([_mask(mean, level).ravel() for level in levels]).astype(np.float64)
    common = covers @ masks.T
    union = covers.sum(axis=1)[:, None] + masks.sum(axis=1)[None, :] - common
    quality = np.divide(common, union, out=np.zeros_like(common), where=union > 0)[counted].mean(axis=0)
    return LocationPrior(mean, float(levels[int(quality.argmax())]))


def _mask(mean: Plane, level: float) -> Mask:
    # The tolerance keeps equal coverages together, however their sums were rounded.
    return (mean >= level - 1e-9) & (mean > 1e-9)
