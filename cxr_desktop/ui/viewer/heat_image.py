"""A map made ready for the screen: 16-bit indices, quantiles, colours through one table. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain import AttributionMap, colormap

LONGEST_SIDE = 640
SATURATION = 99.5
_ZERO = 32768
_SPAN = 32767


class Sign(StrEnum):
    """Which evidence is shown."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    BOTH = "absolute"


@dataclass(frozen=True, slots=True)
class HeatLook:
    """How a map lies on the image.

    opacity: at the strongest relevance, 0..1. above_cut: show only what reaches the threshold.
    """

    sequential: str = "inferno"
    diverging: str = "blue-red"
    opacity: float = 0.6
    sign: Sign = Sign.POSITIVE
    above_cut: bool = False

    @property
    def colormap(self) -> str:
        return self.diverging if self.sign is Sign.BOTH else self.sequential

    def with_colormap(self, name: str) -> HeatLook:
        """The look with a colour map, kept for the signs that the map fits."""
        if colormap.is_diverging(name):
            return replace(self, diverging=name)
        return replace(self, sequential=name)


@dataclass(frozen=True, slots=True, eq=False)
class HeatImage:
    """A map at screen size.

    plane: (h, w) float32 means of the map over blocks. index: uint16, 32768 at zero and linear to
    +-limit. limit: magnitude of the strongest colour; a percentile, so that one bright pixel does
    not hide the rest. step: stored pixels per plane pixel. strongest: largest magnitude of the map itself.
    """

    source: AttributionMap
    plane: NDArray[np.float32]
    index: NDArray[np.uint16]
    limit: float
    step: int
    strongest: float

    @classmethod
    def build(cls, source: AttributionMap) -> HeatImage:
        values = np.nan_to_num(source.values, posinf=0.0, neginf=0.0)
        step = max(1, -(-max(values.shape) // LONGEST_SIDE))
        plane = block_means(values, step)
        magnitudes = np.abs(plane)
        limit = float(np.percentile(magnitudes, SATURATION)) or float(magnitudes.max(initial=0.0)) or 1.0
        return cls(source, plane, _indices(plane, limit), limit, step, source.limit)

    def colours(self, look: HeatLook, region: NDArray[np.bool_] | None = None) -> NDArray[np.uint32]:
        """(h, w) premultiplied 0xAARRGGBB. region: (h, w), what reaches the threshold."""
        colours = table_of(look).take(self.index)
        if look.above_cut and region is not None:
            colours[~region] = 0
        return colours


def colours_of(plane: NDArray[np.float32], limit: float, look: HeatLook) -> NDArray[np.uint32]:
    """(h, w) premultiplied 0xAARRGGBB of a plane, the strongest colour at the magnitude `limit`."""
    return table_of(look).take(_indices(plane, limit))


def _indices(plane: NDArray[np.float32], limit: float) -> NDArray[np.uint16]:
    scaled = np.clip(plane / np.float32(limit), -1.0, 1.0)
    return (np.rint(scaled * _SPAN) + _ZERO).astype(np.uint16)


def table_of(look: HeatLook) -> NDArray[np.uint32]:
    """(65536,) premultiplied 0xAARRGGBB of every index."""
    colours, strength = _at_full_opacity(look.colormap, look.sign)
    alpha = np.float32(look.opacity) * strength
    table = np.rint(alpha * np.float32(255)).astype(np.uint32) << 24
    for channel, shift in zip(colours, (16, 8, 0), strict=True):
        table |= np.rint(channel * alpha).astype(np.uint32) << np.uint32(shift)
    return table


@lru_cache(maxsize=4)
def _at_full_opacity(name: str, sign: Sign) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(3, 65536) red, green and blue in 0..255, and (65536,) opacity of every index: a drag changes neither."""
    strength = (np.arange(65536, dtype=np.float32) - _ZERO) / _SPAN
    strength[0] = -1.0
    if sign is Sign.POSITIVE:
        shown = np.maximum(strength, 0.0)
    elif sign is Sign.NEGATIVE:
        shown = np.maximum(-strength, 0.0)
    else:
        shown = strength
    at = (shown + 1.0) * 127.5 if sign is Sign.BOTH else shown * 255.0
    rgb = colormap.table(name)[np.rint(at).astype(np.intp)].astype(np.float32)
    return np.ascontiguousarray(rgb.T), np.sqrt(np.abs(shown))


def block_means(values: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """Means over step x step blocks, the last ones over what is left of the image."""
    if step == 1:
        return np.ascontiguousarray(values, dtype=np.float32)
    rows = np.arange(0, values.shape[0], step)
    columns = np.arange(0, values.shape[1], step)
    sums = np.add.reduceat(np.add.reduceat(values, rows, axis=0, dtype=np.float64), columns, axis=1)
    heights = np.diff(np.append(rows, values.shape[0]))
    widths = np.diff(np.append(columns, values.shape[1]))
    return (sums / np.outer(heights, widths)).astype(np.float32)
