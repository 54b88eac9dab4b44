"""COCO's object detection format (cocodataset.org, 'Data format')."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cxr_desktop.domain.box import Box
from cxr_desktop.localization.formats.document import Annotated, Problems, faults, finding, image_name


def is_coco(document: Any) -> bool:
    return isinstance(document, dict) and {"images", "annotations"} <= document.keys()


def coco_boxes(path: Path, document: Any, problems: Problems = None) -> Annotated:
    """Boxes with `score`, `source` and `shape` where an annotation has them. Raises BoxFileError."""
    with faults(path, "images and categories"):
        images = {entry["id"]: image_name(entry["file_name"]) for entry in document["images"]}
        labels = {entry["id"]: str(entry["name"]) for entry in document.get("categories", ())}
    found = []
    for place, entry in enumerate(document["annotations"], start=1):
        with faults(path, f"annotation {place}", problems):
            x, y, width, height = (float(value) for value in entry["bbox"])
            score = entry.get("score")
            box = Box(
                *(x, y, width, height, labels[entry["category_id"]]),
                None if score is None else float(score),
                str(entry.get("source", "")),
            )
            found.append((images[entry["image_id"]], finding(box, entry)))
    return found
