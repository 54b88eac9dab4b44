"""The VOI transformations of a header, in the order to offer them (PS3.3 C.11.2)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from cxr_desktop.dicom.elements import items, numbers, text, texts
from cxr_desktop.dicom.lookup_table import lookup_table
from cxr_desktop.domain.errors import CxrError
from cxr_desktop.domain.grayscale import Voi, VoiFunction, VoiTable, Window

VOI_KEYWORDS = (
    "VOILUTSequence",
    "WindowCenter",
    "WindowWidth",
    "WindowCenterWidthExplanation",
    "VOILUTFunction",
)

_LOW_PERCENTILE, _HIGH_PERCENTILE = 0.5, 99.5
_SAMPLED = 250_000
# A header window that leaves the image fewer gray levels than this shows nothing.
_FEWEST_GRAYS = 8


def header_vois(source: Dataset, *, signed: bool, notes: list[str]) -> tuple[Voi, ...]:
    """Tables, then windows. signed: whether modality values can be negative.

    Appends to notes what was malformed and so left out.
    """
    return (*_tables(source, signed, notes), *_windows(source, notes))


def _tables(source: Dataset, signed: bool, notes: list[str]) -> list[Voi]:
    found: list[Voi] = []
    for position, item in enumerate(items(source, "VOILUTSequence"), start=1):
        table = lookup_table(item, signed=signed)
        if table is None:
            notes.append(f"VOI LUT {position} is malformed and was left out.")
            continue
        explanation = text(item, "LUTExplanation") or f"VOI LUT {position}"
        found.append(VoiTable(table.entries, table.first_value, table.bits, explanation))
    return found


def _windows(source: Dataset, notes: list[str]) -> list[Voi]:
    centres, widths = numbers(source, "WindowCenter"), numbers(source, "WindowWidth")
    explanations = texts(source, "WindowCenterWidthExplanation")
    function = _function(source, notes)
    if len(centres) != len(widths):
        notes.append(
            f"Window Center has {len(centres)} values and Window Width {len(widths)}; pairs were used."
        )
    found: list[Voi] = []
    for position, (centre, width) in enumerate(zip(centres, widths, strict=False), start=1):
        explanation = explanations[position - 1] if position <= len(explanations) else ""
        try:
            found.append(Window(centre, width, function, explanation or f"window {position}"))
        except CxrError as error:
            notes.append(f"Window {position} of the header was left out: {error}.")
    return found


def _function(source: Dataset, notes: list[str]) -> VoiFunction:
    declared = text(source, "VOILUTFunction").upper() or VoiFunction.LINEAR.value
    try:
        return VoiFunction(declared)
    except ValueError:
        notes.append(f"VOI LUT Function {declared[:16]} is not known; windows are taken as LINEAR.")
        return VoiFunction.LINEAR


def ordered_vois(
    declared: tuple[Voi, ...],
    pixels: NDArray[np.generic],
    valid: NDArray[np.bool_] | None,
    bits: int,
    notes: list[str],
) -> tuple[Voi, ...]:
    """What to offer, the default first: the header's where it shows anything, else one of our own.

    Own defaults: all values that the bits can hold for integers of up to 8 bit (so that 8-bit
    images come out as they are), a span of percentiles of the pixels for more.
    """
    if declared and _shows(declared[0], pixels, valid):
        return declared
    if declared:
        notes.append(
            "The header's window shows nothing of this image; the window was chosen from the pixels."
        )
    if pixels.dtype.kind in "iub" and bits <= 8 and not declared:
        return (full_range(pixels.dtype, bits),)
    return (_percentiles(pixels, valid), *declared)


def _shows(voi: Voi, pixels: NDArray[np.generic], valid: NDArray[np.bool_] | None) -> bool:
    low, high = _span(_sample(pixels, valid), 0.0, 100.0)
    if low == high:
        return True
    grays = voi.apply(np.linspace(low, high, 257)) * 255
    return float(grays.max() - grays.min()) >= _FEWEST_GRAYS


def full_range(dtype: np.dtype[np.generic], bits: int) -> Window:
    """The window of all values that integers of so many bits can have."""
    low = -(2 ** (bits - 1)) if dtype.kind == "i" else 0
    return Window.spanning(low, low + 2**bits - 1, "full range")


def _percentiles(pixels: NDArray[np.generic], valid: NDArray[np.bool_] | None) -> Window:
    sample = _sample(pixels, valid)
    low, high = _span(sample, _LOW_PERCENTILE, _HIGH_PERCENTILE)
    if low == high:
        low, high = _span(sample, 0.0, 100.0)
    return Window.spanning(
        low, high, f"no window in the file: {_LOW_PERCENTILE:g}th to {_HIGH_PERCENTILE:g}th percentile"
    )


def _sample(pixels: NDArray[np.generic], valid: NDArray[np.bool_] | None) -> NDArray[np.generic]:
    """Some 250,000 to a million pixels spread over the image, padding left out."""
    step = max(1, math.isqrt(pixels.size // _SAMPLED))
    shown = pixels[::step, ::step]
    return shown.ravel() if valid is None else shown[valid[::step, ::step]]


def _span(sample: NDArray[np.generic], low: float, high: float) -> tuple[float, float]:
    if sample.size == 0:
        return 0.0, 1.0
    if (low, high) == (0.0, 100.0):
        return float(sample.min()), float(sample.max())
    order, last = np.sort(sample), sample.size - 1
    return float(order[round(low / 100 * last)]), float(order[round(high / 100 * last)])
