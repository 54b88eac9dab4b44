"""How well the scores part images with a finding from those without, overall and within groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.cohort.index import IndexRow
from cxr_desktop.cohort.intervals import auc_interval
from cxr_desktop.cohort.plan import ALL, ScoreRow
from cxr_desktop.cohort.records import ImageRecord
from cxr_desktop.domain.labels import LabelMap

RSNA_CLASS = "rsna_class"
_RSNA_POSITIVE = "Lung Opacity"
_RSNA_NORMAL = "Normal"
_MOST_GROUPS = 8
_NO_GROUPS = frozenset({RSNA_CLASS, "patient", "patient_id", "size"})


@dataclass(frozen=True, slots=True)
class _Truth:
    """positive, counted: (images,) which show the finding, and which are compared at all."""

    label: str
    name: str
    against: str
    positive: NDArray[np.bool_]
    counted: NDArray[np.bool_]


def score_rows(
    rows: Sequence[IndexRow], records: Sequence[ImageRecord], labels: Sequence[str], label_map: LabelMap
) -> tuple[ScoreRow, ...]:
    """A row per truth in the index and group of images.

    Truths: `rsna_class`, for the model's label that 'Lung Opacity' speaks of, against 'Normal'
    and against all others; and every column of 0 and 1 named as a label of the model. Images
    where the truth is empty do not count. Groups: the values of every other column that has two
    to eight of them. records: of the same images as rows.
    """
    found = []
    for truth in (*_rsna(rows, labels, label_map), *_columns(rows, labels, label_map)):
        scores = np.array([record.scores[truth.label] for record in records], dtype=np.float64)
        for group, inside in ((ALL, np.ones(len(rows), dtype=bool)), *_groups(rows, labels, label_map)):
            chosen = inside & truth.counted
            positive = truth.positive[chosen]
            if group != ALL and not positive.size:
                continue
            found.append(
                ScoreRow(
                    label=truth.label,
                    truth=truth.name,
                    against=truth.against,
                    group=group,
                    positives=int(positive.sum()),
                    negatives=int(positive.size - positive.sum()),
                    auc=auc_interval(scores[chosen], positive),
                )
            )
    return tuple(found)


def _rsna(rows: Sequence[IndexRow], labels: Sequence[str], label_map: LabelMap) -> Iterator[_Truth]:
    label = next((label for label in labels if label_map.matches(_RSNA_POSITIVE, label)), None)
    values = np.array([row.columns.get(RSNA_CLASS, "") for row in rows], dtype=object)
    if label is None or not any(values):
        return
    positive = values == _RSNA_POSITIVE
    yield _Truth(label, RSNA_CLASS, _RSNA_NORMAL, positive, positive | (values == _RSNA_NORMAL))
    yield _Truth(label, RSNA_CLASS, "all others", positive, values != "")


def _columns(rows: Sequence[IndexRow], labels: Sequence[str], label_map: LabelMap) -> Iterator[_Truth]:
    for name in _truth_columns(rows, labels, label_map):
        label = next(label for label in labels if label_map.canonical(label) == label_map.canonical(name))
        values = np.array([row.columns[name] for row in rows], dtype=object)
        yield _Truth(label, name, "0", values == "1", values != "")


def _truth_columns(rows: Sequence[IndexRow], labels: Sequence[str], label_map: LabelMap) -> tuple[str, ...]:
    wanted = {label_map.canonical(label) for label in labels}
    names = tuple(name for name in _columns_of(rows) if label_map.canonical(name) in wanted)
    return tuple(name for name in names if {row.columns[name] for row in rows} <= {"0", "1", ""})


def _groups(
    rows: Sequence[IndexRow], labels: Sequence[str], label_map: LabelMap
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """'column=value' and the images of it."""
    truths = _truth_columns(rows, labels, label_map)
    for name in _columns_of(rows):
        values = sorted({row.columns[name] for row in rows} - {""})
        if name not in truths and name.casefold() not in _NO_GROUPS and 2 <= len(values) <= _MOST_GROUPS:
            for value in values:
                yield f"{name}={value}", np.array([row.columns[name] == value for row in rows])


def _columns_of(rows: Sequence[IndexRow]) -> Mapping[str, str]:
    return rows[0].columns if rows else {}
