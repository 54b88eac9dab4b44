"""All boxes of a case as LabelMe reads them."""

from __future__ import annotations

import json
from pathlib import Path

from cxr_desktop.domain import Analysis, Box, Finding, Point, region_of
from cxr_desktop.reports.exporter import named
from cxr_desktop.reports.said import corners_of, said_of
from cxr_desktop.reports.sources import boxes_by_source

VERSION = "5.5.0"
"""Of LabelMe's file format that this follows."""


class LabelmeExporter:
    """`<stem>.labelme.json`; each shape also says who drew it (`source`) and, where known, its `score`."""

    id = "labelme"
    title = "Annotations (LabelMe)"
    suffix = ".labelme.json"

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        target = named(stem, self.suffix)
        document = labelme_document(analysis)
        target.write_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
        return (target,)


def labelme_document(analysis: Analysis) -> dict[str, object]:
    """Rectangles by two corners, polygons and points in pixels of the stored image.

    An ellipse is a polygon of 64 corners. LabelMe keeps the keys that it does not know.
    """
    shapes: list[dict[str, object]] = []
    for source, boxes in boxes_by_source(analysis).items():
        for box in boxes:
            shape: dict[str, object] = {
                "label": box.label,
                "points": _points(box),
                "group_id": None,
                "description": box.comment if isinstance(box, Finding) else "",
                "shape_type": _shape_type(box),
                "flags": {},
                "source": source,
                **said_of(box),
            }
            if box.score is not None:
                shape["score"] = float(box.score)
            shapes.append(shape)
    return {
        "version": VERSION,
        "flags": {},
        "shapes": shapes,
        "imagePath": analysis.radiograph.header.path.name,
        "imageData": None,
        "imageHeight": analysis.radiograph.rows,
        "imageWidth": analysis.radiograph.columns,
    }


def _shape_type(box: Box) -> str:
    region = region_of(box)
    if isinstance(region, Box):
        return "rectangle"
    return "point" if isinstance(region, Point) else "polygon"


def _points(box: Box) -> list[list[float]]:
    region = region_of(box)
    if isinstance(region, Box):
        return [[box.x, box.y], [box.right, box.bottom]]
    return [[box.x, box.y]] if isinstance(region, Point) else corners_of(box)
