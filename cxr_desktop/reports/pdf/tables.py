"""Numbers of the case: the comparison with people's boxes, and all boxes."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Spacer

from cxr_desktop.domain import Analysis, Box
from cxr_desktop.reports.pdf.theme import BODY, HIGHLIGHT, LABEL, Heading, listing, text
from cxr_desktop.reports.wording import (
    best_per_reference,
    box_millimetres,
    box_pixels,
    calibration,
    method_title,
    number,
)

BOXES_SHOWN = 12


def comparison(analysis: Analysis) -> list[Flowable]:
    """Each method against each reference box, the best for a box highlighted."""
    made: list[Flowable] = [CondPageBreak(60 * mm), Heading("Comparison with reference boxes")]
    if not analysis.localizations:
        made += [text("There is no reference box to compare with.", BODY), Spacer(0, 5 * mm)]
        return made
    rows = [
        (
            method_title(found.method),
            found.label,
            found.source or "–",
            box_pixels(found.reference),
            number(found.iou, 3),
            number(found.iobb, 3),
            "inside" if found.hit else "outside",
        )
        for found in analysis.localizations
    ]
    head = ("Method", "Label", "Source", "Reference box", "IoU", "IoBB", "Peak")
    table = listing(head, rows, (36, 30, 19, 47, 13, 14, 17))
    best = best_per_reference(analysis)
    table.setStyle([("BACKGROUND", (0, place + 1), (-1, place + 1), HIGHLIGHT) for place in best])
    explanation = (
        "Shaded: the highest IoU for that reference box. IoU: intersection over union of the reference and the "
        "network's best box. IoBB: intersection over the network's box. Peak: whether the map's maximum lies in "
        "the reference box. One image is no measure of a method."
    )
    made += [Spacer(0, 2 * mm), table, Spacer(0, 1.5 * mm), text(explanation, LABEL), Spacer(0, 5 * mm)]
    return made


def boxes(analysis: Analysis) -> list[Flowable]:
    """All boxes in pixels and, where the image is calibrated, millimetres."""
    spacing = analysis.radiograph.spacing
    rows = [
        (by, *_described(box, by), box_millimetres(box, spacing) or "–") for by, box in _gathered(analysis)
    ]
    made: list[Flowable] = [CondPageBreak(50 * mm), Heading("Boxes")]
    if not rows:
        return [*made, text("No box was drawn and none lies above a threshold.", BODY), Spacer(0, 5 * mm)]
    ordered = [(by, label, pixels, size, score) for by, label, pixels, score, size in rows]
    head = ("Drawn by", "Label", "Pixels of the stored image", "Width × height", "Score")
    made += [Spacer(0, 2 * mm), listing(head, ordered, (44, 36, 54, 30, 14)), Spacer(0, 1.5 * mm)]
    return [*made, text(_footnote(analysis), LABEL), Spacer(0, 5 * mm)]


def _gathered(analysis: Analysis) -> list[tuple[str, Box]]:
    people = [(f"Reference {box.source}".strip(), box) for box in analysis.references]
    people += [(f"Reader {reading.reader}", box) for reading in analysis.readings for box in reading.boxes]
    network = [
        (f"Network, {method_title(localized.method)}", box)
        for localized in analysis.localized
        for box in localized.boxes[:BOXES_SHOWN]
    ]
    return people + network


def _described(box: Box, by: str) -> tuple[str, str, str]:
    return box.label or "–", box_pixels(box), number(box.score)


def _footnote(analysis: Analysis) -> str:
    left_out = sum(max(0, len(one.boxes) - BOXES_SHOWN) for one in analysis.localized)
    dropped = (
        f" The first {BOXES_SHOWN} boxes of each method are listed, {left_out} more are in the JSON."
        if left_out
        else ""
    )
    return calibration(analysis.radiograph.spacing) + dropped
