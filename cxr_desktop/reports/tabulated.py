"""The tables of a report as plain text cells, the same for every readable format."""

from __future__ import annotations

from dataclasses import dataclass

from cxr_desktop.domain import Analysis, Box, OperatingPoint
from cxr_desktop.reports.people import reference_name
from cxr_desktop.reports.wording import (
    best_per_reference,
    box_millimetres,
    box_pixels,
    calibration,
    method_formula,
    method_name,
    method_source,
    method_title,
    number,
    parameters_text,
    small_share,
)

BOXES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Tabulated:
    """A titled table. marked: the rows to highlight. note: a line below. absent: said instead of no rows."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: frozenset[int] = frozenset()
    note: str = ""
    absent: str = ""


def comparison_table(analysis: Analysis) -> Tabulated:
    """Each method against each reference box."""
    return Tabulated(
        "Comparison with reference boxes",
        ("Method", "Label", "Reference", "Box", "IoU", "IoBB", "Peak"),
        tuple(
            (
                method_title(found.method),
                found.label,
                reference_name(analysis, found),
                box_pixels(found.reference),
                number(found.iou, 3),
                number(found.iobb, 3),
                "inside" if found.hit else "outside",
            )
            for found in analysis.localizations
        ),
        best_per_reference(analysis),
        "Shaded: the highest IoU for that reference box. IoU: intersection over union of the reference and "
        "the network's best box. IoBB: intersection over the network's box. Peak: whether the map's maximum "
        "lies in the reference box. One image is no measure of a method.",
        "There is no reference box to compare with.",
    )


def box_table(analysis: Analysis) -> Tabulated:
    """The network's boxes in pixels and, where the image is calibrated, millimetres; of each method the first ones."""
    spacing = analysis.radiograph.spacing
    left_out = sum(max(0, len(one.boxes) - BOXES_SHOWN) for one in analysis.localized)
    note = f"{calibration(spacing)} Score of a box: its share of the relevance in all pieces that were cut."
    if left_out:
        note += f" Of each method {BOXES_SHOWN} boxes are listed; {left_out} more are in the JSON export."
    return Tabulated(
        "Boxes of the network",
        ("Cut from", "Label", "Pixels of the stored image", "Width × height", "Score"),
        tuple(
            (by, box.label or "–", box_pixels(box), box_millimetres(box, spacing) or "–", number(box.score))
            for by, box in _gathered(analysis)
        ),
        note=note,
        absent="No part of a map lies above its threshold.",
    )


def method_table(analysis: Analysis) -> Tabulated:
    """How each map was computed."""
    return Tabulated(
        "Methods and parameters",
        ("Method", "Source", "Formula", "Parameters", "Sum due", "Gap"),
        tuple(
            (
                method_name(found.method),
                method_source(found.method) or "–",
                method_formula(found.method) or "–",
                parameters_text(found),
                number(found.start, 4),
                small_share(found.gap),
            )
            for found in analysis.maps
        ),
        note="Sum due: what relevance must add up to in the network's input. Gap: how far it is off.",
        absent="No map was computed.",
    )


def operating_point_table(analysis: Analysis) -> Tabulated:
    """The thresholds that judge the scores."""
    return Tabulated(
        "Operating points, bound to these weights",
        ("Label", "Operating point", "Threshold", "Sensitivity", "Specificity", "Measured on"),
        tuple((point.label, point.name, *_measured(point)) for point in analysis.prediction.operating_points),
        absent="No operating point was measured for these weights: read scores with care.",
    )


def score_table(analysis: Analysis, labels: tuple[str, ...], title: str) -> Tabulated:
    """Probabilities of some labels, the highest first."""
    scores = analysis.prediction.scores
    ranked = sorted(labels, key=lambda label: -scores[label])
    rows = tuple((label, number(scores[label], 3)) for label in ranked)
    return Tabulated(title, ("Label", "Probability"), rows, absent="The network gave no scores.")


def _gathered(analysis: Analysis) -> list[tuple[str, Box]]:
    return [
        (f"AI {place}, {method_title(localized.method)}", box)
        for localized in analysis.localized
        for place, box in enumerate(localized.boxes[:BOXES_SHOWN], start=1)
    ]


def _measured(point: OperatingPoint) -> tuple[str, str, str, str]:
    return (
        number(point.threshold, 3),
        number(point.sensitivity),
        number(point.specificity),
        point.measured_on or "–",
    )
