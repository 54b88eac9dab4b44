"""The header of a plain file, walked in the bytes already read: a folder of ten thousand is listed in half the time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from struct import Struct
from typing import cast

from pydicom.charset import convert_encodings, default_encoding
from pydicom.dataelem import DataElement, RawDataElement, empty_value_for_VR
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import BaseTag, Tag
from pydicom.uid import ExplicitVRLittleEndian, RLELossless
from pydicom.valuerep import EXPLICIT_VR_LENGTH_16, EXPLICIT_VR_LENGTH_32
from pydicom.values import convert_string

from cxr_desktop.dicom.content import PREAMBLE

LONGEST = 16384
"""Bytes of a file to look into; radiographs have a tenth of that before their pixels."""
_SHORT = {str(vr).encode(): str(vr) for vr in EXPLICIT_VR_LENGTH_16}
_LONG = {str(vr).encode(): str(vr) for vr in EXPLICIT_VR_LENGTH_32}
_ELEMENT, _LENGTH = Struct("<HH2sH"), Struct("<L")
_UNDEFINED = 0xFFFFFFFF
_META, _FIRST_GROUP = 2, 8
_SYNTAX, _CHARACTERS = 0x00020010, 0x00080005
_PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
_SYNTAXES = (str(ExplicitVRLittleEndian), str(RLELossless))
_COMPRESSED = "1.2.840.10008.1.2.4."


class _NotPlain(Exception):
    """Something that pydicom may know what to make of."""


def plain_header(start: bytes, keywords: tuple[str, ...]) -> Dataset | None:
    """As `dataset.parse_header`, from the first LONGEST bytes of a file; None where the file is not plain.

    Plain is a file as PS3.10 has it, Explicit VR Little Endian: tags that ascend, VRs that are known, nothing of
    undefined length but the pixels, and all before those within `start`.
    """
    try:
        found = list(_elements(start, _wanted(keywords)))
    except _NotPlain:
        return None
    meta: dict[BaseTag, DataElement | RawDataElement] = {
        raw.tag: raw for raw in found if raw.tag >> 16 == _META
    }
    dataset = Dataset({raw.tag: raw for raw in found if raw.tag >> 16 != _META})
    if not _is_explicit(meta.get(BaseTag(_SYNTAX))):
        return None
    characters = next((raw.value for raw in found if raw.tag == _CHARACTERS), None)
    dataset.set_original_encoding(False, True, _encodings(characters) if characters else default_encoding)
    dataset.file_meta = FileMetaDataset(meta)
    return dataset


@cache
def _wanted(keywords: tuple[str, ...]) -> frozenset[int]:
    return frozenset((_SYNTAX, _CHARACTERS, *(int(Tag(keyword)) for keyword in keywords)))


def _elements(start: bytes, wanted: frozenset[int]) -> Iterator[RawDataElement]:
    """Those wanted, up to the pixels or the end of the file. Raises _NotPlain."""
    if start[PREAMBLE : PREAMBLE + 4] != b"DICM":
        raise _NotPlain
    at, last, end = PREAMBLE + 4, 0, len(start)
    while at + 8 <= end:
        group, element, code, length = _ELEMENT.unpack_from(start, at)
        tag = group << 16 | element
        if tag <= last or (group < _FIRST_GROUP and group != _META):
            raise _NotPlain
        at, last, vr = at + 8, tag, _SHORT.get(code) or _LONG.get(code)
        if tag in _PIXELS:
            return
        if code in _LONG and at + 4 <= end:
            (length,), at = _LENGTH.unpack_from(start, at), at + 4
        if vr is None or length == _UNDEFINED or at + length > end:
            raise _NotPlain
        if tag in wanted:
            value = (
                start[at : at + length] if length else cast("bytes | None", empty_value_for_VR(vr, raw=True))
            )
            yield RawDataElement(BaseTag(tag), vr, length, value, at, False, True)
        at += length
    if at != end or end >= LONGEST:
        raise _NotPlain


def _is_explicit(syntax: DataElement | RawDataElement | None) -> bool:
    told = b"" if syntax is None or not isinstance(syntax.value, bytes) else syntax.value
    name = told.rstrip(b" \0").decode("latin-1")
    return name in _SYNTAXES or name.startswith(_COMPRESSED)


@cache
def _encodings(characters: bytes) -> list[str]:
    return convert_encodings(convert_string(characters, True))
