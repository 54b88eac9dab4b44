"""All boxes of a case as LabelMe reads them."""

from __future__ import annotations

import json
from pathlib import Path

from cxr_desktop.domain import Analysis
from cxr_desktop.reports.exporter import named
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
    """Rectangles by two corners in pixels of the stored image; LabelMe keeps the keys that it does not know."""
    shapes: list[dict[str, object]] = []
    for source, boxes in boxes_by_source(analysis).items():
        for box in boxes:
            shape: dict[str, object] = {
                "label": box.label,
                "points": [[box.x, box.y], [box.right, box.bottom]],
                "group_id": None,
                "description": "",
                "shape_type": "rectangle",
                "flags": {},
                "source": source,
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
