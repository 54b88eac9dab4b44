"""A threshold as a place on a slider, 0..1. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from cxr_desktop.domain import Threshold, ThresholdKind

LOWEST_PERCENTILE = 50.0


@dataclass(frozen=True, slots=True)
class ThresholdScale:
    """Percentiles run from 50 to 100, shares and relevances from 0 to the largest of the map."""

    threshold: Threshold
    largest: float

    @property
    def position(self) -> float:
        value = self.threshold.value
        if self.threshold.kind is ThresholdKind.PERCENTILE:
            return max(0.0, (value - LOWEST_PERCENTILE) / (100 - LOWEST_PERCENTILE))
        if self.threshold.kind is ThresholdKind.ABSOLUTE:
            return min(max(value / self.largest, 0.0), 1.0)
        return value

    @property
    def text(self) -> str:
        value = self.threshold.value
        return {
            ThresholdKind.PERCENTILE: f"{value:.1f}",
            ThresholdKind.RELATIVE: f"{value:.2f}",
            ThresholdKind.ABSOLUTE: f"{value:.2e}",
            ThresholdKind.OTSU: "auto",
        }[self.threshold.kind]

    def at(self, position: float) -> Threshold:
        """The threshold of the same kind at a place."""
        kind = self.threshold.kind
        if kind is ThresholdKind.PERCENTILE:
            return Threshold(kind, round(LOWEST_PERCENTILE + position * (100 - LOWEST_PERCENTILE), 2))
        if kind is ThresholdKind.ABSOLUTE:
            return Threshold(kind, position * self.largest)
        return Threshold(kind, position) if kind is ThresholdKind.RELATIVE else self.threshold

    def of_kind(self, kind: ThresholdKind) -> Threshold:
        """The usual threshold of another kind."""
        usual = {
            ThresholdKind.PERCENTILE: 95.0,
            ThresholdKind.RELATIVE: 0.5,
            ThresholdKind.ABSOLUTE: self.largest / 2,
            ThresholdKind.OTSU: 0.0,
        }
        return Threshold(kind, usual[kind])
