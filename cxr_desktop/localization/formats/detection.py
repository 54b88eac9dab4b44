"""Which format a file of boxes is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.localization.box_file import BoxTable, read_csv_boxes
from cxr_desktop.localization.csv_flavours import FLAVOURS
from cxr_desktop.localization.formats.chestx_det import chestx_det_boxes, is_chestx_det
from cxr_desktop.localization.formats.chexlocalize import chexlocalize_boxes, is_chexlocalize
from cxr_desktop.localization.formats.coco import coco_boxes, is_coco
from cxr_desktop.localization.formats.document import Annotated, Problems, read_json
from cxr_desktop.localization.formats.label_studio import is_label_studio, label_studio_boxes
from cxr_desktop.localization.formats.labelme import is_labelme, labelme_boxes
from cxr_desktop.localization.formats.siim import is_siim, siim_boxes
from cxr_desktop.localization.formats.voc import read_voc
from cxr_desktop.localization.formats.yolo import is_yolo, read_yolo

_LOOK, _BEFORE = 64, b"\xef\xbb\xbf \t\r\n"

READABLE = (".csv", ".tsv", ".json", ".xml", ".names")
"""Endings of files of boxes; YOLO's lines in .txt files are read as well."""

_JSON: Mapping[str, tuple[Callable[[Any], bool], Callable[[Path, Any, Problems], Annotated]]] = {
    "coco": (is_coco, coco_boxes),
    "labelme": (is_labelme, labelme_boxes),
    "label-studio": (is_label_studio, label_studio_boxes),
    "chestx-det": (is_chestx_det, chestx_det_boxes),
    "chexlocalize": (is_chexlocalize, chexlocalize_boxes),
}
FORMATS = ("csv", "nih", "rsna", "vindr", "siim", *_JSON, "voc", "yolo")
"""Names by which a format is asked for; otherwise endings and content tell."""


def read_boxes(path: Path, *, form: str = "", problems: Problems = None) -> BoxTable:
    """Boxes of one of the `FORMATS`, or of all the files in a folder.

    Pixels of the stored image. form: one of FORMATS, empty to be told by the content. problems: takes a sentence
    for each entry that cannot be used, which is then left out. Raises BoxFileError naming the file, the place and
    the cure; with `problems`, where nothing of the file can be read.
    """
    if path.is_dir():
        return _folder(path, form, problems)
    match form or _told(path):
        case "voc":
            return _table(read_voc(path, problems))
        case "yolo":
            return _table(read_yolo(path, problems))
        case "siim":
            return _table(siim_boxes(path, problems))
        case "json":
            return _table(_json(path, problems))
        case named if named in _JSON:
            return _table(_forced(path, named, problems))
        case "csv" | "nih" | "rsna" | "vindr" as named:
            return read_csv_boxes(path, FLAVOURS[named] if form else None, problems)
        case unknown:
            raise BoxFileError(f"{unknown!r} is no format of boxes; choose one of {', '.join(FORMATS)}")


def _told(path: Path) -> str:
    """The format that a file's ending and content tell."""
    match path.suffix.casefold():
        case ".json":
            return "json"
        case ".xml":
            return "voc"
        case ".names" | ".txt" if is_yolo(path):
            return "yolo"
        case _ if _begins_as_json(path):
            return "json"
        case _:
            return "siim" if is_siim(path) else "csv"


def _begins_as_json(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(_LOOK).lstrip(_BEFORE)[:1] in (b"{", b"[")
    except OSError:  # told with its cure by the reading itself
        return False


def _json(path: Path, problems: Problems) -> Annotated:
    document = read_json(path)
    for fits, boxes in _JSON.values():
        if fits(document):
            return boxes(path, document, problems)
    raise BoxFileError(
        f"{path} is JSON, but neither COCO (images, annotations), LabelMe (shapes), Label Studio (a list of tasks), "
        "ChestX-Det (file_name, syms, boxes) nor CheXlocalize (img_size, or size and counts); export the boxes in one "
        "of these or as CSV"
    )


def _forced(path: Path, form: str, problems: Problems) -> Annotated:
    fits, boxes = _JSON[form]
    document = read_json(path)
    if not fits(document):
        raise BoxFileError(
            f"{path} is not laid out as {form}; leave the format out to have it told by the content"
        )
    return boxes(path, document, problems)


def _folder(folder: Path, form: str, problems: Problems) -> BoxTable:
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
        try:
            table = read_boxes(path, form=form, problems=problems)
        except BoxFileError as error:
            if problems is None:
                raise
            problems.append(str(error))
            continue
        for image, found in table.items():
            boxes.setdefault(image, []).extend(found)
        for image, readers in table.blank.items():
            blank.setdefault(image, set()).update(readers)
    return BoxTable(boxes, blank)


def _table(found: Annotated) -> BoxTable:
    boxes: dict[str, list[Box]] = {}
    blank: dict[str, list[str]] = {}
    for image, box in found:
        if box is None:
            blank.setdefault(image, []).append("")
        else:
            boxes.setdefault(image, []).append(box)
    return BoxTable(boxes, blank)
