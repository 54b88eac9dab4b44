"""Pascal VOC's XML, a file an image (VOC2012 development kit, section 'Annotation')."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.localization.formats.document import (
    Annotated,
    Problems,
    faults,
    image_name,
    read_text,
    solid,
)


def read_voc(path: Path, problems: Problems = None) -> Annotated:
    """Boxes of one annotation; its pixels count from 1, both ends within. Raises BoxFileError."""
    text = read_text(path)
    if "<!ENTITY" in text:
        raise BoxFileError(f"{path} defines entities, which no annotation needs; it is not read")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise BoxFileError(f"{path} is no XML ({error})") from error
    if root.tag != "annotation":
        raise BoxFileError(f"{path} is XML, but no Pascal VOC annotation: its root is <{root.tag}>")
    image = image_name(root.findtext("filename") or "") or path.stem
    boxes = []
    for place, found in enumerate(root.iter("object"), start=1):
        with faults(path, f"object {place}", problems):
            boxes.append((image, _box(found)))
    return boxes


def _box(found: ElementTree.Element) -> Box:
    left, top, right, bottom = (
        float(_text(found, f"bndbox/{name}")) for name in ("xmin", "ymin", "xmax", "ymax")
    )
    confidence = found.findtext("confidence")
    return solid(
        Box(
            *(left - 1, top - 1, right - left + 1, bottom - top + 1),
            label=_text(found, "name"),
            score=None if confidence is None else float(confidence),
            source=found.findtext("source") or "",
        )
    )


def _text(found: ElementTree.Element, name: str) -> str:
    text = (found.findtext(name) or "").strip()
    if not text:
        raise KeyError(name)
    return text
