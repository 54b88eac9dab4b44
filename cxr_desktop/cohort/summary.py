"""From what was measured on each image to one row a method and label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from cxr_desktop.cohort.intervals import mean_by_image
from cxr_desktop.cohort.plan import ALL, LOCATION_PRIOR, RANDOM, SummaryRow
from cxr_desktop.cohort.records import Comparison, ImageRecord, MethodRecord

LIMITS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
"""IoU from which a box counts as found, as the published tables have them."""

_SLACK = 1e-9


def summarise(records: Sequence[ImageRecord], methods: Sequence[str]) -> tuple[SummaryRow, ...]:
    """Rows per method in the order given, then the baselines; over all boxes first, then per label.

    A method without any comparison has a row with n = 0 over all boxes.
    """
    labels = sorted({c.label for record in records for method in record.methods for c in method.comparisons})
    order = (*dict.fromkeys(methods), LOCATION_PRIOR, RANDOM)
    wanted = dict.fromkeys((ALL, *labels))
    # All of a label first: they draw the same images, and only the last few draws are kept.
    rows = {(method, label): _row(records, method, label) for label in wanted for method in order}
    told = (rows[method, label] for method in order for label in wanted)
    return tuple(row for row in told if row.n or row.label == ALL)


def _row(records: Sequence[ImageRecord], method: str, label: str) -> SummaryRow:
    chosen = list(_chosen(records, method, label))
    comparisons = [comparison for _, _, comparison in chosen]
    places = np.array([place for place, _, _ in chosen], dtype=np.intp)
    _, images = np.unique(places, return_inverse=True)
    overlaps = np.array([c.iou for c in comparisons], dtype=np.float64)
    bounds = [c.best_iou for c in comparisons if c.best_iou is not None]
    maps = list({id(found): found for _, found, _ in chosen}.values())
    thresholds = {found.threshold for found in maps}
    return SummaryRow(
        method=method,
        label=label,
        n=len(comparisons),
        images=len(set(places.tolist())),
        mean_iou=mean_by_image(overlaps, images),
        accuracy={limit: _mean(overlaps >= limit - _SLACK) for limit in LIMITS},
        pointing_hit=mean_by_image(np.array([c.hit for c in comparisons], dtype=np.float64), images),
        mean_iobb=_mean([c.iobb for c in comparisons]),
        best_iou=_mean(bounds) if bounds else None,
        threshold=thresholds.pop() if len(thresholds) == 1 else ("fitted" if thresholds else ""),
        mean_dice=_mean(2 * overlaps / (1 + overlaps)),
        energy=_mean_told([found.energy for found in maps]),
        auprc=_mean_told([found.auprc for found in maps]),
    )


def _chosen(
    records: Sequence[ImageRecord], method: str, label: str
) -> Iterator[tuple[int, MethodRecord, Comparison]]:
    """Place of the image, the map's record and comparison of every box concerned."""
    for place, record in enumerate(records):
        for found in record.methods:
            if found.method == method:
                for comparison in found.comparisons:
                    if label in (ALL, comparison.label):
                        yield place, found, comparison


def _mean_told(values: Sequence[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return _mean(told) if told else None


def _mean(values: Sequence[float] | np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
