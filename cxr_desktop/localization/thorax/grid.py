"""An image on a small grid, and masks of that grid laid back on the image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]


def shrunk(gray: NDArray[np.generic], side: int, brightest: float = 99.5) -> Plane:
    """Cell means with the longer side cut into `side` cells, 0..1 from the darkest to the brightest percentile.

    An image that is smaller keeps its size. One that is the same everywhere becomes 0 everywhere.
    """
    plane = np.asarray(gray)
    for axis in (0, 1):
        edges = _edges(plane.shape[axis], side * plane.shape[axis] / max(gray.shape))
        counts = np.diff(np.append(edges, plane.shape[axis]))
        shape = (-1, 1) if axis == 0 else (1, -1)
        plane = np.add.reduceat(plane, edges, axis=axis, dtype=np.float32) / counts.reshape(shape)
    low, high = np.percentile(plane, (0.5, brightest))
    if high <= low:
        return np.zeros(plane.shape, np.float32)
    return np.clip((plane - low) / (high - low), 0, 1).astype(np.float32)


def spread(plane: NDArray[np.generic], shape: tuple[int, int]) -> NDArray[np.generic]:
    """The cell under each pixel of an image of that shape."""
    rows, columns = (
        ((np.arange(size) + 0.5) * cells / size).astype(np.intp)
        for size, cells in zip(shape, plane.shape, strict=True)
    )
    return plane[rows[:, None], columns[None, :]]


def _edges(size: int, cells: float) -> NDArray[np.intp]:
    count = max(1, min(size, round(cells)))
    return (np.arange(count) * size) // count
