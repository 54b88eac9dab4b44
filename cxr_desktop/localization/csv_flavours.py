"""Heads of the public box lists, and the columns that they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Flavour:
    """names: a head's cell, in lower case -> our column. required: our columns that must be there.

    label: of every box, where the list has no column for it. corners: x_max and y_max stand in
    the place of width and height.
    """

    required: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    corners: bool = False


_ALSO = {"filename": "image", "file_name": "image", "class": "label"}
_LEFT_TOP = {"x1": "x", "xmin": "x", "x_min": "x", "y1": "y", "ymin": "y", "y_min": "y"}
_RIGHT_BOTTOM = {"x2": "x_max", "xmax": "x_max", "y2": "y_max", "ymax": "y_max"}

OWN = Flavour(("image", "label", "x", "y", "width", "height"), {**_ALSO, "w": "width", "h": "height"})

CORNERS = Flavour(
    ("image", "label", "x", "y", "x_max", "y_max"), {**_ALSO, **_LEFT_TOP, **_RIGHT_BOTTOM}, corners=True
)

# BBox_List_2017.csv, where the brackets of 'Bbox [x,y,w,h]' fall into four cells.
NIH = Flavour(
    OWN.required,
    {"image index": "image", "finding label": "label", "bbox [x": "x", "w": "width", "h]": "height"},
)

# stage_2_train_labels.csv of the RSNA pneumonia challenge; Target 0 says 'read, no opacity'.
RSNA = Flavour(("image", "x", "y", "width", "height", "target"), {"patientid": "image"}, "Lung Opacity")

# annotations_train.csv of VinDr-CXR and train.csv of VinBigData; 'No finding' has no edges.
VINDR = Flavour(
    ("image", "label", "x", "y", "x_max", "y_max"),
    {"image_id": "image", "class_name": "label", "rad_id": "reader", "x_min": "x", "y_min": "y"},
    corners=True,
)

_TOLD_BY = {"image index": NIH, "patientid": RSNA, "class_name": VINDR}

FLAVOURS = {"csv": OWN, "nih": NIH, "rsna": RSNA, "vindr": VINDR}
"""By the name that a user gives."""

LEFT = frozenset({"x", "x1", "xmin", "x_min", "bbox [x", "encodedpixels"})
"""Columns, in lower case, that lists of boxes alone have."""

EDGES = LEFT | {"y", "y1", "ymin", "y_min", "w", "h", "h]", *CORNERS.required[4:], *_RIGHT_BOTTOM}
"""Those that say where a box lies. 'width' and 'height' may be the image's own."""


def flavour_of(head: Sequence[str], asked: Flavour | None = None) -> Flavour:
    """Whose list begins so; corners are told by themselves, also where our own flavour is asked for."""
    cells = {cell.casefold() for cell in head}
    own = CORNERS if cells & {*CORNERS.required[4:], *_RIGHT_BOTTOM} else OWN
    if asked is not None:
        return own if asked is OWN else asked
    return next((flavour for cell, flavour in _TOLD_BY.items() if cell in cells), own)
