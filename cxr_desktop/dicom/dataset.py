"""Bytes to a pydicom data set that holds only the elements this program reads."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO, Literal, TypeVar

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import BaseTag, Tag
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from cxr_desktop.dicom.byte_stream import stream_of
from cxr_desktop.dicom.content import LARGEST_FILE, PREAMBLE
from cxr_desktop.dicom.failure import DAMAGED_CURE, Unreadable
from cxr_desktop.dicom.quiet import quieten

_PIXEL_KEYWORDS = {
    (0x7FE0, 0x0008): "FloatPixelData",
    (0x7FE0, 0x0009): "DoubleFloatPixelData",
    (0x7FE0, 0x0010): "PixelData",
}
_PIXEL_VRS = (b"OB", b"OW", b"OF", b"OD", b"UN")
_BYTE_ORDERS: tuple[Literal["little", "big"], ...] = ("little", "big")
_UNDEFINED = 0xFFFFFFFF
_GROUP_LENGTH = b"\x02\x00\x00\x00UL\x04\x00"
_META_START = PREAMBLE + 4
_DEFLATED = str(DeflatedExplicitVRLittleEndian).encode("ascii")
Held = TypeVar("Held", bytes, memoryview)
_EXPLICIT = str(ExplicitVRLittleEndian).encode("ascii")


@dataclass(frozen=True, slots=True, eq=False)
class PixelElement:
    """Where the pixels of a file lie. keyword and vr: of their element. start: of the value in data.

    length: of the value in bytes as declared; None where it is undefined (encapsulated frames).
    """

    keyword: str
    vr: str
    data: bytes | memoryview
    start: int
    length: int | None


@dataclass(frozen=True, slots=True, eq=False)
class ParsedFile:
    """The header elements of a file, and its pixels, which are not copied out of its bytes."""

    dataset: Dataset
    pixels: PixelElement | None


def parse(data: Held, keywords: Sequence[str | int]) -> ParsedFile:
    """The elements named by keywords or tags, with file meta information, of a DICOM file in memory.

    The data set's TransferSyntaxUID is that of the parsed elements: deflated data come back
    inflated, as Explicit VR Little Endian. Raises Unreadable, or what pydicom raises on damage.
    """
    plain = inflated(data)
    stream = stream_of(plain)
    dataset = parse_header(stream, keywords)
    return ParsedFile(dataset, _pixel_element(plain, stream.tell()))


def parse_header(stream: BinaryIO, keywords: Sequence[str | int]) -> Dataset:
    """As `parse`, the header alone, from an open file that is not deflated.

    Leaves the stream at the pixel element, or at the end where there is none.
    """
    quieten()
    dataset = pydicom.dcmread(
        stream, force=True, stop_before_pixels=True, specific_tags=_tags(tuple(keywords))
    )
    if not hasattr(dataset, "file_meta"):
        dataset.file_meta = FileMetaDataset()
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = _guessed_syntax(dataset)
    return dataset


@cache
def _tags(keywords: tuple[str | int, ...]) -> list[BaseTag]:
    return [Tag(keyword) for keyword in keywords]


def _pixel_element(data: bytes | memoryview, at: int) -> PixelElement | None:
    """The element at which parsing stopped (PS3.5 7.1), or None where it holds no pixels.

    Byte order and VR are taken from the element, for some files contradict their transfer syntax.
    Explicit VRs cannot be mistaken for an implicit length, which would be odd.
    """
    head = bytes(data[at : at + 12])
    for order in _BYTE_ORDERS:
        group, element = (int.from_bytes(head[k : k + 2], order) for k in (0, 2))
        keyword = _PIXEL_KEYWORDS.get((group, element))
        if keyword is not None:
            explicit = head[4:6] in _PIXEL_VRS
            vr = head[4:6].decode("ascii") if explicit else "OW"
            size = 12 if explicit else 8
            length = int.from_bytes(head[size - 4 : size], order)
            return PixelElement(keyword, vr, data, at + size, None if length == _UNDEFINED else length)
    return None


def is_deflated(start: bytes | memoryview) -> bool:
    """Whether the file meta information at the start of a file announces deflated data."""
    return _DEFLATED in bytes(start[_META_START : _META_START + 1024])


def inflated(data: Held) -> Held | bytes:
    """The file with its deflated data set inflated; other files as they are.

    Inflating here, and not in pydicom, bounds what a few hostile bytes can grow to.
    """
    if not is_deflated(data):
        return data
    if data[_META_START : _META_START + 8] != _GROUP_LENGTH:
        raise Unreadable(f"the file meta information of this deflated file is incomplete. {DAMAGED_CURE}")
    start = _META_START + 12 + int.from_bytes(data[_META_START + 8 : _META_START + 12], "little")
    body = zlib.decompressobj(-zlib.MAX_WBITS)
    elements = body.decompress(data[start:], LARGEST_FILE)
    if body.unconsumed_tail:
        raise Unreadable("the deflated data grow beyond 1 GiB. No radiograph does; the file is not opened.")
    meta = bytes(data[:start]).replace(_DEFLATED, _EXPLICIT.ljust(len(_DEFLATED), b"\0"))
    return meta + elements


def _guessed_syntax(dataset: Dataset) -> UID:
    implicit, little = dataset.original_encoding
    if implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if little else ExplicitVRBigEndian
