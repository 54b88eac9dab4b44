"""Single elements of a data set read without trust: a value that cannot be is as good as absent."""

from __future__ import annotations

import math

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag

from cxr_desktop.dicom.failure import DAMAGE

_PLAIN = ("AS", "CS", "DA", "UI")
_WORDS = ("LO", "PN", "SH")


def text(dataset: Dataset, keyword: str) -> str:
    """The element as a line of text, several values joined by a backslash; '' where absent."""
    return _line(dataset, keyword)


def element_text(dataset: Dataset, tag: BaseTag) -> str:
    """As `text`, of an element that repeats in several groups and so has no keyword of its own."""
    try:
        return _line(dataset, tag) if tag in dataset else ""
    except DAMAGE:
        return ""


def element_numbers(dataset: Dataset, tag: BaseTag) -> tuple[float, ...]:
    """As `numbers`, by tag."""
    try:
        value = dataset[tag].value if tag in dataset else None
    except DAMAGE:
        return ()
    if value is None or value == "" or isinstance(value, bytes):
        return ()
    found = tuple(map(_floating, value if _is_multiple(value) else [value]))  # type: ignore[call-overload]
    return found if all(map(math.isfinite, found)) else ()


def _line(dataset: Dataset, name: str | BaseTag) -> str:
    plain = _plain(dataset, name)
    if plain is not None:
        return plain
    try:
        value = dataset.get(name)
        value = value.value if isinstance(value, DataElement) else value
    except DAMAGE:
        return ""
    if value is None or isinstance(value, bytes):
        return ""
    joined = "\\".join(map(str, value)) if _is_multiple(value) else str(value)
    return "".join(c for c in joined if c.isprintable()).strip()


def _plain(dataset: Dataset, name: str | BaseTag) -> str | None:
    """The text of an element that no character set can change, without pydicom's conversion.

    None for other elements, and for those that were converted before. Takes a tenth of the time, which tells in
    a folder of ten thousand files.
    """
    tag = tag_for_keyword(name) if isinstance(name, str) else name
    element = dataset.get_item(tag) if tag is not None else None
    if not isinstance(element, RawDataElement) or not isinstance(element.value, bytes):
        return None
    if element.VR in _PLAIN:
        joined = "\\".join(part.strip(" \0") for part in element.value.decode("latin-1").split("\\"))
    elif element.VR in _WORDS and _is_one_in_ascii(element.value):
        joined = element.value.decode("ascii").rstrip(" \0")
    else:
        return None
    return (joined if joined.isprintable() else "".join(filter(str.isprintable, joined))).strip()


def _is_one_in_ascii(value: bytes) -> bool:
    """Whether text reads the same in every character set, is one value, and one group if a name (PS3.5 6.1, 6.2.1)."""
    return value.isascii() and not any(mark in value for mark in (b"\x1b", b"\\", b"="))


def integer(dataset: Dataset, keyword: str, default: int) -> int:
    """The element's first value as an integer, or default where absent or not one."""
    found = numbers(dataset, keyword)
    return int(found[0]) if found and math.isfinite(found[0]) else default


def number(dataset: Dataset, keyword: str) -> float | None:
    """The element's first value, or None where absent or not a finite number."""
    found = numbers(dataset, keyword)
    return found[0] if found and math.isfinite(found[0]) else None


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """All values of the element; NaN for each that is not a number, () where absent."""
    try:
        return tuple(_floating(part) for part in _parts(dataset, keyword))
    except DAMAGE:
        return ()


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """All values of the element as text; () where absent."""
    try:
        return tuple(str(part).replace("\0", "").strip() for part in _parts(dataset, keyword))
    except DAMAGE:
        return ()


def items(dataset: Dataset, keyword: str) -> tuple[Dataset, ...]:
    """The items of a sequence; () where absent or no sequence."""
    try:
        value = dataset.get(keyword)
    except DAMAGE:
        return ()
    return tuple(item for item in value or () if isinstance(item, Dataset))


def _parts(dataset: Dataset, keyword: str) -> list[object]:
    """Values of an element, taken before pydicom's conversion where that would refuse one of them."""
    tag = tag_for_keyword(keyword)
    element = dataset.get_item(tag) if tag is not None else None
    if element is None or element.value is None:
        return []
    if isinstance(element, RawDataElement) and element.VR in ("DS", "IS", "CS"):
        return list(bytes(element.value).decode("latin-1").strip(" \0").split("\\"))
    if isinstance(element, RawDataElement) and element.VR == "US" and len(element.value) == 2:
        return [int.from_bytes(element.value, "little" if element.is_little_endian else "big")]
    value = dataset[keyword].value
    if value is None or value == "":
        return []
    return list(value) if _is_multiple(value) else [value]


def _is_multiple(value: object) -> bool:
    return isinstance(value, list | tuple | MultiValue)


def _floating(part: object) -> float:
    try:
        return float(str(part).strip(" \0"))
    except ValueError:
        return math.nan
