"""Every element of a file as text, for reading: private ones and sequences too, large values left unread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pydicom
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag

from cxr_desktop.dicom.content import ContentKind, all_bytes, content_kind, first_bytes, refuse_unless_image
from cxr_desktop.dicom.dataset import inflated, is_deflated
from cxr_desktop.dicom.failure import DAMAGE, Unreadable, naming
from cxr_desktop.dicom.quiet import quieten

LONGEST_VALUE = 4096
MOST_ITEMS = 500
_DEFERRED = 65536
_HEX_BYTES = 16
_BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})


@dataclass(frozen=True, slots=True)
class TagNode:
    """An element, or an item of a sequence (its tag is then 'Item n'). value: at most LONGEST_VALUE long."""

    tag: str
    name: str
    vr: str = ""
    value: str = ""
    children: tuple[TagNode, ...] = ()


def read_tags(path: Path | str, check: Callable[[], object] = lambda: None) -> tuple[TagNode, ...]:
    """File meta information, then the data set, in the order of tags.

    check: called between elements; may raise to break off. Raises DicomReadError as
    `read_radiograph` does, and for images that are no DICOM.
    """
    path = Path(path)
    with naming(path):
        quieten()
        start = first_bytes(path)
        kind = content_kind(start)
        refuse_unless_image(kind)
        if kind is ContentKind.RASTER:
            raise Unreadable("this picture is no DICOM object, so it has no DICOM tags.")
        if is_deflated(start):
            dataset: Dataset = pydicom.dcmread(BytesIO(inflated(all_bytes(path))), force=True)
        else:
            dataset = pydicom.dcmread(path, force=True, defer_size=_DEFERRED)
        return (*_nodes(getattr(dataset, "file_meta", Dataset()), check), *_nodes(dataset, check))


def _nodes(dataset: Dataset, check: Callable[[], object]) -> tuple[TagNode, ...]:
    return tuple(_each(dataset, check))


def _each(dataset: Dataset, check: Callable[[], object]) -> Iterator[TagNode]:
    # items() hands out elements as they lie in the file; get_item would read the deferred ones
    for tag, raw in sorted(dataset.items()):
        check()
        if isinstance(raw, RawDataElement) and raw.value is None and raw.length:
            yield TagNode(_written(tag), _name(tag), raw.VR or "", f"{raw.length} bytes")
            continue
        try:
            yield _node(dataset[tag], check)
        except DAMAGE:
            yield TagNode(_written(tag), _name(tag), "", "(damaged: the value cannot be read)")


def _node(element: DataElement, check: Callable[[], object]) -> TagNode:
    tag, name = _written(element.tag), element.name
    if element.VR != "SQ":
        return TagNode(tag, name, element.VR, _value(element))
    items = list(element.value)
    children = [
        TagNode(f"Item {number}", "", "", "", _nodes(item, check))
        for number, item in enumerate(items[:MOST_ITEMS], 1)
    ]
    if len(items) > MOST_ITEMS:
        children.append(TagNode("…", f"{len(items) - MOST_ITEMS} further items are not shown"))
    told = f"{len(items)} item{'s' if len(items) != 1 else ''}"
    return TagNode(tag, name, "SQ", told, tuple(children))


def _value(element: DataElement) -> str:
    value = element.value
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray):
        if element.VR in _BINARY:
            return _bytes(bytes(value))
        value = bytes(value).decode("latin-1")
    if isinstance(value, list | tuple | MultiValue):
        value = "\\".join(str(part) for part in value[: LONGEST_VALUE // 2])
    text = "".join(c if c.isprintable() else " " for c in str(value)).strip()
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _bytes(value: bytes) -> str:
    shown = value[:_HEX_BYTES].hex(" ")
    return f"{len(value)} bytes: {shown}{' …' if len(value) > _HEX_BYTES else ''}" if value else ""


def _written(tag: BaseTag) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _name(tag: BaseTag) -> str:
    return DataElement(tag, "UN", b"").name
