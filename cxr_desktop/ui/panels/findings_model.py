"""Scores in words and against operating points. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cxr_desktop.domain import OperatingPoint, Prediction, Severity
from cxr_desktop.ui.translation import later, tr


class Confidence(StrEnum):
    """The three steps in which a score is told, and what is said where no threshold was measured."""

    LOW = later("low")
    INTERMEDIATE = later("intermediate")
    HIGH = later("high")
    UNRATED = later("not rated")


@dataclass(frozen=True, slots=True)
class Finding:
    """A label's score. points: operating points of these weights, lowest first."""

    label: str
    score: float
    points: tuple[OperatingPoint, ...]
    confidence: Confidence

    @property
    def explanation(self) -> str:
        """How the confidence word came about."""
        if not self.points:
            return tr("No operating point was measured for these weights, so the score is not rated.")
        told = [
            f"{point.name} {point.threshold:.2f}"
            + (
                tr(", sensitivity {sensitivity:.2f}").format(sensitivity=point.sensitivity)
                if point.sensitivity is not None
                else ""
            )
            + (
                tr(", specificity {specificity:.2f}").format(specificity=point.specificity)
                if point.specificity is not None
                else ""
            )
            for point in self.points
        ]
        return tr("Operating points: ") + "; ".join(told)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the findings panel shows. refusals, warnings: sentences of the input check.

    rows: empty where the scores are withheld, most probable first.
    """

    model: str = ""
    device: str = ""
    rows: tuple[Finding, ...] = ()
    refusals: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    withheld: bool = False


def findings_of(prediction: Prediction | None, revealed: bool) -> Findings:
    """revealed: whether scores may be shown; a refusal withholds them until the reader insists."""
    if prediction is None:
        return Findings()
    rows = [_finding(prediction, label) for label in prediction.scores]
    return Findings(
        model=prediction.model.caption,
        device=prediction.device,
        rows=tuple(sorted(rows, key=lambda row: -row.score)) if revealed else (),
        refusals=tuple(c.sentence for c in prediction.concerns if c.severity is Severity.REFUSE),
        warnings=tuple(c.sentence for c in prediction.concerns if c.severity is Severity.WARN),
        withheld=not revealed,
    )


def confidence(score: float, points: tuple[OperatingPoint, ...]) -> Confidence:
    """Low below the lowest operating point, high from the highest on, intermediate between.

    A single point splits what lies above it in halves.
    """
    if not points:
        return Confidence.UNRATED
    thresholds = sorted(point.threshold for point in points)
    upper = thresholds[-1] if len(thresholds) > 1 else (thresholds[0] + 1) / 2
    if score < thresholds[0]:
        return Confidence.LOW
    return Confidence.HIGH if score >= upper else Confidence.INTERMEDIATE


def _finding(prediction: Prediction, label: str) -> Finding:
    points = tuple(sorted(prediction.points(label), key=lambda point: point.threshold))
    score = prediction.scores[label]
    return Finding(label, score, points, confidence(score, points))
