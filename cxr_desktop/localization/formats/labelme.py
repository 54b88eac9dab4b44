"""LabelMe's JSON, a file an image."""

from __future__ import annotations

from math import hypot
from pathlib import Path
from typing import Any

from cxr_desktop.domain.box import Box
from cxr_desktop.localization.formats.document import Annotated, Problems, faults, finding, frame, image_name

_NO_AREA = ("point", "points", "line", "linestrip")


def is_labelme(document: Any) -> bool:
    return isinstance(document, dict) and "shapes" in document and "imagePath" in document


def labelme_boxes(path: Path, document: Any, problems: Problems = None) -> Annotated:
    """Rectangles, and the frames of polygons and circles; points and lines have none. Raises BoxFileError."""
    image = image_name(str(document["imagePath"])) or path.stem
    found = []
    for place, shape in enumerate(document["shapes"], start=1):
        with faults(path, f"shape {place}", problems):
            if "shape" in shape or shape.get("shape_type", "polygon") not in _NO_AREA:
                found.append((image, _box(shape)))
    return found


def _box(shape: Any) -> Box:
    points = shape["points"]
    if shape.get("shape_type") == "circle":
        (x, y), (edge_x, edge_y) = points
        radius = hypot(edge_x - x, edge_y - y)
        points = [(x - radius, y - radius), (x + radius, y + radius)]
    score = shape.get("score")
    said = (str(shape["label"]), None if score is None else float(score), str(shape.get("source", "")))
    if shape.get("shape") == "point":
        ((x, y),) = points
        return finding(Box(float(x), float(y), 0, 0, *said), shape)
    return finding(frame(points, *said), shape)
