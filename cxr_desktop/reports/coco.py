"""All boxes of a case in the COCO format (cocodataset.org, 'Data format', object detection)."""

from __future__ import annotations

import json
from pathlib import Path

from cxr_desktop.domain import DISCLAIMER, Analysis, Box, Point, region_of
from cxr_desktop.reports.exporter import named
from cxr_desktop.reports.said import corners_of, said_of
from cxr_desktop.reports.sources import boxes_by_source, class_names


class CocoExporter:
    """`<stem>.coco.json`; each annotation also says who drew it (`source`) and, where known, its `score`."""

    id = "coco"
    title = "Annotations (COCO)"
    suffix = ".coco.json"

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        target = named(stem, self.suffix)
        document = coco_document(analysis)
        target.write_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
        return (target,)


def coco_document(analysis: Analysis) -> dict[str, object]:
    """One image, its categories numbered from 1, and an annotation per box in pixels of the stored image.

    Outlines are segmentations, ellipses by 64 corners, points key points; what else a reader said has keys
    of our own.
    """
    radiograph = analysis.radiograph
    names = class_names(analysis)
    annotations: list[dict[str, object]] = []
    for source, boxes in boxes_by_source(analysis).items():
        for box in boxes:
            annotation: dict[str, object] = {
                "id": len(annotations) + 1,
                "image_id": 1,
                "category_id": names.index(box.label) + 1,
                "bbox": [box.x, box.y, box.width, box.height],
                "area": region_of(box).area,
                "segmentation": _segmentation(box),
                "iscrowd": 0,
                "source": source,
                **said_of(box),
            }
            if isinstance(region_of(box), Point):
                annotation |= {"keypoints": [box.x, box.y, 2], "num_keypoints": 1}
            if box.score is not None:
                annotation["score"] = float(box.score)
            annotations.append(annotation)
    return {
        "info": {
            "description": DISCLAIMER,
            "version": analysis.software,
            "date_created": analysis.created,
        },
        "licenses": [],
        "images": [
            {
                "id": 1,
                "file_name": radiograph.header.path.name,
                "width": radiograph.columns,
                "height": radiograph.rows,
            }
        ],
        "annotations": annotations,
        "categories": [{"id": place, "name": name} for place, name in enumerate(names, start=1)],
    }


def _segmentation(box: Box) -> list[list[float]]:
    """None of a rectangle, which its box says already."""
    corners = [] if isinstance(region_of(box), Box) else corners_of(box)
    return [[value for corner in corners for value in corner]] if corners else []
