"""All boxes of a case as Pascal VOC XML (VOC2012 development kit, section 'Annotation')."""

from __future__ import annotations

from math import ceil, floor
from pathlib import Path
from xml.etree import ElementTree

from cxr_desktop.domain import Analysis, Box
from cxr_desktop.reports.exporter import named
from cxr_desktop.reports.sources import boxes_by_source

_CONTROLS = {code: " " for code in range(32) if chr(code) not in "\t\n\r"}


class VocExporter:
    """`<stem>.xml`; each object also says who drew it (`source`) and, where known, its `confidence`."""

    id = "voc"
    title = "Annotations (Pascal VOC)"
    suffix = ".xml"

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        target = named(stem, self.suffix)
        tree = ElementTree.ElementTree(voc_annotation(analysis))
        ElementTree.indent(tree)
        tree.write(target, encoding="utf-8", xml_declaration=True)
        return (target,)


def voc_annotation(analysis: Analysis) -> ElementTree.Element:
    """The annotation element. Boxes become whole pixels counted from 1, both ends within, as VOC has them."""
    radiograph = analysis.radiograph
    root = ElementTree.Element("annotation")
    _child(root, "folder", radiograph.header.path.parent.name)
    _child(root, "filename", radiograph.header.path.name)
    _child(ElementTree.SubElement(root, "source"), "database", analysis.software)
    size = ElementTree.SubElement(root, "size")
    for name, value in (("width", radiograph.columns), ("height", radiograph.rows), ("depth", 1)):
        _child(size, name, value)
    _child(root, "segmented", 0)
    for source, boxes in boxes_by_source(analysis).items():
        for box in boxes:
            _object(root, box.clipped(radiograph.columns, radiograph.rows), source)
    return root


def _object(root: ElementTree.Element, box: Box, source: str) -> None:
    if box.area <= 0:
        return
    found = ElementTree.SubElement(root, "object")
    fields = (("name", box.label), ("pose", "Unspecified"), ("truncated", 0), ("difficult", 0))
    for name, value in (*fields, ("source", source)):
        _child(found, name, value)
    if box.score is not None:
        _child(found, "confidence", box.score)
    corners = ElementTree.SubElement(found, "bndbox")
    _child(corners, "xmin", floor(box.x) + 1)
    _child(corners, "ymin", floor(box.y) + 1)
    _child(corners, "xmax", ceil(box.right))
    _child(corners, "ymax", ceil(box.bottom))


def _child(parent: ElementTree.Element, name: str, value: object) -> None:
    ElementTree.SubElement(parent, name).text = str(value).translate(_CONTROLS)
