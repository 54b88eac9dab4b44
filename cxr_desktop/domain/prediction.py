"""What a model says of a radiograph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Names a trained network beyond doubt."""

    name: str
    version: str
    weights_sha256: str
    title: str = ""

    @property
    def caption(self) -> str:
        return f"{self.title or self.name} {self.version} ({self.weights_sha256[:12]})"


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold on a probability, valid for the weights it was measured with alone."""

    label: str
    name: str
    threshold: float
    sensitivity: float | None = None
    specificity: float | None = None
    measured_on: str = ""


class Severity(StrEnum):
    """How much an input concern weighs."""

    REFUSE = "refuse"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class InputConcern:
    """A reason why a score of this image should not be believed."""

    code: str
    sentence: str
    severity: Severity = Severity.WARN


@dataclass(frozen=True, slots=True)
class Prediction:
    """Calibrated probabilities per label, in the model's order, with what judges them.

    preprocessing: how the image became the network's input and its output a probability, in plain values.
    """

    model: ModelIdentity
    scores: Mapping[str, float]
    logits: Mapping[str, float] = field(default_factory=dict)
    operating_points: tuple[OperatingPoint, ...] = ()
    concerns: tuple[InputConcern, ...] = ()
    device: str = "cpu"
    preprocessing: Mapping[str, object] = field(default_factory=dict)

    @property
    def top(self) -> str:
        """The label with the highest probability."""
        return max(self.scores, key=lambda label: self.scores[label])

    @property
    def refused(self) -> bool:
        return any(concern.severity is Severity.REFUSE for concern in self.concerns)

    def points(self, label: str) -> tuple[OperatingPoint, ...]:
        return tuple(point for point in self.operating_points if point.label == label)
