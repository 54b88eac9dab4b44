"""What of a chest radiograph relevance lies on: lungs, heart, body, air, borders, lettering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.region import Region
from cxr_desktop.localization.smoothing import checked
from cxr_desktop.localization.thorax.grid import Mask, shrunk, spread
from cxr_desktop.localization.thorax.lettering import lettering, without
from cxr_desktop.localization.thorax.lungs import find_lungs
from cxr_desktop.localization.thorax.surround import air, frame

COARSE, FINE = 192, 512
"""Longer side, in cells, of the grids on which anatomy and lettering are looked for."""


REGIONS = tuple(Region)


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """codes: (rows, columns) uint8 of the stored image, places in REGIONS. reason: why no lungs were found."""

    codes: NDArray[np.uint8]
    reason: str = ""

    @property
    def found(self) -> bool:
        """Whether lungs were found."""
        return not self.reason

    @property
    def lung_field(self) -> Mask:
        """(rows, columns) both lungs; empty where none were found."""
        return self.codes <= REGIONS.index(Region.LEFT_LUNG)

    def mask(self, region: Region) -> Mask:
        return self.codes == REGIONS.index(region)

    def areas(self) -> dict[Region, float]:
        """Share of the image's area, summing to 1."""
        counts = np.bincount(self.codes.ravel(), minlength=len(REGIONS)) / max(self.codes.size, 1)
        return dict(zip(REGIONS, counts.tolist(), strict=True))


def find_regions(
    gray: NDArray[np.generic], valid: Mask | None = None, *, patient_left_on_right: bool = True
) -> Regions:
    """Regions of a frontal chest radiograph, upright.

    gray: (rows, columns) as a monitor shows it, air dark and bone bright. valid: False on pixel padding,
    which is border. patient_left_on_right: as films hang. Where no two lungs are believed, the body is one
    region and `reason` says why. Raises ValueError for another shape.
    """
    if gray.ndim != 2 or gray.size == 0:
        raise ValueError(f"a radiograph has rows and columns; this one has the shape {gray.shape}")
    shape = (gray.shape[0], gray.shape[1])
    fine = shrunk(gray, FINE, 100)
    plane = shrunk(fine, COARSE)
    film = frame(plane)
    letters = lettering(fine)
    outside = air(plane, film)
    lungs = find_lungs(without(plane, letters), outside | film)
    sides = (lungs.right, lungs.left) if patient_left_on_right else (lungs.left, lungs.right)
    codes = np.full(plane.shape, REGIONS.index(Region.UNPARTED if lungs.reason else Region.BODY), np.uint8)
    for region, mask in (
        (Region.OUTSIDE, outside),
        (Region.HEART, lungs.between),
        (Region.RIGHT_LUNG, sides[0]),
        (Region.LEFT_LUNG, sides[1]),
        (Region.BORDER, film),
    ):
        codes[mask] = REGIONS.index(region)
    full = spread(codes, shape).astype(np.uint8)
    full[spread(letters, shape)] = REGIONS.index(Region.LETTERING)
    if valid is not None:
        full[~valid] = REGIONS.index(Region.BORDER)
    full.flags.writeable = False
    return Regions(full, lungs.reason)


def region_shares(values: NDArray[np.floating], regions: Regions) -> Mapping[Region, float]:
    """Share of a map's positive relevance that lies in each region, summing to 1; NaN for a map without any.

    values: (rows, columns) of the stored image. Raises ValueError for another size or values not finite.
    """
    if values.shape != regions.codes.shape:
        raise ValueError(f"the map is {values.shape}, its regions are {regions.codes.shape}")
    positive = np.maximum(checked(values), 0)
    codes = regions.codes.ravel()
    if codes.size == 0:
        return dict.fromkeys(REGIONS, float("nan"))
    # Regions are few and large: whole stretches of one are summed at a time.
    starts = np.concatenate(([0], np.flatnonzero(codes[1:] != codes[:-1]) + 1))
    stretches = np.add.reduceat(positive.ravel(), starts, dtype=np.float64)
    sums = np.bincount(codes[starts], stretches, len(REGIONS))
    total = float(sums.sum())
    shares = sums / total if total > 0 else np.full(len(REGIONS), np.nan)
    return dict(zip(REGIONS, shares.tolist(), strict=True))
