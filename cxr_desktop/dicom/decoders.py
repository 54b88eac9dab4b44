"""One frame's pixel data to an array, by the decoder chosen for its transfer syntax.

The choice is fixed, not left to what happens to be installed: the same file gives the same values
everywhere, and each decoder has been seen to survive damaged data, which GDCM does not (it ends
the process).
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import convert_color_space
from pydicom.uid import (
    JPEG2000,
    HTJ2KLossless,
    JPEG2000TransferSyntaxes,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSTransferSyntaxes,
    JPEGTransferSyntaxes,
    RLELossless,
)

from cxr_desktop.dicom.codestream import codestream_size
from cxr_desktop.dicom.dataset import PixelElement
from cxr_desktop.dicom.failure import DAMAGE, DAMAGED_CURE, Unreadable
from cxr_desktop.dicom.layout import PixelLayout
from cxr_desktop.dicom.rle import decode_rle

# What each decoder of pydicom that is used here needs installed.
PACKAGES = {
    "pylibjpeg": ("pylibjpeg", "pylibjpeg-openjpeg"),
    "pyjpegls": ("pyjpegls",),
    "pillow": ("pillow",),
}
_LOSSLESS_JPEG = (JPEGLossless, JPEGLosslessSV1)
_END_OF_IMAGE = b"\xff\xd9"
_TRAILER = 64  # bytes that padding may take behind it
_CONVERT = "Convert it to Explicit VR Little Endian, as with dcmconv or dcmdjpeg."
# JPEG 2000 and JPEG-LS state their own precision, and pydicom corrects their sign by it.
SELF_DESCRIBED = (*JPEG2000TransferSyntaxes, *JPEGLSTransferSyntaxes)


def decoded(dataset: Dataset, pixels: PixelElement, layout: PixelLayout, index: int) -> NDArray[np.generic]:
    """Frame index as (rows, columns) stored values or (rows, columns, 3) RGB.

    May be a read-only view of the file's bytes. Raises Unreadable for truncated or damaged data,
    for a codestream that contradicts the header, and for transfer syntaxes without decoder.
    """
    if layout.syntax.is_private or not layout.syntax.is_transfer_syntax:
        raise Unreadable(f"its transfer syntax {layout.syntax} is not known. {_CONVERT}")
    if not layout.syntax.is_encapsulated:
        return _native(pixels, layout, index)
    offsets = _extended_offsets(dataset)
    encoded = _encoded_frame(pixels, layout, index, offsets)
    if layout.syntax == RLELossless:
        return _rle(encoded, layout)
    plugin = _plugin(layout)
    _check_codestream(encoded, layout)
    if plugin is None:
        return _jpeg(encoded, layout)
    return _by_pydicom(_stream(pixels), layout, index, decoding_plugin=plugin, extended_offsets=offsets)


def _plugin(layout: PixelLayout) -> str | None:
    """pydicom's name of the decoder to use; None for the one called directly."""
    if layout.syntax in JPEG2000TransferSyntaxes:
        return "pylibjpeg"
    if layout.syntax in JPEGLSTransferSyntaxes:
        return "pyjpegls"
    if layout.syntax in _LOSSLESS_JPEG:
        return None
    if layout.syntax in JPEGTransferSyntaxes:
        return None if layout.samples == 1 else "pillow"
    raise Unreadable(f"its transfer syntax {layout.syntax.name} cannot be decoded. {_CONVERT}")


def _native(pixels: PixelElement, layout: PixelLayout, index: int) -> NDArray[np.generic]:
    have = min(len(pixels.data) - pixels.start, pixels.length or 0)
    if have < layout.frame_bytes * (index + 1):
        raise Unreadable(
            f"its pixel data are truncated: of {layout.frame_bytes * layout.frames:,} bytes {have:,} "
            "are there. Copy or export the file again."
        )
    value = memoryview(pixels.data)[pixels.start : pixels.start + have]
    return _by_pydicom(value, layout, index, view_only=True)


def _stream(pixels: PixelElement) -> BytesIO:
    """The file from its first encapsulated item on, not copied."""
    stream = BytesIO(pixels.data)
    stream.seek(pixels.start)
    return stream


def _encoded_frame(
    pixels: PixelElement, layout: PixelLayout, index: int, offsets: tuple[bytes, bytes] | None
) -> bytes:
    frames = layout.frames
    try:
        return get_frame(_stream(pixels), index, number_of_frames=frames, extended_offsets=offsets)
    except DAMAGE as error:
        raise Unreadable(
            f"its compressed pixel data hold no whole frame {index}. Copy or export the file again."
        ) from error


def _extended_offsets(dataset: Dataset) -> tuple[bytes, bytes] | None:
    table, lengths = dataset.get("ExtendedOffsetTable"), dataset.get("ExtendedOffsetTableLengths")
    return (table, lengths) if table and lengths else None


def _check_codestream(encoded: bytes, layout: PixelLayout) -> None:
    """Refuse a frame whose own header contradicts the data set before a decoder allocates for it."""
    size = codestream_size(encoded)
    if size is None:
        raise Unreadable(
            f"its compressed pixel data do not begin as {layout.syntax.name} does. {DAMAGED_CURE}"
        )
    if (size.rows, size.columns, size.samples) != (layout.rows, layout.columns, layout.samples):
        raise Unreadable(
            f"its compressed image is {size.rows} x {size.columns} with {size.samples} samples a pixel, "
            f"its header says {layout.rows} x {layout.columns} with {layout.samples}. {DAMAGED_CURE}"
        )
    if size.precision > layout.bits_allocated:
        raise Unreadable(
            f"its compressed image has {size.precision} bits, its header allocates {layout.bits_allocated}. "
            f"{DAMAGED_CURE}"
        )
    # Without this marker decoders fill what is missing with gray, or search for it for seconds.
    is_jpeg = layout.syntax in JPEGTransferSyntaxes or layout.syntax in JPEGLSTransferSyntaxes
    if is_jpeg and _END_OF_IMAGE not in encoded[-_TRAILER:]:
        raise Unreadable(_damaged(layout))


def _jpeg(encoded: bytes, layout: PixelLayout) -> NDArray[np.generic]:
    """Gray JPEG of all four processes, 2 to 16 bits, and colour without loss, by libjpeg-turbo."""
    colour: dict[str, Any] = {} if layout.samples == 1 else {"colorspace": "RGB", "outcolorspace": "RGB"}
    try:
        array = imagecodecs.jpeg8_decode(encoded, **colour)
    except DAMAGE as error:
        raise Unreadable(_damaged(layout)) from error
    if array.shape[:2] != (layout.rows, layout.columns):
        raise Unreadable(_damaged(layout))
    return _as_stored(array.astype(f"u{layout.bits_allocated // 8}", copy=False), layout)


def _rle(encoded: bytes, layout: PixelLayout) -> NDArray[np.generic]:
    shape = (layout.rows, layout.columns, layout.samples)[: 2 if layout.samples == 1 else 3]
    try:
        return _as_stored(decode_rle(encoded, shape, layout.bits_allocated // 8), layout)
    except DAMAGE as error:
        raise Unreadable(_damaged(layout)) from error


def _as_stored(unsigned: NDArray[np.unsignedinteger], layout: PixelLayout) -> NDArray[np.generic]:
    """Decoded bit patterns with the sign that the header gives them, colour as RGB."""
    if layout.photometric.startswith("YBR_FULL"):
        return convert_color_space(unsigned, layout.photometric, "RGB")
    return unsigned.view(f"i{unsigned.dtype.itemsize}") if layout.signed else unsigned


def _by_pydicom(
    value: BytesIO | memoryview, layout: PixelLayout, index: int, **chosen: Any
) -> NDArray[np.generic]:
    options = layout.options() | {"allow_excess_frames": False}
    options |= {name: option for name, option in chosen.items() if option is not None}
    if layout.syntax not in SELF_DESCRIBED:
        options["correct_unused_bits"] = False  # done by us, and only where it changes anything
    decoder = get_decoder(layout.syntax)
    plugin = chosen.get("decoding_plugin")
    if plugin is not None and plugin not in decoder.available_plugins:
        packages = " ".join(PACKAGES[plugin])
        raise Unreadable(f"no decoder for {layout.syntax.name} is installed. Run: pip install {packages}")
    try:
        array, _ = decoder.as_array(value, index=index, **options)
    except DAMAGE as error:
        raise Unreadable(_damaged(layout)) from error
    return array


def missing_decoders() -> dict[str, tuple[str, ...]]:
    """Transfer syntaxes that cannot be decoded here, by name, and the packages that each wants."""
    wanted = ((JPEG2000, "pylibjpeg"), (HTJ2KLossless, "pylibjpeg"), (JPEGLSLossless, "pyjpegls"))
    return {
        syntax.name: PACKAGES[plugin]
        for syntax, plugin in (*wanted, (JPEGBaseline8Bit, "pillow"))
        if plugin not in get_decoder(syntax).available_plugins
    }


def _damaged(layout: PixelLayout) -> str:
    return f"its {layout.syntax.name} pixel data are truncated or damaged. Copy or export the file again."
