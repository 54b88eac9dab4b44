"""The boxes of a case by who drew them, for the formats of annotation tools."""

from __future__ import annotations

from dataclasses import replace

from cxr_desktop.domain import Analysis, Box


def boxes_by_source(analysis: Analysis) -> dict[str, tuple[Box, ...]]:
    """References and readers by name, then each method by its id; a method without boxes stays, empty.

    A box of a method carries the label that the map explains.
    """
    gathered: dict[str, list[Box]] = {}
    for box in analysis.references:
        gathered.setdefault(box.source or "reference", []).append(box)
    for reading in analysis.readings:
        gathered.setdefault(reading.reader or "reader", []).extend(reading.boxes)
    for localized in analysis.localized:
        labelled = [replace(box, label=box.label or localized.target) for box in localized.boxes]
        gathered.setdefault(localized.method, []).extend(labelled)
    return {source: tuple(boxes) for source, boxes in gathered.items()}


def class_names(analysis: Analysis) -> tuple[str, ...]:
    """The model's labels in their order, so that numbers agree between cases; then other labels by name."""
    known = tuple(analysis.prediction.scores)
    drawn = {box.label for boxes in boxes_by_source(analysis).values() for box in boxes}
    return known + tuple(sorted(drawn - set(known)))
