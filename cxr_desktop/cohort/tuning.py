"""Thresholds tuned per method and label, never on the patient whose image they cut."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.cohort.groups import PATIENT
from cxr_desktop.cohort.index import IndexRow
from cxr_desktop.cohort.plan import LOCATION_PRIOR
from cxr_desktop.cohort.records import ImageRecord
from cxr_desktop.domain.errors import IndexFileError
from cxr_desktop.localization import SWEEP

FOLDS = 5
SPLIT = "split"
_TUNING = ("tune", "tuning", "dev", "val", "valid", "validation", "train", "training", "train_val")
_CANDIDATES = tuple(str(threshold) for threshold in SWEEP)


@dataclass(frozen=True, slots=True)
class TunedValue:
    """The threshold of a method and label for a part of the images.

    part: which images it cuts. iou: its mean on the boxes it was chosen on. scored: boxes that it cuts.
    """

    method: str
    target: str
    part: str
    threshold: str
    iou: float
    patients: int
    boxes: int
    scored: int


@dataclass(frozen=True, slots=True)
class Tuning:
    """values: of every method, label and part. chosen: threshold by image, method and label. rule: sentences."""

    values: tuple[TunedValue, ...]
    chosen: Mapping[tuple[str, str, str], str]
    rule: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Map:
    """A map with boxes, and of whom. overlaps: (boxes, candidates) IoU."""

    image: str
    patient: str
    overlaps: NDArray[np.float64]


def tuned(rows: Sequence[IndexRow], records: Sequence[ImageRecord], tune_on: Sequence[str] = ()) -> Tuning:
    """Per method and label of the model, the threshold of the sweep with the highest mean IoU over the boxes.

    tune_on: a column of the index and its values that mark the images to tune on; the others are scored, and their
    patients take no part in the tuning. Without it the column `split`, where it has both a known name of a tuning
    part (tune, dev, val, train …) and another value; else the patients are dealt into `FOLDS` parts, and each is
    scored with what was chosen on the others. Of equal thresholds the lowest percentile. rows, records: of the same
    images. Raises IndexFileError where tune_on names a column or values that the index lacks.
    """
    patients = {record.image: _patient(row, record) for row, record in zip(rows, records, strict=True)}
    marked = tuning_images(rows, tune_on)
    maps: dict[tuple[str, str], list[_Map]] = {}
    for record in records:
        for found in record.methods:
            if found.comparisons and found.method != LOCATION_PRIOR:
                own = _Map(record.image, patients[record.image], found.overlaps(_CANDIDATES).T)
                maps.setdefault((found.method, found.target), []).append(own)
    values: list[TunedValue] = []
    chosen: dict[tuple[str, str, str], str] = {}
    for (method, target), mine in maps.items():
        for part, train, test in _split(mine, marked) if marked else _folds(mine):
            threshold, reached, boxes = _best(train)
            for one in test:
                chosen[one.image, method, target] = threshold
            scored = sum(len(one.overlaps) for one in test)
            who = len({one.patient for one in train})
            values.append(TunedValue(method, target, part, threshold, reached, who, boxes, scored))
    return Tuning(tuple(values), chosen, tuple(_rule(rows, patients, marked, tune_on)))


def _best(train: Sequence[_Map]) -> tuple[str, float, int]:
    """The threshold, its mean IoU, and on how many boxes."""
    overlaps = np.concatenate([one.overlaps for one in train])
    mean = overlaps.mean(axis=0)
    place = int(mean.argmax())
    return _CANDIDATES[place], float(mean[place]), len(overlaps)


def _folds(maps: Sequence[_Map]) -> Iterator[tuple[str, list[_Map], list[_Map]]]:
    """Patients dealt in the order of a digest of their names, so that neither it nor the index's order tells."""
    names = sorted({one.patient for one in maps}, key=lambda name: hashlib.sha256(name.encode()).digest())
    count = min(FOLDS, len(names))
    if count < 2:
        return
    fold = {name: place % count for place, name in enumerate(names)}
    for number in range(count):
        test = [one for one in maps if fold[one.patient] == number]
        train = [one for one in maps if fold[one.patient] != number]
        yield f"fold {number + 1} of {count}", train, test


def _split(maps: Sequence[_Map], marked: frozenset[str]) -> Iterator[tuple[str, list[_Map], list[_Map]]]:
    test = [one for one in maps if one.image not in marked]
    scored = {one.patient for one in test}
    train = [one for one in maps if one.image in marked and one.patient not in scored]
    if train and test:
        yield "the images not tuned on", train, test


def tuning_images(rows: Sequence[IndexRow], tune_on: Sequence[str]) -> frozenset[str]:
    """The images to tune on; empty where the patients are dealt into parts instead.

    Raises IndexFileError where tune_on names a column or values that the index lacks.
    """
    if tune_on:
        column, *wanted = tune_on
        own = _of_column(rows, column)
        unknown = [value for value in wanted if value.casefold() not in own.values()]
        if not own or unknown:
            missing = (
                f"the value {unknown[0]!r} in its column {column!r}" if own else f"the column {column!r}"
            )
            raise IndexFileError(
                f"the index lacks {missing} that --tune-on names; correct the one or the other"
            )
        names = {value.casefold() for value in wanted}
    else:
        own = _of_column(rows, SPLIT)
        names = set(_TUNING)
    found = frozenset(image for image, value in own.items() if value in names)
    return found if len(found) < len(rows) else frozenset()


def _of_column(rows: Sequence[IndexRow], column: str) -> dict[str, str]:
    """Values by image, in lower case; empty for a column that is not there."""
    return {
        row.name: value.casefold()
        for row in rows
        for name, value in row.columns.items()
        if name.casefold() == column.casefold()
    }


def _patient(row: IndexRow, record: ImageRecord) -> str:
    """The index's, else the file's, else the image stands for itself."""
    named = (value for name, value in row.columns.items() if name.casefold() in PATIENT and value)
    return next(named, "") or record.header.get("patient", "") or record.image


def _rule(
    rows: Sequence[IndexRow], patients: Mapping[str, str], marked: frozenset[str], tune_on: Sequence[str]
) -> Iterator[str]:
    column = tune_on[0] if tune_on else SPLIT
    yield (
        f"Tuned thresholds are the percentile of {len(SWEEP)} ({_CANDIDATES[0]} to {_CANDIDATES[-1]}) with the "
        "highest mean IoU, for each method and label of the model."
    )
    if marked:
        mixed = {patients[image] for image in marked} & {
            patients[row.name] for row in rows if row.name not in marked
        }
        yield (
            f"They were chosen on the {len(marked)} images that the index's column {column!r} marks, and only the "
            f"{len(rows) - len(marked)} others are scored with them, so that the figures speak of fewer boxes."
        )
        if mixed:
            yield f"Patients with images in both parts, whose took no part in the tuning: {len(mixed)}."
        return
    if any(name.casefold() == SPLIT for row in rows[:1] for name in row.columns):
        yield f"The index's column {SPLIT!r} leaves no images to tune on, or none to score; the patients were dealt."
    yield (
        f"The patients with boxes of a label were dealt into {FOLDS} parts, fewer where there are fewer patients; "
        "each part is scored with what was chosen on the others: no image is cut at a threshold that it, or another "
        "image of its patient, took part in choosing. Where one patient alone has boxes, nothing is tuned "
        "and nothing scored."
    )
    if all(patient == image for image, patient in patients.items()):
        yield "Neither the index nor the files name patients; each image counted as a patient of its own."
