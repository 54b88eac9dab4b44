"""A prediction that never looks at the image: where lesions of a label usually lie.

A method that falls below it shows where lesions are in general, not where this one is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box
from cxr_desktop.localization.map_boxes import boxes_from_mask
from cxr_desktop.localization.overlap import Mask
from cxr_desktop.localization.pointing import line_coverage, peak
from cxr_desktop.localization.smoothing import smoothed

GRID = 64
"""Cells along each side of the normalised image."""

_LEVELS = np.arange(0.05, 1.0, 0.05)
_PEAK_SMOOTH = 0.03
_BLOCK = 512
"""Boxes held against the masks at once: 5 MiB."""

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
        strips = _Strips.of(images)
        mean = strips.total() / len(images)
        return _Levels.of(mean, strips).best(mean, slice(None))

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


def leave_one_out(images: Sequence[BoxedImage]) -> Iterator[LocationPrior]:
    """For each image the prior fitted on all the others, made as it is asked for.

    Raises ValueError for fewer than two images.
    """
    if len(images) < 2:
        raise ValueError("leaving one image out needs at least two images with boxes")
    strips = _Strips.of(images)
    total = strips.total()
    levels = _Levels.of(total / len(images), strips)
    return (
        levels.best((total - strips.union(place)) / (len(images) - 1), strips.owner != place)
        for place in range(len(images))
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Strips:
    """Boxes on the grid by what they cover along its sides, whose product is a box's coverage of the cells.

    down, across: (boxes, GRID). owner: (boxes,) place of the image of each, in their order.
    """

    down: Plane
    across: Plane
    owner: NDArray[np.intp]

    @classmethod
    def of(cls, images: Sequence[BoxedImage]) -> _Strips:
        """Raises ValueError for no image, or one without boxes."""
        if not images or not all(image.boxes for image in images):
            raise ValueError("a location prior is fitted on images with boxes")
        placed = [_on_grid(box, image) for image in images for box in image.boxes]
        down = np.stack([line_coverage(box.y, box.bottom, GRID) for box in placed])
        across = np.stack([line_coverage(box.x, box.right, GRID) for box in placed])
        return cls(down, across, np.repeat(np.arange(len(images)), [len(image.boxes) for image in images]))

    def union(self, place: int) -> Plane:
        """(GRID, GRID) share of each cell that the boxes of an image cover, the largest where they overlap."""
        low, high = np.searchsorted(self.owner, (place, place + 1))
        return (self.down[low:high, :, None] * self.across[low:high, None, :]).max(axis=0)

    def total(self) -> Plane:
        """(GRID, GRID) the unions of all images added up."""
        total = np.zeros((GRID, GRID))
        for place in range(int(self.owner[-1]) + 1):
            total += self.union(place)
        return total

    def areas(self) -> Plane:
        """(boxes,) in cells."""
        return self.down.sum(axis=1) * self.across.sum(axis=1)

    def common(self, masks: Plane) -> Plane:
        """(levels, boxes) what (levels, GRID * GRID) masks and each box share; a block of boxes at a time."""
        lines = masks.reshape(-1, GRID)
        blocks = []
        for begun in range(0, len(self.owner), _BLOCK):
            down, across = self.down[begun : begun + _BLOCK], self.across[begun : begun + _BLOCK]
            along = (lines @ across.T).reshape(len(masks), GRID, -1)
            blocks.append((along * down.T).sum(axis=1))
        return np.concatenate(blocks, axis=1)

    def at(self, cells: NDArray[np.intp]) -> Plane:
        """(cells, boxes) what each box covers of them."""
        rows, columns = np.divmod(cells, GRID)
        return self.down.T[rows] * self.across.T[columns]


def _on_grid(box: Box, image: BoxedImage) -> Box:
    across, down = GRID / image.columns, GRID / image.rows
    return Box(box.x * across, box.y * down, box.width * across, box.height * down)


@dataclass(frozen=True, slots=True, eq=False)
class _Levels:
    """The boxes against the masks of one mean coverage, so that a mean that is nearly the same costs little.

    areas: (boxes,) of the strips' boxes. masks: (levels, GRID * GRID) 0 or 1. common: (levels, boxes) what they
    share.
    """

    strips: _Strips
    areas: Plane
    masks: Plane
    common: Plane

    @classmethod
    def of(cls, mean: Plane, strips: _Strips) -> _Levels:
        masks = _masks(mean)
        return cls(strips, strips.areas(), masks, strips.common(masks))

    def best(self, mean: Plane, counted: NDArray[np.bool_] | slice) -> LocationPrior:
        """Cut where the mean IoU with the counted boxes is highest, at the lowest of equal levels."""
        masks = _masks(mean)
        apart = masks - self.masks
        cells = np.flatnonzero(apart.any(axis=0))
        common = self.common + apart[:, cells] @ self.strips.at(cells)
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
