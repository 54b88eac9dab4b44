"""Which format a file of boxes is in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.localization.box_file import BoxTable, read_csv_boxes
from cxr_desktop.localization.formats.coco import coco_boxes, is_coco
from cxr_desktop.localization.formats.document import Annotated, read_json
from cxr_desktop.localization.formats.label_studio import is_label_studio, label_studio_boxes
from cxr_desktop.localization.formats.labelme import is_labelme, labelme_boxes
from cxr_desktop.localization.formats.voc import read_voc
from cxr_desktop.localization.formats.yolo import is_yolo, read_yolo

READABLE = (".csv", ".tsv", ".json", ".xml", ".names")
"""Endings of files of boxes; YOLO's lines in .txt files are read as well."""

_JSON: tuple[tuple[Callable[[Any], bool], Callable[[Path, Any], Annotated]], ...] = (
    (is_coco, coco_boxes),
    (is_labelme, labelme_boxes),
    (is_label_studio, label_studio_boxes),
)


def read_boxes(path: Path) -> BoxTable:
    """Boxes of a CSV, COCO, Pascal VOC, YOLO, LabelMe or Label Studio file, or of all those in a folder.

    Pixels of the stored image. Raises BoxFileError naming the file, the place and the cure.
    """
    if path.is_dir():
        return _folder(path)
    match path.suffix.casefold():
        case ".json":
            return _table(_json(path))
        case ".xml":
            return _table(read_voc(path))
        case ".names" | ".txt" if is_yolo(path):
            return _table(read_yolo(path))
        case _:
            return read_csv_boxes(path)


def _json(path: Path) -> Annotated:
    document = read_json(path)
    for fits, boxes in _JSON:
        if fits(document):
            return boxes(path, document)
    raise BoxFileError(
        f"{path} is JSON, but neither COCO (images, annotations), LabelMe (shapes) nor Label Studio "
        "(a list of tasks); export the boxes in one of these or as CSV"
    )


def _folder(folder: Path) -> BoxTable:
    """The labels of a folder, as VOC, LabelMe and YOLO have a file an image."""
    files = sorted(path for path in folder.iterdir() if path.suffix.casefold() in READABLE)
    yolo = [path for path in sorted(folder.glob("*.txt")) if is_yolo(path)]
    if any(path.suffix == ".names" for path in files):
        yolo = []
    if not files and not yolo:
        raise BoxFileError(
            f"{folder} holds no file of boxes; endings known: {', '.join(READABLE)}, YOLO's .txt"
        )
    boxes: dict[str, list[Box]] = {}
    blank: dict[str, set[str]] = {}
    for path in (*files, *yolo):
        table = read_boxes(path)
        for image, found in table.items():
            boxes.setdefault(image, []).extend(found)
        for image, readers in table.blank.items():
            blank.setdefault(image, set()).update(readers)
    return BoxTable(boxes, blank)


def _table(found: Iterable[tuple[str, Box]]) -> BoxTable:
    boxes: dict[str, list[Box]] = {}
    for image, box in found:
        boxes.setdefault(image, []).append(box)
    return BoxTable(boxes)
