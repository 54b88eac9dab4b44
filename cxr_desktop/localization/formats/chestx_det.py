"""ChestX-Det and ChestX-Det10 (Deepwise AI Lab): a list of images with findings and corners."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cxr_desktop.localization.formats.document import Annotated, Problems, faults, frame, image_name


def is_chestx_det(document: Any) -> bool:
    keys = {"file_name", "syms", "boxes"}
    return isinstance(document, list) and any(isinstance(e, dict) and keys <= e.keys() for e in document)


def chestx_det_boxes(path: Path, document: Any, problems: Problems = None) -> Annotated:
    """`boxes` are left, top, right and bottom; `polygons`, which they frame, are passed over."""
    found: list[tuple[str, Any]] = []
    for place, entry in enumerate(document, start=1):
        with faults(path, f"image {place}", problems):
            image = image_name(entry["file_name"])
            pairs = list(zip(entry["syms"], entry["boxes"], strict=True))
            found.extend([] if pairs else [(image, None)])
            for number, (label, (left, top, right, bottom)) in enumerate(pairs, start=1):
                with faults(path, f"image {place} ({image}), box {number}", problems):
                    found.append((image, frame([(left, top), (right, bottom)], str(label), None, "")))
    return found
