"""train-rle.csv and stage_2_train.csv of the SIIM-ACR pneumothorax challenge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.localization.box_file import csv_lines
from cxr_desktop.localization.formats.document import Annotated, Problems, faults, image_name
from cxr_desktop.localization.formats.masks import boxes_of_mask, siim_mask

LABEL = "Pneumothorax"
SIDE = 1024
"""Rows and columns of every image of the challenge; its lists do not tell."""

_IMAGE, _RUNS = "imageid", "encodedpixels"
_NOTHING = "-1"


def is_siim(path: Path) -> bool:
    """Whether a file has the columns, in whatever order."""
    return {_IMAGE, _RUNS} <= set(_head(csv_lines(path)))


def siim_boxes(path: Path, problems: Problems = None) -> Annotated:
    """The frame of each connected piece of each line's mask; -1 says that nothing was found."""
    found: list[tuple[str, Any]] = []
    lines = csv_lines(path)
    head = _head(lines)
    if not {_IMAGE, _RUNS} <= set(head):
        raise BoxFileError(f"{path} lacks the columns ImageId and EncodedPixels; its first line is {head}")
    for line, cells in lines:
        with faults(path, f"line {line}", problems):
            named = dict(zip(head, cells, strict=False))
            image, text = image_name(named[_IMAGE]), named[_RUNS]
            if not image:
                raise ValueError("ImageId is empty")
            boxes = () if text == _NOTHING else boxes_of_mask(siim_mask(text, SIDE, SIDE), LABEL)
            found.extend([(image, box) for box in boxes] or [(image, None)])
    return found


def _head(lines: Iterator[tuple[int, list[str]]]) -> list[str]:
    _, head = next(lines, (1, []))
    return [cell.casefold() for cell in head]
