"""The tables of an evaluation as CSV: the same bytes for the same measurements."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from math import isnan
from pathlib import Path

from cxr_desktop.cohort.cuts import Edges
from cxr_desktop.cohort.plan import Failure, Interval, ScoreRow, SummaryRow
from cxr_desktop.cohort.records import ImageRecord
from cxr_desktop.cohort.significance import PairedRow
from cxr_desktop.cohort.summary import LIMITS
from cxr_desktop.domain.whole_file import written_whole

PER_IMAGE = (
    *("image", "method", "target", "label", "source", "x", "y", "width", "height"),
    *("predicted_x", "predicted_y", "predicted_width", "predicted_height", "predicted_score"),
    *("iou", "iobb", "hit", "best_iou", "threshold", "cut", "score", "image_sha256"),
    *("dice", "energy_inside", "auprc"),
)
SUMMARY = (
    *("method", "label", "n", "mean_iou"),
    *(f"acc@{limit:g}" for limit in LIMITS),
    *("pointing_hit", "mean_iou_low", "mean_iou_high", "pointing_hit_low", "pointing_hit_high"),
    *("mean_iobb", "best_iou", "images", "threshold", "mean_dice", "energy_inside", "auprc"),
)
PAIRED = (
    *("label", "measure", "method", "against", "n", "images"),
    *("difference", "difference_low", "difference_high", "p_wilcoxon", "p_holm"),
)
PROBLEMS = ("file", "reason")
SCORES = ("label", "truth", "against", "group", "positives", "negatives", "auc", "auc_low", "auc_high")


def write_csv(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Raises ExportError naming the path and what to do."""
    with written_whole(path) as staged, staged.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(head)
        writer.writerows([_cell(value) for value in row] for row in rows)
    return path


def per_image_rows(records: Iterable[ImageRecord]) -> Iterator[tuple[object, ...]]:
    """A row per image, method and reference box. score: the image's probability of the method's target."""
    for record in records:
        for found in record.methods:
            for c in found.comparisons:
                yield (
                    *(record.image, found.method, found.target, c.label, c.source),
                    *c.reference,
                    *_predicted(c.predicted),
                    *(c.score, c.iou, c.iobb, c.hit, c.best_iou, found.threshold, found.cut),
                    *(record.scores.get(found.target), record.sha256),
                    *(2 * c.iou / (1 + c.iou), found.energy, found.auprc),
                )


def summary_rows(rows: Sequence[SummaryRow]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        yield (
            *(row.method, row.label, row.n, row.mean_iou.value),
            *(row.accuracy[limit] for limit in LIMITS),
            *(row.pointing_hit.value, *_bounds(row.mean_iou), *_bounds(row.pointing_hit)),
            *(row.mean_iobb, row.best_iou, row.images, row.threshold),
            *(row.mean_dice, row.energy, row.auprc),
        )


def paired_table_rows(rows: Sequence[PairedRow]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        yield (
            *(row.label, row.measure, row.method, row.against, row.n, row.images),
            *(row.difference.value, *_bounds(row.difference), row.p, row.p_holm),
        )


def score_table_rows(rows: Sequence[ScoreRow]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        yield (
            *(row.label, row.truth, row.against, row.group, row.positives, row.negatives),
            *(row.auc.value, *_bounds(row.auc)),
        )


def prediction_rows(records: Sequence[ImageRecord], labels: Sequence[str]) -> Iterator[tuple[object, ...]]:
    """A row per image: the calibrated probability of each label."""
    for record in records:
        yield (record.image, record.sha256, *(record.scores[label] for label in labels))


def problem_rows(failures: Sequence[Failure], notes: Sequence[str]) -> Iterator[tuple[object, ...]]:
    """A row per image, method or line that failed, then what of the boxes was not compared, which names no file."""
    yield from ((failure.path.name, failure.reason) for failure in failures)
    yield from (("", note) for note in notes)


def _predicted(edges: Edges | None) -> tuple[float | None, ...]:
    return (None,) * 4 if edges is None else edges


def _bounds(interval: Interval) -> tuple[float, float]:
    return interval.low, interval.high


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(int(value))
        case float():
            return "" if isnan(value) else f"{value:.6g}"
        case _:
            return str(value)
