"""RLE frames (PS3.5 Annex G): a byte plane a segment, each packed by PackBits."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np
from numpy.typing import NDArray

_HEADER = 64
_SLACK = 128  # one run more than the image needs, which some encoders write


def decode_rle(encoded: bytes, shape: tuple[int, ...], itemsize: int) -> NDArray[np.unsignedinteger]:
    """Unsigned integers of shape (rows, columns) or (rows, columns, samples).

    itemsize: bytes a sample. Segments hold a sample's bytes from the most significant down, one
    sample after the other (G.2). Raises ValueError where segments are missing or too short.
    """
    samples = shape[2] if len(shape) == 3 else 1
    count, *offsets = struct.unpack_from("<16I", encoded)
    if count != samples * itemsize:
        raise ValueError(f"{count} segments instead of {samples * itemsize}")
    pixels = shape[0] * shape[1]
    planes = np.empty((pixels, samples, itemsize), dtype=np.uint8)
    ends = [*offsets[1:count], len(encoded)]
    for number, (start, end) in enumerate(zip(offsets[:count], ends, strict=True)):
        if not _HEADER <= start < end <= len(encoded):
            raise ValueError(f"segment {number} lies outside of the frame")
        segment = _unpacked(encoded[start:end], pixels)
        planes[:, number // itemsize, itemsize - 1 - number % itemsize] = segment
    return planes.view(f"<u{itemsize}").reshape(shape)


def _unpacked(segment: bytes, length: int) -> NDArray[np.uint8]:
    """(length,) bytes of a segment. The limit on its size keeps a few hostile bytes from growing."""
    try:
        packed = imagecodecs.packbits_decode(segment, out=length + _SLACK)
    except imagecodecs.PackbitsError:
        # The zero that fills a segment to an even length reads as a run that has lost its byte.
        packed = imagecodecs.packbits_decode(segment[:-1], out=length + _SLACK)
    if len(packed) < length:
        raise ValueError(f"a segment holds {len(packed)} of {length} bytes")
    return np.frombuffer(packed, dtype=np.uint8, count=length)
