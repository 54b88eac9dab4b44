"""What a compressed frame says of itself, read before a decoder is trusted with it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_J2K_START = b"\xff\x4f\xff\x51"
_NOT_FRAMES = (0xC4, 0xC8, 0xCC)
_JPEG_LS_FRAME = 0xF7
_STANDALONE = (0x01, *range(0xD0, 0xDA))
_START_OF_SCAN = 0xDA


@dataclass(frozen=True, slots=True)
class CodestreamSize:
    """Size of a compressed image as its own header states it. precision: bits a sample."""

    rows: int
    columns: int
    samples: int
    precision: int


def codestream_size(data: bytes) -> CodestreamSize | None:
    """Size stated by a JPEG, JPEG-LS, JPEG 2000 or HTJ2K codestream; None where it has no header.

    Source: ITU-T T.81 B.2.2 (frame header), T.87 C.2.2, T.800 A.5.1 (SIZ).
    """
    start = data.find(_J2K_START, 0, 4096)
    try:
        return _j2k_size(data, start) if start >= 0 else _jpeg_size(data)
    except (struct.error, IndexError):
        return None


def _j2k_size(data: bytes, start: int) -> CodestreamSize:
    x1, y1, x0, y0 = struct.unpack_from(">4I", data, start + 8)
    (samples,) = struct.unpack_from(">H", data, start + 40)
    precision = (data[start + 42] & 0x7F) + 1
    return CodestreamSize(y1 - y0, x1 - x0, samples, precision)


def _jpeg_size(data: bytes) -> CodestreamSize | None:
    if data[:2] != b"\xff\xd8":
        return None
    at = 2
    while at < len(data) - 3:
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _STANDALONE:
            at += 2
        elif marker == _START_OF_SCAN:
            return None
        elif marker == _JPEG_LS_FRAME or (0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES):
            precision, rows, columns, samples = struct.unpack_from(">BHHB", data, at + 4)
            return CodestreamSize(rows, columns, samples, precision)
        else:
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None
