"""How a map is cut into boxes, and how a box compares with a reader's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from cxr_desktop.domain.box import Box


class ThresholdKind(StrEnum):
    """What the value of a threshold counts."""

    PERCENTILE = "percentile"
    RELATIVE = "relative"
    ABSOLUTE = "absolute"
    OTSU = "otsu"


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where a map is cut: a percentile 0..100 of the pixels, a share 0..1 of the maximum, or a relevance.

    Written as text 'percentile:95', 'relative:0.5', 'absolute:0.01' or 'otsu'.
    """

    kind: ThresholdKind = ThresholdKind.PERCENTILE
    value: float = 95.0

    def __post_init__(self) -> None:
        if self.kind is ThresholdKind.PERCENTILE and not 0 <= self.value <= 100:
            raise ValueError(f"percentile {self.value:g} is not between 0 and 100")
        if self.kind is ThresholdKind.RELATIVE and not 0 <= self.value <= 1:
            raise ValueError(f"relative threshold {self.value:g} is not between 0 and 1")
        if not isfinite(self.value):
            raise ValueError(f"threshold {self.value:g} is no relevance that a map can have")

    def __str__(self) -> str:
        return self.kind.value if self.kind is ThresholdKind.OTSU else f"{self.kind.value}:{self.value:g}"

    @classmethod
    def parse(cls, text: str) -> Threshold:
        """Raises ValueError for anything but the four forms above."""
        kind, _, value = text.strip().partition(":")
        if kind == ThresholdKind.OTSU and not value:
            return cls(ThresholdKind.OTSU, 0.0)
        try:
            return cls(ThresholdKind(kind), float(value))
        except ValueError as error:
            raise ValueError(
                f"threshold {text!r} is none of percentile:P, relative:R, absolute:V, otsu ({error})"
            ) from error


@dataclass(frozen=True, slots=True)
class LocalizedMap:
    """A method's boxes at its threshold. cut: the relevance at which the map was cut."""

    method: str
    target: str
    threshold: Threshold
    cut: float
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Localization:
    """One reference box against a method's map.

    predicted: the method's box with the highest IoU, None where it has none. iou: intersection
    over union. iobb: intersection over the predicted box. hit: the map's maximum lies in the
    reference box (pointing game).
    """

    method: str
    label: str
    source: str
    reference: Box
    predicted: Box | None
    iou: float
    iobb: float
    hit: bool
