"""The training material: radiographs, readings and lesion masks, decoded once and kept in memory."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cxr_desktop.classifiers.card import InputSpec
from cxr_desktop.classifiers.preprocessing import preprocess_display

OPACITY_BOXES = {"Lung Opacity", "Pneumonia", "Infiltrate", "Infiltration", "Consolidation"}
OPAQUE_LABELS = {"Infiltration", "Consolidation", "Edema", "Effusion", "Atelectasis", "Mass", "Pneumonia"}
OPACITY, NORMAL, NEITHER, UNREAD = "Lung Opacity", "Normal", "No Lung Opacity / Not Normal", ""


@dataclass(frozen=True)
class Cases:
    """Radiographs in the order of the index.

    planes: (n, 1, h, w) normalised gray. masks: (n, 1, h, w), 1 inside an opacity box.
    boxed, weak: (n,) bool; weak marks a text-mined opacity that no radiologist read.
    """

    names: list[str]
    patients: list[str]
    views: list[str]
    reading: list[str]
    planes: Tensor
    masks: Tensor
    boxed: Tensor
    weak: Tensor

    def where(self, *readings: str, view: str | None = None) -> list[int]:
        return [
            i for i, r in enumerate(self.reading) if r in readings and (view is None or self.views[i] == view)
        ]


def load_cases(root: Path, part: str, spec: InputSpec) -> Cases:
    """`part` is 'train' or 'dev' of the folder described in the README."""
    with (root / f"{part}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (root / f"{part}_boxes.csv").open(newline="") as file:
        boxes = [box for box in csv.DictReader(file) if box["label"] in OPACITY_BOXES]
    planes = torch.zeros(len(rows), 1, spec.height, spec.width)
    masks = torch.zeros_like(planes)
    boxed = torch.zeros(len(rows), dtype=torch.bool)
    for i, row in enumerate(rows):
        with Image.open(root / part / row["image"]) as image:
            gray = np.asarray(image.convert("L"))
        planes[i] = preprocess_display(gray, spec)[0, :1] * spec.std[0] + spec.mean[0]
        scale = spec.width / gray.shape[1]
        for box in (b for b in boxes if b["image"] == row["image"]):
            x, y, w, h = (float(box[key]) * scale for key in ("x", "y", "width", "height"))
            masks[i, 0, round(y) : round(y + h), round(x) : round(x + w)] = 1.0
            boxed[i] = True
    labels = [set(row["nih_labels"].split("|")) for row in rows]
    weak = [
        not row["rsna_class"] and bool(found & (OPAQUE_LABELS - {"Pneumonia"}))
        for row, found in zip(rows, labels, strict=True)
    ]
    return Cases(
        [row["image"] for row in rows],
        [row["patient"] for row in rows],
        [row["view"] for row in rows],
        [row["rsna_class"] for row in rows],
        planes,
        masks,
        boxed,
        torch.tensor(weak),
    )
