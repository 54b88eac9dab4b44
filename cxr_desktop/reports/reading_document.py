"""A reading as the JSON report holds it: what stood before the network was revealed, and what came after."""

from __future__ import annotations

from cxr_desktop.domain import Box, Judgement, Reading, Settlement, StudyFinding
from cxr_desktop.reports.said import said_of

Json = dict[str, object]


def reading_document(reading: Reading) -> Json:
    """The reader and the boxes as they stand; where there was more to the reading, its state and history too.

    commitments: each with the boxes that were locked by it, the first reading first. verdicts: on the
    network's boxes.
    """
    document: Json = {"reader": reading.reader, "boxes": [box_document(box) for box in reading.boxes]}
    if reading.study_findings:
        document["study_findings"] = [_stated(one) for one in reading.study_findings]
    if reading.judgements:
        document["verdicts"] = [_verdict(one) for one in reading.judgements]
    if reading.commitments:
        document["state"] = reading.state.value
        document["commitments"] = [
            {
                "time": one.time,
                "role": one.role,
                "blinded": one.blinded,
                "reason": one.reason,
                "boxes": [box_document(box) for box in one.boxes],
                "verdicts": [_verdict(judged) for judged in one.judgements],
                "study_findings": [_stated(finding) for finding in one.study_findings],
            }
            for one in reading.commitments
        ]
    if reading.settlements:
        document["settlements"] = [_settlement(one) for one in reading.settlements]
    return document


def box_document(box: Box) -> Json:
    """A labelled box in pixels of the stored image."""
    return {
        "x": box.x,
        "y": box.y,
        "width": box.width,
        "height": box.height,
        "score": box.score,
        "label": box.label,
        "source": box.source,
        **said_of(box),
    }


def _stated(finding: StudyFinding) -> Json:
    return {
        "label": finding.label,
        "certainty": finding.certainty.name.lower(),
        "laterality": finding.laterality.value,
        "comment": finding.comment,
    }


def _settlement(settled: Settlement) -> Json:
    return {
        "between": list(settled.between),
        "decision": settled.decision.value,
        "first": box_document(settled.first) if settled.first else None,
        "second": box_document(settled.second) if settled.second else None,
    }


def _verdict(judged: Judgement) -> Json:
    return {
        "verdict": judged.verdict.value,
        "method": judged.method,
        "box": box_document(judged.suggested),
    }
