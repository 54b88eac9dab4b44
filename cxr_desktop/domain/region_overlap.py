"""How much two regions of any shape have in common, fast enough to follow the hand.

Regions are cut into lines. On each, a region is where an odd number of its borders have been crossed;
the borders of two regions taken together bound what lies in one of them alone, and half of what is
then missing from the sum of both is their intersection. Along a line this is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.finding import Region, region_of
from cxr_desktop.domain.shapes import Ellipse, Point, Polygon

LINES = 512
Lines = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Overlap:
    """iou: intersection over union. iobb: intersection over the second region. dice: twice it over the sum."""

    iou: float = 0.0
    iobb: float = 0.0
    dice: float = 0.0

    @classmethod
    def of(cls, common: float, first: float, second: float) -> Overlap:
        """From the areas of the intersection and of both regions; 0 where both are empty."""
        union = first + second - common
        return cls(_share(common, union), _share(common, second), _share(2 * common, first + second))


def overlap(first: Box, second: Box) -> Overlap:
    """Of the regions that two boxes or findings mark; exact for two rectangles."""
    a, b = region_of(first), region_of(second)
    if isinstance(a, Box) and isinstance(b, Box):
        return Overlap.of(a.intersection_area(b), a.area, b.area)
    top, bottom = max(first.y, second.y), min(first.bottom, second.bottom)
    if top >= bottom or max(first.x, second.x) >= min(first.right, second.right):
        return Overlap()
    height = (bottom - top) / LINES
    y = top + height * (np.arange(LINES) + 0.5)
    borders_a, borders_b = _borders(a, y), _borders(b, y)
    alone = _length(np.concatenate([borders_a, borders_b], axis=1))
    common = (_length(borders_a) + _length(borders_b) - alone) / 2 * height
    return Overlap.of(min(max(common, 0.0), a.area, b.area), a.area, b.area)


class MaskRegion:
    """A mask to hold regions against. mask: (rows, columns); step: stored pixels along a side of its cells."""

    def __init__(self, mask: NDArray[np.bool_], step: float = 1.0) -> None:
        rows, columns = mask.shape
        self._step = float(step)
        self._sums = np.zeros((rows, columns + 1))
        np.cumsum(mask, axis=1, out=self._sums[:, 1:])
        self.area = float(self._sums[:, -1].sum()) * self._step**2

    def overlap(self, box: Box) -> Overlap:
        """Of the region that a box or a finding marks (first) with the mask (second)."""
        region = region_of(box)
        rows, columns = self._sums.shape[0], self._sums.shape[1] - 1
        first = int(np.clip(np.floor(box.y / self._step), 0, rows))
        last = int(np.clip(np.ceil(box.bottom / self._step), first, rows))
        if first == last:
            return Overlap()
        number = np.arange(first, last)
        y = np.clip((number + 0.5) * self._step, box.y, np.nextafter(box.bottom, box.y))
        # a row that the region's upper or lower edge cuts counts by its share
        share = np.minimum((number + 1) * self._step, box.bottom) - np.maximum(number * self._step, box.y)
        crossed = np.clip(np.sort(_borders(region, y), axis=1) / self._step, 0, columns)
        cell = np.minimum(crossed.astype(int), columns - 1)
        row = number[:, None]
        before = self._sums[row, cell]
        counted = before + (self._sums[row, cell + 1] - before) * (crossed - cell)
        inside = (counted[:, 1::2] - counted[:, ::2]).sum(axis=1)
        common = float(inside @ share) * self._step
        return Overlap.of(min(common, region.area, self.area), region.area, self.area)


def _borders(region: Region, y: Lines) -> Lines:
    """(lines, even number): where lines at y cross the region's border; what is too much lies at one place."""
    if isinstance(region, Point):
        return np.zeros((y.size, 0))
    if isinstance(region, Polygon):
        return _polygon_borders(region, y)
    half = np.full(y.shape, region.width / 2)
    if isinstance(region, Ellipse):
        down = (y - region.y - region.height / 2) / (region.height / 2)
        half *= np.sqrt(np.clip(1 - down**2, 0, None))
    else:
        half[(y < region.y) | (y >= region.bottom)] = 0
    middle = region.x + region.width / 2
    return np.stack([middle - half, middle + half], axis=1)


def _polygon_borders(region: Polygon, y: Lines) -> Lines:
    x0, y0 = np.array(region.vertices, np.float64).T
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    crossed = (y0[None] <= y[:, None]) != (y1[None] <= y[:, None])
    # the share of an edge first, which is at most 1: the slope of a nearly level one is beyond any number
    share = np.divide(y[:, None] - y0, y1 - y0, out=np.zeros(crossed.shape), where=crossed)
    at = x0 + share * (x1 - x0)
    beyond = float(x0.max()) + 1.0
    borders = np.where(crossed, at, beyond)
    odd = borders.shape[1] % 2
    return np.concatenate([borders, np.full((y.size, odd), beyond)], axis=1)


def _length(borders: Lines) -> float:
    """Sum over all lines of what lies between every first and second border."""
    ordered = np.sort(borders, axis=1)
    return float((ordered[:, 1::2] - ordered[:, ::2]).sum())


def _share(part: float, whole: float) -> float:
    return min(part / whole, 1.0) if whole > 0 else 0.0
