"""COCO's object detection format (cocodataset.org, 'Data format')."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cxr_desktop.domain.box import Box
from cxr_desktop.localization.formats.document import Annotated, Problems, faults, finding, frame, image_name
from cxr_desktop.localization.formats.masks import boxes_of_mask, coco_mask


def is_coco(document: Any) -> bool:
    return isinstance(document, dict) and {"images", "annotations"} <= document.keys()


def coco_boxes(path: Path, document: Any, problems: Problems = None) -> Annotated:
    """Boxes with `score`, `source` and `shape` where an annotation has them. Raises BoxFileError.

    An annotation's `bbox` is its box, whatever its outline; without one, the frame of its polygons, or those of
    its mask's pieces.
    """
    with faults(path, "images and categories"):
        images = {entry["id"]: image_name(entry["file_name"]) for entry in document["images"]}
        labels = {entry["id"]: str(entry["name"]) for entry in document.get("categories", ())}
    found: list[tuple[str, Box]] = []
    for place, entry in enumerate(document["annotations"], start=1):
        with faults(path, f"annotation {place}", problems):
            boxes = _boxes(entry, labels[entry["category_id"]])
            found.extend((images[entry["image_id"]], finding(box, entry)) for box in boxes)
    return found


def _boxes(entry: Any, label: str) -> tuple[Box, ...]:
    score, source = entry.get("score"), str(entry.get("source", ""))
    certainty = None if score is None else float(score)
    outline = entry.get("segmentation")
    if entry.get("bbox") or not outline:
        x, y, width, height = (float(value) for value in entry["bbox"])
        return (Box(x, y, width, height, label, certainty, source),)
    if isinstance(outline, dict):
        rows, columns = (int(size) for size in outline["size"])
        return boxes_of_mask(coco_mask(rows, columns, outline["counts"]), label, source)
    corners = [corner for polygon in outline for corner in zip(polygon[::2], polygon[1::2], strict=True)]
    return (frame(corners, label, certainty, source),)
