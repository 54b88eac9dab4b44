"""CheXlocalize (Saporta et al., 2022): outlines or masks of ten findings on CheXpert's images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cxr_desktop.domain.box import Box
from cxr_desktop.localization.formats.document import Annotated, Problems, faults, frame
from cxr_desktop.localization.formats.masks import boxes_of_mask, coco_mask

_SIZE = "img_size"


def is_chexlocalize(document: Any) -> bool:
    """By image, then by finding: outlines beside the image's size, or masks with their own."""
    if not isinstance(document, dict) or not document:
        return False
    first = next(iter(document.values()))
    return isinstance(first, dict) and (_SIZE in first or any(_is_mask(value) for value in first.values()))


def chexlocalize_boxes(path: Path, document: Any, problems: Problems = None) -> Annotated:
    """The frame of each outline, and of each connected piece of a mask."""
    found: list[tuple[str, Any]] = []
    for image, findings in document.items():
        boxes: list[Box] = []
        with faults(path, str(image), problems):
            for label, drawn in findings.items():
                if label != _SIZE:
                    with faults(path, f"{image}, {label}", problems):
                        boxes.extend(_boxes(drawn, label))
            found.extend([(image, box) for box in boxes] or [(image, None)])
    return found


def _boxes(drawn: Any, label: str) -> list[Box]:
    if _is_mask(drawn):
        rows, columns = (int(size) for size in drawn["size"])
        return list(boxes_of_mask(coco_mask(rows, columns, drawn["counts"]), label))
    return [frame(outline, label, None, "") for outline in drawn]


def _is_mask(value: Any) -> bool:
    return isinstance(value, dict) and {"size", "counts"} <= value.keys()
