"""train-rle.csv and stage_2_train.csv of the SIIM-ACR pneumothorax challenge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cxr_desktop.localization.box_file import csv_lines
from cxr_desktop.localization.formats.document import Annotated, Problems, faults
from cxr_desktop.localization.formats.masks import boxes_of_mask, siim_mask

LABEL = "Pneumothorax"
SIDE = 1024
"""Rows and columns of every image of the challenge; its lists do not tell."""

_HEAD = ["imageid", "encodedpixels"]
_NOTHING = "-1"


def is_siim(path: Path) -> bool:
    _, head = next(csv_lines(path), (1, []))
    return [cell.casefold() for cell in head] == _HEAD


def siim_boxes(path: Path, problems: Problems = None) -> Annotated:
    """The frame of each connected piece of each line's mask; -1 says that nothing was found."""
    found: list[tuple[str, Any]] = []
    lines = csv_lines(path)
    next(lines, None)
    for line, cells in lines:
        with faults(path, f"line {line}", problems):
            image, text = cells
            boxes = () if text == _NOTHING else boxes_of_mask(siim_mask(text, SIDE, SIDE), LABEL)
            found.extend([(image, box) for box in boxes] or [(image, None)])
    return found
