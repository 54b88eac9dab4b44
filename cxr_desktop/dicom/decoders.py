"""One frame's pixel data to an array, by the decoder chosen for its transfer syntax.

The choice is fixed, not left to what happens to be installed: the same file gives the same values
everywhere. Each decoder has been seen to survive damaged data, which GDCM does not (it ends the
process), and gives up the interpreter's lock while it works, so that a window stays alive.
"""

from __future__ import annotations

import os
from typing import Any, BinaryIO

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
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSTransferSyntaxes,
    JPEGTransferSyntaxes,
    RLELossless,
)

from cxr_desktop.dicom.byte_stream import stream_of
from cxr_desktop.dicom.codestream import CodestreamSize, codestream_size
from cxr_desktop.dicom.dataset import PixelElement
from cxr_desktop.dicom.failure import DAMAGE, DAMAGED_CURE, Unreadable
from cxr_desktop.dicom.layout import PixelLayout
from cxr_desktop.dicom.rle import decode_rle

_PACKAGE = "imagecodecs"
_LOSSLESS_JPEG = (JPEGLossless, JPEGLosslessSV1)
_END_OF_IMAGE = b"\xff\xd9"
_TRAILER = 64  # bytes that padding may take behind it
_CONVERT = "Convert it to Explicit VR Little Endian, as with dcmconv or dcmdjpeg."
# These state their own precision.
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
    if layout.syntax not in (*SELF_DESCRIBED, *JPEGTransferSyntaxes):
        raise Unreadable(f"its transfer syntax {layout.syntax.name} cannot be decoded. {_CONVERT}")
    size = _checked_codestream(encoded, layout)
    if layout.syntax in SELF_DESCRIBED:
        return _self_described(encoded, layout, size)
    if layout.samples == 1 or layout.syntax in _LOSSLESS_JPEG:
        return _jpeg(encoded, layout)
    # Colour JPEG says in several places which colours it holds; Pillow weighs them.
    return _by_pydicom(_stream(pixels), layout, index, decoding_plugin="pillow", extended_offsets=offsets)


def _native(pixels: PixelElement, layout: PixelLayout, index: int) -> NDArray[np.generic]:
    have = min(len(pixels.data) - pixels.start, pixels.length or 0)
    if have < layout.frame_bytes * (index + 1):
        raise Unreadable(
            f"its pixel data are truncated: of {layout.frame_bytes * layout.frames:,} bytes {have:,} "
            "are there. Copy or export the file again."
        )
    value = memoryview(pixels.data)[pixels.start : pixels.start + have]
    return _by_pydicom(value, layout, index, view_only=True)


def _stream(pixels: PixelElement) -> BinaryIO:
    """The file from its first encapsulated item on, not copied."""
    stream = stream_of(pixels.data)
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


def _checked_codestream(encoded: bytes, layout: PixelLayout) -> CodestreamSize:
    """The frame's own header; one that contradicts the data set is refused before a decoder allocates for it."""
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
    return size


def _self_described(encoded: bytes, layout: PixelLayout, size: CodestreamSize) -> NDArray[np.generic]:
    """JPEG 2000 and HTJ2K by OpenJPEG, JPEG-LS by CharLS, in the smallest type for the stream's precision."""
    codec = "jpeg2k" if layout.syntax in JPEG2000TransferSyntaxes else "jpegls"
    threads: dict[str, Any] = {"numthreads": min(os.cpu_count() or 1, 4)} if codec == "jpeg2k" else {}
    array = _by_imagecodecs(codec, encoded, layout, **threads)
    if layout.samples > 1:
        return _as_stored(array, layout)
    signed = _with_sign_of_header(array, layout.signed, size.precision)
    return _without_other_bits(signed, layout) if layout.bits_stored < size.precision else signed


def _with_sign_of_header(array: NDArray[np.generic], signed: bool, precision: int) -> NDArray[np.generic]:
    """Values as the header's Pixel Representation reads the stream's bits.

    JPEG-LS knows no sign, and many a JPEG 2000 stream states another than its header.
    """
    wanted = array.view(f"{'i' if signed else 'u'}{array.dtype.itemsize}")
    unused = 8 * array.dtype.itemsize - precision
    if wanted.dtype == array.dtype or not unused:
        return wanted
    return np.right_shift(np.left_shift(wanted, unused), unused)


def _without_other_bits(words: NDArray[np.generic], layout: PixelLayout) -> NDArray[np.generic]:
    """Values of words that a stream carries whole, as dcmtk compresses them to JPEG-LS.

    Words that hold more than the header's stored bits contradict it; they are values as they are.
    """
    width, stored = 8 * words.dtype.itemsize, layout.bits_stored
    bits = words.view(f"u{words.dtype.itemsize}")
    if layout.high_bit >= width or (layout.high_bit == stored - 1 and int(bits.max()) >= 2**stored):
        return words
    return np.right_shift(np.left_shift(words, width - layout.high_bit - 1), width - stored)


def _jpeg(encoded: bytes, layout: PixelLayout) -> NDArray[np.generic]:
    """Gray JPEG of all four processes, 2 to 16 bits, and colour without loss, by libjpeg-turbo."""
    colour: dict[str, Any] = {} if layout.samples == 1 else {"colorspace": "RGB", "outcolorspace": "RGB"}
    array = _by_imagecodecs("jpeg8", encoded, layout, **colour)
    return _as_stored(array.astype(f"u{layout.bits_allocated // 8}", copy=False), layout)


def _by_imagecodecs(
    codec: str, encoded: bytes, layout: PixelLayout, **options: Any
) -> NDArray[np.unsignedinteger]:
    try:
        array = getattr(imagecodecs, f"{codec}_decode")(encoded, **options)
    except ImportError as error:
        raise Unreadable(
            f"no decoder for {layout.syntax.name} is installed. Run: pip install {_PACKAGE}"
        ) from error
    except DAMAGE as error:
        raise Unreadable(_damaged(layout)) from error
    if array.shape[:2] != (layout.rows, layout.columns):
        raise Unreadable(_damaged(layout))
    return array


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
    value: BinaryIO | memoryview, layout: PixelLayout, index: int, **chosen: Any
) -> NDArray[np.generic]:
    options = layout.options() | {"allow_excess_frames": False}
    options |= {name: option for name, option in chosen.items() if option is not None}
    options["correct_unused_bits"] = False  # done by us, and only where it changes anything
    try:
        array, _ = get_decoder(layout.syntax).as_array(value, index=index, **options)
    except DAMAGE as error:
        raise Unreadable(_damaged(layout)) from error
    return array


def missing_decoders() -> dict[str, tuple[str, ...]]:
    """Transfer syntaxes that cannot be decoded here, by name, and the packages that each wants."""
    codecs = (
        (JPEG2000, "JPEG2K"),
        (HTJ2KLossless, "JPEG2K"),
        (JPEGLSLossless, "JPEGLS"),
        (JPEGLossless, "JPEG8"),
    )
    return {syntax.name: (_PACKAGE,) for syntax, codec in codecs if not getattr(imagecodecs, codec).available}


def _damaged(layout: PixelLayout) -> str:
    return f"its {layout.syntax.name} pixel data are truncated or damaged. Copy or export the file again."
