"""Bytes to a pydicom data set that holds only the elements this program reads."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import BinaryIO

import pydicom
from pydicom import config
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from cxr_desktop.dicom.content import LARGEST_FILE, PREAMBLE
from cxr_desktop.dicom.failure import DAMAGED_CURE, Unreadable

_GROUP_LENGTH = b"\x02\x00\x00\x00UL\x04\x00"
_META_START = PREAMBLE + 4
_DEFLATED = str(DeflatedExplicitVRLittleEndian).encode("ascii")
_EXPLICIT = str(ExplicitVRLittleEndian).encode("ascii")


def parse(data: bytes, keywords: Sequence[str], *, header_only: bool = False) -> Dataset:
    """The elements named by keywords, with file meta information, of a DICOM file in memory.

    The data set's TransferSyntaxUID is that of the returned elements: deflated data come back
    inflated, as Explicit VR Little Endian. Raises Unreadable, or what pydicom raises on damage.
    """
    return parse_stream(BytesIO(inflated(data)), keywords, header_only=header_only)


def parse_stream(stream: BinaryIO, keywords: Sequence[str], *, header_only: bool = False) -> Dataset:
    """As `parse`, from an open file that is not deflated."""
    _quieten()
    dataset = pydicom.dcmread(
        stream, force=True, stop_before_pixels=header_only, specific_tags=list(keywords)
    )
    if not hasattr(dataset, "file_meta"):
        dataset.file_meta = FileMetaDataset()
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = _guessed_syntax(dataset)
    return dataset


def is_deflated(start: bytes) -> bool:
    """Whether the file meta information at the start of a file announces deflated data."""
    return _DEFLATED in start[_META_START : _META_START + 1024]


def inflated(data: bytes) -> bytes:
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
    meta = data[:start].replace(_DEFLATED, _EXPLICIT.ljust(len(_DEFLATED), b"\0"))
    return meta + elements


def _guessed_syntax(dataset: Dataset) -> UID:
    implicit, little = dataset.original_encoding
    if implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if little else ExplicitVRBigEndian


def _quieten() -> None:
    """Stop pydicom from warning about odd values: its warnings quote them, names of patients too."""
    config.settings.reading_validation_mode = config.IGNORE
