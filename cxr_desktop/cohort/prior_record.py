"""The location prior as one more method: for each image fitted on the boxes of all the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cxr_desktop.cohort.plan import LOCATION_PRIOR, RANDOM
from cxr_desktop.cohort.records import Comparison, ImageRecord, MethodRecord, edges
from cxr_desktop.domain import Box
from cxr_desktop.localization import BoxedImage, LocationPrior, best_of, iobb, leave_one_out


def with_location_prior(records: Sequence[ImageRecord]) -> tuple[ImageRecord, ...]:
    """The records with the prior's among their methods.

    A prior is fitted per label and reader group (`source`), for readers frame differently. One
    that has boxes on a single image has nothing to be fitted on, and no row.
    """
    found: dict[str, list[MethodRecord]] = {record.image: [] for record in records}
    for group in _groups(records):
        concerned = [(record, boxes) for record in records if (boxes := _references(record, group))]
        if len(concerned) < 2:
            continue
        images = [BoxedImage(record.rows, record.columns, boxes) for record, boxes in concerned]
        for (record, boxes), prior in zip(concerned, leave_one_out(images), strict=True):
            found[record.image].append(_predicted(record, boxes, prior))
    return tuple(replace(record, methods=(*record.methods, *found[record.image])) for record in records)


def without_prior(records: Sequence[ImageRecord]) -> tuple[tuple[str, str], ...]:
    """Label and reader group of the boxes that lie on a single image."""
    return tuple(
        group for group in _groups(records) if sum(bool(_references(record, group)) for record in records) < 2
    )


def _groups(records: Sequence[ImageRecord]) -> list[tuple[str, str]]:
    return sorted({(c.label, c.source) for record in records for c in _reference_comparisons(record)})


def _reference_comparisons(record: ImageRecord) -> Iterator[Comparison]:
    """Each reference once: every image with boxes has the random map's comparisons."""
    return (c for method in record.methods if method.method == RANDOM for c in method.comparisons)


def _references(record: ImageRecord, group: tuple[str, str]) -> tuple[Box, ...]:
    return tuple(
        Box(*c.reference, label=c.label, source=c.source)
        for c in _reference_comparisons(record)
        if (c.label, c.source) == group
    )


def _predicted(record: ImageRecord, references: tuple[Box, ...], prior: LocationPrior) -> MethodRecord:
    boxes = prior.boxes(record.rows, record.columns)
    point = prior.point(record.rows, record.columns)
    comparisons = []
    for reference in references:
        predicted, overlap = best_of(boxes, reference)
        comparisons.append(
            Comparison(
                label=reference.label,
                source=reference.source,
                reference=edges(reference),
                predicted=None if predicted is None else edges(predicted),
                score=None if predicted is None else predicted.score,
                iou=overlap,
                iobb=0.0 if predicted is None else iobb(predicted, reference),
                hit=reference.contains(*point),
            )
        )
    threshold = f"coverage:{prior.level:.3g}"
    return MethodRecord(LOCATION_PRIOR, references[0].label, threshold, prior.level, tuple(comparisons))
