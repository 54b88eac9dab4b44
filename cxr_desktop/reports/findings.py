"""What people found, and what they found before and after they saw the network, as plain text cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

from cxr_desktop.domain import Analysis, Box, Laterality, Reading, StudyFinding
from cxr_desktop.domain.label_set import Code, finding_codes
from cxr_desktop.domain.labels import LabelMap
from cxr_desktop.domain.reading import Commitment, Judgement, ReadingState
from cxr_desktop.reports.people import people_boxes
from cxr_desktop.reports.tabulated import Tabulated
from cxr_desktop.reports.wording import box_millimetres, box_pixels, calibration, method_title, moment, number

BOXES_SHOWN = 4
_SIDES = {
    Laterality.UNSTATED: "",
    Laterality.RIGHT: "right",
    Laterality.LEFT: "left",
    Laterality.BOTH: "both sides",
}


def finding_table(analysis: Analysis) -> Tabulated:
    """Each box of a reader or reference: its code, size, what the network says of the finding, IoU per method."""
    spacing = analysis.radiograph.spacing
    return Tabulated(
        "Findings of readers and references",
        ("Finding", "Code", "Drawn by", "Box", "Width × height", "Network's score", "IoU per method"),
        tuple(
            (
                one.box.label or "–",
                _code_words(one.box.label),
                f"{one.name}, {'reader' if one.by_reader else 'reference'}",
                box_pixels(one.box),
                box_millimetres(one.box, spacing) or "–",
                score_words(analysis, one.box.label),
                _overlaps(analysis, one.box),
            )
            for one in people_boxes(analysis)
        ),
        note=f"{calibration(spacing)} Pixels are those of the stored image.",
        absent="No reader and no reference has drawn a box on this image.",
    )


def reading_table(analysis: Analysis) -> Tabulated:
    """Each reader's first reading as it was locked, and what became of it after the reveal."""
    rows = tuple(row for reading in analysis.readings for row in _rows(reading))
    return Tabulated(
        "Readings before and after the reveal",
        ("Reader", "Reading", "Committed", "Boxes", "Network's boxes", "Reason for the change"),
        rows,
        note="Before the reveal, neither the network nor other readers were to be seen. A first reading stays "
        "as it was committed.",
        absent="No reading was kept with this image.",
    )


def score_words(analysis: Analysis, label: str) -> str:
    """The network's score for a person's label against its operating points: '0.731 ≥ balanced 0.48'."""
    prediction = analysis.prediction
    name = next((one for one in prediction.scores if label and _labels().matches(label, one)), None)
    if name is None:
        return "no score for it"
    score = prediction.scores[name]
    points = sorted(prediction.points(name), key=lambda point: point.threshold)
    said = number(score, 3) if name.casefold() == label.casefold() else f"{name} {number(score, 3)}"
    if prediction.refused:
        return f"{said}, refused input"
    if not points:
        return f"{said}, no operating point"
    passed = [point for point in points if score >= point.threshold]
    nearest, sign = (passed[-1], "≥") if passed else (points[0], "<")
    return f"{said} {sign} {nearest.name} {nearest.threshold:.2f}"


def _rows(reading: Reading) -> Iterator[tuple[str, ...]]:
    for place, kept in enumerate(reading.commitments):
        yield (
            _who(reading.reader, kept.role),
            _stage(place, kept, reading),
            moment(kept.time) or "–",
            _found_words(kept.boxes, kept.study_findings),
            _judged(kept.judgements),
            kept.reason or "–",
        )
    if not reading.locked:
        stage = "being amended" if reading.state is ReadingState.AMENDING else "draft, not committed"
        found = _found_words(reading.boxes, reading.study_findings)
        judged = _judged(reading.judgements)
        yield reading.reader or "Reader", stage, "–", found, judged, reading.reason or "–"


def _who(reader: str, role: str) -> str:
    name = reader or "Reader"
    return f"{name} ({role})" if role else name


def _stage(place: int, kept: Commitment, reading: Reading) -> str:
    if reading.settlements:
        return "adjudicated, amended" if place else "adjudicated"
    if place == 0:
        return "first, before the reveal" if kept.blinded else "first, network in view"
    return "amended, after the reveal" if reading.commitments[0].blinded else "amended"


def _found_words(boxes: tuple[Box, ...], stated: tuple[StudyFinding, ...]) -> str:
    shown = [f"{box.label or 'unnamed'} {box_pixels(box)}" for box in boxes[:BOXES_SHOWN]]
    if len(boxes) > BOXES_SHOWN:
        shown.append(f"and {len(boxes) - BOXES_SHOWN} more")
    shown += [f"whole study: {_stated_words(one)}" for one in stated]
    return "; ".join(shown) or "no box"


def _stated_words(finding: StudyFinding) -> str:
    sure = finding.certainty.name.lower() if finding.certainty else ""
    told = ", ".join(part for part in (_SIDES[finding.laterality], sure, finding.comment) if part)
    return f"{finding.label} ({told})" if told else finding.label


def _judged(judgements: tuple[Judgement, ...]) -> str:
    counted = Counter(one.verdict.value for one in judgements)
    return ", ".join(f"{count} {verdict}" for verdict, count in sorted(counted.items())) or "–"


def _overlaps(analysis: Analysis, box: Box) -> str:
    ious = (
        f"{method_title(one.method)} {number(one.iou)}"
        for one in analysis.localizations
        if one.reference == box
    )
    return "; ".join(ious) or "–"


def _code_words(label: str) -> str:
    codes: tuple[Code, ...] = _codes().get(_labels().canonical(label), ()) if label else ()
    return f"{codes[0].scheme} {codes[0].value}" if codes else "–"


@cache
def _labels() -> LabelMap:
    return LabelMap.load()


@cache
def _codes() -> dict[str, tuple[Code, ...]]:
    return finding_codes()
