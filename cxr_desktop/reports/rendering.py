"""Compositing of the exported figures: gray image, heatmap and contour as arrays in, one RGB array out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from cxr_desktop.domain import AttributionMap, Gray, LocalizedMap, colormap
from cxr_desktop.domain.palette import CASING, NETWORK, Rgb
from cxr_desktop.localization import evidence, smoothing_for
from cxr_desktop.localization.map_boxes import DEFAULT_MIN_AREA

Rgb8 = NDArray[np.uint8]
Plane = NDArray[np.float32]
Size = tuple[int, int]

LONGEST_SIDE = 1600

# How opacity rises with relevance. Weak relevance is dark in the sequential tables and must be lifted
# to be seen; in the diverging ones it is white and would lie as fog over the image.
_RISE_SEQUENTIAL, _RISE_DIVERGING = 0.5, 0.85


@dataclass(frozen=True, slots=True)
class HeatStyle:
    """How a map lies on the image.

    opacity: at the strongest relevance, 0..1. positive_only: leave out what speaks against the target.
    saturation: percentile of the magnitudes from which on colours do not change; keeps one bright
    pixel from hiding the rest. uniform: the same opacity everywhere instead of by magnitude.
    """

    opacity: float = 0.75
    positive_only: bool = False
    saturation: float = 99.5
    uniform: bool = False
    sequential: str = "inferno"
    diverging: str = "blue-red"


def fitted(rows: int, columns: int, longest: int = LONGEST_SIDE) -> Size:
    """(rows, columns) of the figure of an image: its shape, scaled to the longest side, at least 1 pixel."""
    scale = min(longest, LONGEST_SIDE) / max(rows, columns, 1)
    return max(1, round(rows * scale)), max(1, round(columns * scale))


def line_width(size: Size) -> int:
    """Pixels that a line is wide on a figure of that size."""
    return max(3, round(max(size) / 220))


def resampled(gray: Gray, size: Size) -> Gray:
    """(rows, columns) uint8 at the figure's size, antialiased."""
    return np.asarray(Image.fromarray(gray).resize(size[::-1], Image.Resampling.LANCZOS))


def resampled_map(values: NDArray[np.floating], size: Size) -> Plane:
    """(rows, columns) float32 at the figure's size, averaged or interpolated linearly; not-a-number is 0."""
    finite = np.nan_to_num(np.asarray(values, dtype=np.float32), posinf=0.0, neginf=0.0)
    return np.array(Image.fromarray(finite).resize(size[::-1], Image.Resampling.BILINEAR))


def heat(plane: Plane, signed: bool, style: HeatStyle) -> tuple[Rgb8, Plane]:
    """Colours (rows, columns, 3) and opacities (rows, columns) 0..1 of a map at the figure's size."""
    shown = plane if signed and not style.positive_only else np.maximum(plane, 0.0)
    strength = np.clip(shown / saturation_level(shown, style.saturation), -1.0, 1.0)
    if signed and not style.positive_only:
        colours = colormap.table(style.diverging)[np.rint((strength + 1.0) * 127.5).astype(np.intp)]
        rise = _RISE_DIVERGING
    else:
        colours = colormap.table(style.sequential)[np.rint(strength * 255.0).astype(np.intp)]
        rise = _RISE_SEQUENTIAL
    if style.uniform:
        return colours, np.full(plane.shape, style.opacity, dtype=np.float32)
    return colours, (style.opacity * np.abs(strength) ** np.float32(rise)).astype(np.float32)


def saturation_level(plane: Plane, percentile: float) -> float:
    """The magnitude shown in the strongest colour; the largest one where few pixels differ from zero."""
    magnitudes = np.abs(plane)
    return float(np.percentile(magnitudes, percentile)) or float(magnitudes.max(initial=0.0)) or 1.0


def contour_distance(plane: Plane, cut: float) -> Plane:
    """Pixels from each pixel to the line where the plane crosses `cut`, exact close to the line.

    To first order the distance is |value - cut| over the gradient's magnitude. Parts above the cut
    that are too small to become a box get no line.
    """
    labels, count = ndimage.label(plane >= cut)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    small = (sizes < DEFAULT_MIN_AREA * plane.size) & (np.arange(count + 1) > 0)
    tamed = np.where(small[labels], np.float32(cut), plane) if small.any() else plane
    slope = np.zeros(plane.shape, dtype=np.float32)
    for axis in (0, 1):
        if plane.shape[axis] > 1:
            slope += np.gradient(tamed, axis=axis) ** 2
    slope = np.sqrt(slope)
    flat = slope <= 1e-6 * max(float(np.abs(plane).max(initial=0.0)), 1e-30)
    return np.where(flat, np.inf, np.abs(tamed - cut) / np.where(flat, 1.0, slope)).astype(np.float32)


def line_opacity(distance: Plane, width: float) -> Plane:
    """Opacity 0..1 of a line of that width in pixels, one pixel soft at each side."""
    return np.clip(width / 2 + 0.5 - distance, 0.0, 1.0).astype(np.float32)


def blend(base: Rgb8, colour: Rgb8 | Rgb, opacity: Plane) -> Rgb8:
    """`colour` laid over `base` (rows, columns, 3) by opacity (rows, columns) 0..1."""
    over = np.asarray(colour, dtype=np.float32)
    weight = opacity[..., np.newaxis]
    return np.rint(base * (1.0 - weight) + over * weight).astype(np.uint8)


def clean(gray: Gray, size: Size) -> Rgb8:
    """The image alone, (rows, columns, 3)."""
    return np.repeat(resampled(gray, size)[..., np.newaxis], 3, axis=2)


def overlaid(
    base: Rgb8,
    found: AttributionMap,
    localized: LocalizedMap | None = None,
    style: HeatStyle | None = None,
) -> Rgb8:
    """The map's heat over a clean image of the same aspect, and the line where the map was cut.

    The line runs on the map smoothed as it was before the cut, so that it agrees with the boxes.
    """
    size = (base.shape[0], base.shape[1])
    plane = resampled_map(found.values, size)
    colours, opacity = heat(plane, found.signed, style or HeatStyle())
    figure = blend(base, colours, opacity)
    if localized is None or not np.isfinite(localized.cut) or localized.cut <= 0:
        return figure
    distance = contour_distance(evidence(plane, smooth=smoothing_for(localized.threshold)), localized.cut)
    width = line_width(size) * 0.6
    figure = blend(figure, CASING, np.float32(0.6) * line_opacity(distance, width + 2))
    return blend(figure, NETWORK.colour, line_opacity(distance, width))


def colour_bar(signed: bool, length: int, thickness: int, style: HeatStyle | None = None) -> Rgb8:
    """(thickness, length, 3): the colours of a map from its smallest to its largest value."""
    chosen = style or HeatStyle()
    name = chosen.diverging if signed and not chosen.positive_only else chosen.sequential
    row = colormap.table(name)[np.linspace(0, 255, length).astype(np.intp)]
    return np.repeat(row[np.newaxis], thickness, axis=0)
