"""How far readers agree over a set of images, and what they agree on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

from cxr_desktop.cohort.reader_study import ReaderStudy
from cxr_desktop.localization.agreement import (
    Detection,
    Estimate,
    Froc,
    FusedBox,
    Metric,
    cohen_kappa,
    detection,
    fleiss_kappa,
    froc,
    krippendorff_alpha,
    matched_iou,
    weighted_box_fusion,
)

ALL = "all"
"""Stands for boxes of any label."""
LIMITS = (0.1, 0.3, 0.5, 0.7)
"""IoU from which two boxes are one finding, beside the limit asked for."""


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two readers on the images that both read. both, only_a, only_b, neither: images with a box of the label.

    found: at the limit asked for, a's boxes against b's. f1: at each of LIMITS.
    """

    label: str
    a: str
    b: str
    both: int
    only_a: int
    only_b: int
    neither: int
    boxes_a: int
    boxes_b: int
    kappa: Estimate
    iou: Estimate
    found: Detection
    f1: Mapping[float, Estimate]

    @property
    def images(self) -> int:
        return self.both + self.only_a + self.only_b + self.neither


@dataclass(frozen=True, slots=True)
class GroupAgreement:
    """All readers together. images: read by all, which Fleiss' kappa needs; pairable: by two or more.

    alpha: nominal, on whether a box is there. alpha_count: interval, on how many.
    """

    label: str
    images: int
    pairable: int
    fleiss: Estimate
    alpha: Estimate
    alpha_count: Estimate


@dataclass(frozen=True, slots=True)
class FrocRow:
    """A reader with scores against one taken for the truth."""

    label: str
    found: str
    reference: str
    curve: Froc


@dataclass(frozen=True, slots=True)
class Agreement:
    """consensus: image -> fused boxes. limit: the IoU that two boxes of one finding share."""

    study: ReaderStudy
    limit: float
    pairs: tuple[PairAgreement, ...]
    groups: tuple[GroupAgreement, ...]
    frocs: tuple[FrocRow, ...]
    consensus: Mapping[str, tuple[FusedBox, ...]]
    notes: tuple[str, ...]


def measure_agreement(study: ReaderStudy, limit: float = 0.5) -> Agreement:
    """Each pair and all together, over every label and per label; consensus where two or more read.

    Raises ValueError for a limit outside (0, 1].
    """
    labels: tuple[str | None, ...] = (None, *study.labels)
    couples = [pair for pair in combinations(study.readers, 2) if study.read_by(pair)]
    return Agreement(
        study,
        limit,
        tuple(_pair(study, label, a, b, limit) for label in labels for a, b in couples),
        tuple(_group(study, label) for label in labels),
        tuple(_frocs(study, labels, couples, limit)),
        {image: fuse(study, image, limit) for image in sorted(study.boxes) if len(study.boxes[image]) > 1},
        tuple(_notes(study, couples)),
    )


def fuse(study: ReaderStudy, image: str, limit: float) -> tuple[FusedBox, ...]:
    """Weighted box fusion of everybody who read the image."""
    return weighted_box_fusion(list(study.boxes[image].values()), limit)


def _pair(study: ReaderStudy, label: str | None, a: str, b: str, limit: float) -> PairAgreement:
    images = study.read_by((a, b))
    first = [study.of(image, a, label) for image in images]
    second = [study.of(image, b, label) for image in images]
    seen = [(bool(x), bool(y)) for x, y in zip(first, second, strict=True)]
    return PairAgreement(
        label=label or ALL,
        a=a,
        b=b,
        both=seen.count((True, True)),
        only_a=seen.count((True, False)),
        only_b=seen.count((False, True)),
        neither=seen.count((False, False)),
        boxes_a=sum(map(len, first)),
        boxes_b=sum(map(len, second)),
        kappa=cohen_kappa([x for x, _ in seen], [y for _, y in seen]),
        iou=matched_iou(first, second),
        found=detection(first, second, limit),
        f1={at: detection(first, second, at).f1 for at in LIMITS},
    )


def _group(study: ReaderStudy, label: str | None) -> GroupAgreement:
    images = sorted(study.boxes)
    counts = np.full((len(study.readers), len(images)), np.nan)
    for column, image in enumerate(images):
        for row, reader in enumerate(study.readers):
            if reader in study.boxes[image]:
                counts[row, column] = len(study.of(image, reader, label))
    read = ~np.isnan(counts)
    present = np.where(read, (counts > 0).astype(np.float64), np.nan)
    complete = present[:, read.all(axis=0)]
    yes = complete.sum(axis=0)
    return GroupAgreement(
        label=label or ALL,
        images=complete.shape[1],
        pairable=int((read.sum(axis=0) >= 2).sum()),
        fleiss=fleiss_kappa(np.column_stack([yes, len(study.readers) - yes]))
        if yes.size
        else Estimate(np.nan),
        alpha=krippendorff_alpha(present),
        alpha_count=krippendorff_alpha(counts, Metric.INTERVAL),
    )


def _frocs(
    study: ReaderStudy, labels: Sequence[str | None], couples: Sequence[tuple[str, str]], limit: float
) -> list[FrocRow]:
    """Of every reader whose boxes all carry a score."""
    rows = []
    for label in labels:
        for couple in couples:
            images = study.read_by(couple)
            for one, other in permutations(couple):
                found = [study.of(image, one, label) for image in images]
                scores = [box.score for boxes in found for box in boxes]
                if scores and None not in scores:
                    reference = [study.of(image, other, label) for image in images]
                    rows.append(FrocRow(label or ALL, one, other, froc(found, reference, limit)))
    return rows


def _notes(study: ReaderStudy, couples: Sequence[tuple[str, str]]) -> list[str]:
    notes = [f"Boxes labelled {own} count as {shared}." for own, shared in study.folded.items()]
    for a, b in combinations(study.readers, 2):
        if (a, b) not in couples:
            notes.append(f"{a} and {b} read no image in common and are not compared.")
    alone = sum(len(by) < 2 for by in study.boxes.values())
    if alone:
        notes.append(f"{alone} images were read by one reader alone and are not compared.")
    return notes
