"""Boxes to compare with, from whatever a person has: an annotation tool's file or a DICOM structured report."""

from __future__ import annotations

from pathlib import Path

from cxr_desktop.domain import Box
from cxr_desktop.domain.errors import BoxFileError, DicomReadError
from cxr_desktop.localization import read_boxes
from cxr_desktop.localization.box_file import BoxTable
from cxr_desktop.localization.formats import FORMATS
from cxr_desktop.localization.formats.masks import boxes_of_mask

_DICOM_AT, _DICOM = 128, b"DICM"


DICOM_SR = "dicom-sr"
DICOM_SEG = "dicom-seg"
BOX_FORMATS = (*FORMATS, DICOM_SR, DICOM_SEG)


def read_box_input(path: Path, *, form: str = "", problems: list[str] | None = None) -> BoxTable:
    """As `localization.read_boxes`; of a structured report what people drew, or all of it where none did; of a
    segmentation the same, the box of each connected piece of a segment.

    form: one of BOX_FORMATS, empty to be told by the content. Raises BoxFileError, its message naming the file
    and the cure; with `problems`, which takes what cannot be used, where nothing else is left.
    """
    if form not in (DICOM_SR, DICOM_SEG) and (form or not _is_dicom(path)):
        found = read_boxes(path, form=form, problems=problems)
        if problems and not found and not found.blank:
            raise BoxFileError(f"{problems[0]} (no entry of {path} can be used)")
        return found
    if form == DICOM_SEG or (not form and _is_segmentation(path)):
        return _segments(path)
    from cxr_desktop.dicom.structured_report import read_structured_report

    try:
        report = read_structured_report(path)
    except DicomReadError as error:
        raise BoxFileError(str(error)) from error
    if not report.boxes:
        told = " ".join(report.notes)
        raise BoxFileError(f"{path} outlines no region that is a box. {told}".strip())
    return BoxTable(report.by_people or report.boxes)


def _is_segmentation(path: Path) -> bool:
    from cxr_desktop.dicom.segmentation import is_segmentation

    return is_segmentation(path)


def _segments(path: Path) -> BoxTable:
    from cxr_desktop.dicom.segmentation import read_segmentation

    try:
        masks = read_segmentation(path)
    except DicomReadError as error:
        raise BoxFileError(str(error)) from error
    drawn = [one for one in masks if one.by_people] or masks
    boxes: dict[str, list[Box]] = {}
    for one in drawn:
        boxes.setdefault(one.image, []).extend(boxes_of_mask(one.mask, one.label))
    if not any(boxes.values()):
        raise BoxFileError(f"{path}: no segment covers a pixel of an image; choose another file")
    return BoxTable(boxes)


def _is_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            stream.seek(_DICOM_AT)
            return stream.read(len(_DICOM)) == _DICOM
    except OSError:  # told with its cure by the reading itself
        return False
