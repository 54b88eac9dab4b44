"""Stored pixel values of one frame of a DICOM data set (PS3.3 C.7.6.3, PS3.5 8)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut

from cxr_desktop.dicom.dataset import PixelElement
from cxr_desktop.dicom.decoders import SELF_DESCRIBED, decoded
from cxr_desktop.dicom.failure import Unreadable
from cxr_desktop.dicom.frame import Frame
from cxr_desktop.dicom.layout import PixelLayout
from cxr_desktop.dicom.luminance import has_colour, luminance

PIXEL_KEYWORDS = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "RedPaletteColorLookupTableDescriptor",
    "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
    "SegmentedRedPaletteColorLookupTableData",
    "SegmentedGreenPaletteColorLookupTableData",
    "SegmentedBluePaletteColorLookupTableData",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "EncryptedAttributesSequence",
)
_PALETTE = "PALETTE COLOR"


def decode_frame(dataset: Dataset, pixels: PixelElement, layout: PixelLayout, index: int) -> Frame:
    """Frame index as stored values, overlay bits removed, colour reduced to luminance.

    Raises Unreadable for missing frames, truncated data and absent decoders.
    """
    if not 0 <= index < layout.frames:
        raise Unreadable(f"there is no frame {index}: the file holds {layout.frames}, counted from 0.")
    array = _in_native_order(decoded(dataset, pixels, layout, index))
    if array.ndim == 3:
        return _gray_of(array, layout)
    if layout.photometric == _PALETTE:
        return _gray_of(apply_color_lut(array, dataset), layout)
    if not layout.is_integer or layout.syntax in SELF_DESCRIBED:
        return Frame(array, _bits_used(array, layout))
    return Frame(_without_unused_bits(array, layout), layout.bits_stored, words=array)


def _in_native_order(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """The array itself, or a copy where its bytes are swapped or lie across word boundaries."""
    if array.dtype.isnative and array.flags.aligned:
        return array
    return array.astype(array.dtype.newbyteorder("="))


def _gray_of(rgb: NDArray[np.generic], layout: PixelLayout) -> Frame:
    if rgb.dtype.kind == "i":
        rgb = rgb.view(rgb.dtype.str.replace("i", "u"))
    colour = has_colour(rgb)
    what = "Colour image" if colour else "Gray image stored as colour"
    note = f"{what} ({layout.photometric}), reduced to its luminance."
    return Frame(luminance(rgb), 8 * rgb.dtype.itemsize, colour=colour, notes=(note,))


def _without_unused_bits(array: NDArray[np.generic], layout: PixelLayout) -> NDArray[np.generic]:
    """Values of the stored bits alone (PS3.5 8.1.1): older files keep overlays in the others.

    Returns the array itself where its unused bits already agree, which spares a copy.
    """
    stored, width = layout.bits_stored, 8 * array.dtype.itemsize
    if layout.bits_allocated == 1 or stored == width:
        return array
    below = layout.high_bit + 1 - stored
    low, high = (-(2 ** (stored - 1)), 2 ** (stored - 1) - 1) if layout.signed else (0, 2**stored - 1)
    agree = below == 0 and int(array.max()) <= high and (not layout.signed or int(array.min()) >= low)
    if agree:
        return array
    above = width - layout.high_bit - 1
    return np.right_shift(np.left_shift(array, above), above + below)


def _bits_used(array: NDArray[np.generic], layout: PixelLayout) -> int:
    """Bits Stored, or more where the codestream carries more than the header promises."""
    return max(layout.bits_stored, bits_held(array)) if layout.is_integer else layout.bits_allocated


def bits_held(array: NDArray[np.generic]) -> int:
    """The fewest bits that hold all values of an array of integers, the sign's among them where its type has one."""
    extremes = (int(array.min()), int(array.max()))
    return max((~value if value < 0 else value).bit_length() for value in extremes) + (
        array.dtype.kind == "i"
    )
