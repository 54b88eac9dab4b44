"""Stored pixel values of one frame of a DICOM data set (PS3.3 C.7.6.3, PS3.5 8)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels import apply_color_lut, get_decoder
from pydicom.uid import (
    UID,
    JPEG2000TransferSyntaxes,
    JPEGLSTransferSyntaxes,
    MediaStorageDirectoryStorage,
    RLELossless,
)

from cxr_desktop.dicom.codestream import codestream_size
from cxr_desktop.dicom.elements import integer, items, text
from cxr_desktop.dicom.failure import DAMAGE, DAMAGED_CURE, Unreadable
from cxr_desktop.dicom.frame import Frame
from cxr_desktop.dicom.limits import check_frame_size
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
    "PixelData",
    "FloatPixelData",
    "DoubleFloatPixelData",
)
_PIXEL_ELEMENTS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_INTEGER_BITS = (1, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """The Image Pixel module of a data set, checked. element: the keyword that holds the pixels."""

    element: str
    rows: int
    columns: int
    samples: int
    frames: int
    photometric: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    syntax: UID

    @property
    def is_integer(self) -> bool:
        return self.element == "PixelData"

    @property
    def frame_bytes(self) -> int:
        """Length of an uncompressed frame, rounded up."""
        per_pixel = 2 if self.photometric == "YBR_FULL_422" else self.samples
        return math.ceil(self.rows * self.columns * per_pixel * self.bits_allocated / 8)


def pixel_layout(dataset: Dataset) -> PixelLayout:
    """What the header says of the pixels. Raises Unreadable where no image can come of it."""
    element = _pixel_element(dataset)
    rows, columns = integer(dataset, "Rows", 0), integer(dataset, "Columns", 0)
    samples = integer(dataset, "SamplesPerPixel", 1)
    check_frame_size(rows, columns, samples)
    if samples not in (1, 3):
        raise Unreadable(f"its pixels have {samples} samples, and only gray (1) and colour (3) can be shown.")
    allocated = {"FloatPixelData": 32, "DoubleFloatPixelData": 64}.get(element) or integer(
        dataset, "BitsAllocated", 0
    )
    if element == "PixelData" and allocated not in _INTEGER_BITS:
        raise Unreadable(f"Bits Allocated is {allocated}, and only 1, 8, 16 and 32 are known. {DAMAGED_CURE}")
    stored = integer(dataset, "BitsStored", allocated)
    stored = stored if 0 < stored <= allocated else allocated
    high = integer(dataset, "HighBit", stored - 1)
    high = high if stored - 1 <= high < allocated else stored - 1
    return PixelLayout(
        element=element,
        rows=rows,
        columns=columns,
        samples=samples,
        frames=max(integer(dataset, "NumberOfFrames", 1), 1),
        photometric=text(dataset, "PhotometricInterpretation").upper() or "MONOCHROME2",
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=high,
        signed=integer(dataset, "PixelRepresentation", 0) == 1,
        syntax=UID(str(dataset.file_meta.TransferSyntaxUID)),
    )


def _pixel_element(dataset: Dataset) -> str:
    for keyword in _PIXEL_ELEMENTS:
        if dataset.get_item(keyword) is not None:
            return keyword
    if items(dataset, "EncryptedAttributesSequence"):
        raise Unreadable(
            "its attributes are encrypted and no pixel data stand in the open. Decrypt it first."
        )
    sop_class = UID(text(dataset, "SOPClassUID"))
    if (
        sop_class == MediaStorageDirectoryStorage
        or ("MediaStorageSOPClassUID" in dataset.file_meta
        and (dataset.file_meta.MediaStorageSOPClassUID == MediaStorageDirectoryStorage))
    ):
        raise Unreadable(
            "this is a DICOMDIR, the list of a medium. Open it as a study, or choose an image of it."
        )
    name = sop_class.name if sop_class else ""
    if name and name != str(sop_class):
        raise Unreadable(
            f"this is a {name.removesuffix(' Storage')} object, which holds no pixel data. Choose an image."
        )
    raise Unreadable("it holds no pixel data. Choose an image, or export it again from its source.")


def decode_frame(dataset: Dataset, layout: PixelLayout, index: int) -> Frame:
    """Frame index as stored values, overlay bits removed, colour reduced to luminance.

    Raises Unreadable for missing frames, truncated data and absent decoders.
    """
    if not 0 <= index < layout.frames:
        raise Unreadable(f"there is no frame {index}: the file holds {layout.frames}, counted from 0.")
    _repair(dataset, layout)
    if layout.syntax.is_private or not layout.syntax.is_transfer_syntax:
        raise Unreadable(
            f"its transfer syntax {layout.syntax} is not known. Convert it to Explicit VR Little Endian."
        )
    if layout.syntax.is_encapsulated:
        _check_codestream(dataset, layout, index)
    else:
        _check_length(dataset, layout, index)
    array = _native_order(_decoded(dataset, layout, index))
    if array.ndim == 3:
        return _gray_of(array, layout)
    if layout.photometric == "PALETTE COLOR":
        return _gray_of(apply_color_lut(array, dataset), layout)
    if not layout.is_integer or layout.syntax in JPEG2000TransferSyntaxes + JPEGLSTransferSyntaxes:
        return Frame(array, _bits_used(array, layout))
    return Frame(_without_unused_bits(array, layout), layout.bits_stored)


def _repair(dataset: Dataset, layout: PixelLayout) -> None:
    """Give pydicom the checked values where the file has none or impossible ones."""
    dataset.SamplesPerPixel = layout.samples
    dataset.PhotometricInterpretation = layout.photometric
    dataset.NumberOfFrames = layout.frames
    if layout.samples > 1:
        dataset.PlanarConfiguration = integer(dataset, "PlanarConfiguration", 0)
    if layout.is_integer:
        dataset.PixelRepresentation = int(layout.signed)
        dataset.BitsStored = layout.bits_stored
        dataset.HighBit = layout.high_bit


def _check_length(dataset: Dataset, layout: PixelLayout, index: int) -> None:
    have, need = len(dataset[layout.element].value), layout.frame_bytes * (index + 1)
    if have < need:
        raise Unreadable(
            f"its pixel data are truncated: {have:,} of {layout.frame_bytes * layout.frames:,} bytes are there. "
            "Copy or export the file again."
        )


def _check_codestream(dataset: Dataset, layout: PixelLayout, index: int) -> None:
    """Refuse a frame whose own header contradicts the data set before a decoder allocates for it."""
    data = dataset[layout.element].value
    if not data:
        raise Unreadable("its pixel data are empty. Copy or export the file again.")
    if layout.syntax == RLELossless:
        return
    size = codestream_size(get_frame(data, index, number_of_frames=layout.frames))
    if size is None:
        raise Unreadable(
            f"its compressed pixel data do not begin as {layout.syntax.name} does. {DAMAGED_CURE}"
        )
    if (size.rows, size.columns, size.samples) != (layout.rows, layout.columns, layout.samples):
        raise Unreadable(
            f"its compressed image is {size.rows} x {size.columns} with {size.samples} samples, and its header "
            f"says {layout.rows} x {layout.columns} with {layout.samples}. {DAMAGED_CURE}"
        )
    if size.precision > layout.bits_allocated:
        raise Unreadable(
            f"its compressed image has {size.precision} bits, and its header allocates {layout.bits_allocated}. "
            f"{DAMAGED_CURE}"
        )


def _decoded(dataset: Dataset, layout: PixelLayout, index: int) -> NDArray[np.generic]:
    try:
        decoder = get_decoder(layout.syntax)
    except NotImplementedError as error:
        raise Unreadable(
            f"its transfer syntax {layout.syntax.name} cannot be decoded. Convert it to Explicit VR Little Endian."
        ) from error
    if not decoder.is_available:
        raise Unreadable(_missing_decoder(layout))
    options = {} if layout.syntax.is_encapsulated else {"view_only": True}
    if layout.syntax not in JPEG2000TransferSyntaxes + JPEGLSTransferSyntaxes:
        options["correct_unused_bits"] = False
    try:
        array, _ = decoder.as_array(dataset, index=index, allow_excess_frames=False, **options)
    except DAMAGE as error:
        if "12-bit precision" in str(error):
            raise Unreadable(_missing_decoder(layout)) from error
        raise Unreadable(
            f"its {layout.syntax.name} pixel data are truncated or damaged. Copy or export the file again."
        ) from error
    return array


def _missing_decoder(layout: PixelLayout) -> str:
    return (
        f"no installed decoder reads {layout.syntax.name} with {layout.bits_stored} bits. "
        'Install the GPL one: pip install "cxr-desktop[gpl-decoders]"'
    )


def _native_order(array: NDArray[np.generic]) -> NDArray[np.generic]:
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


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
    if below == 0 and int(array.min()) >= low and int(array.max()) <= high:
        return array
    above = width - layout.high_bit - 1
    return np.right_shift(np.left_shift(array, above), above + below)


def _bits_used(array: NDArray[np.generic], layout: PixelLayout) -> int:
    """Bits Stored, or more where the codestream carries more than the header promises."""
    if not layout.is_integer:
        return layout.bits_allocated
    extremes = (abs(int(array.min())), abs(int(array.max())))
    return max(layout.bits_stored, max(extremes).bit_length() + int(layout.signed))
