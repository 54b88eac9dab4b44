"""Whether a network was right, and whether it looked where readers saw the finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path


class Outcome(StrEnum):
    """A prediction at its operating point against the truth."""

    TRUE_POSITIVE = "true positive"
    FALSE_NEGATIVE = "false negative"
    FALSE_POSITIVE = "false positive"
    TRUE_NEGATIVE = "true negative"
    UNKNOWN = "truth unknown"

    @property
    def right(self) -> bool:
        return self in (Outcome.TRUE_POSITIVE, Outcome.TRUE_NEGATIVE)


class Look(StrEnum):
    """Where the map lies. NO_PLACE: readers drew no box, so there is no place to have looked at."""

    THERE = "looked there"
    ELSEWHERE = "looked elsewhere"
    NO_PLACE = "no box to look at"


class Quadrant(StrEnum):
    """The four of an image that shows the finding in a box."""

    RIGHT_THERE = "right, looked there"
    RIGHT_ELSEWHERE = "right, looked elsewhere"
    WRONG_THERE = "wrong, looked there"
    WRONG_ELSEWHERE = "wrong, looked elsewhere"


@dataclass(frozen=True, slots=True)
class LookRule:
    """What counts as having looked there: the box with the highest IoU reaches `iou`.

    pointing: instead, the map's maximum lies in one of the boxes.
    """

    iou: float = 0.25
    pointing: bool = False

    def __str__(self) -> str:
        if self.pointing:
            return "the map's maximum lies in a reader's box"
        return f"the best IoU with a reader's box is at least {self.iou:g}"


@dataclass(frozen=True, slots=True)
class ReasonCase:
    """One image, one method, one label of the model.

    truth: None where neither a box nor the index tells. iou: the highest with any reader's box for the
    label, None without one. hit: the pointing game, likewise. point: the operating point. shares: of the
    positive relevance by region, empty without a map. areas: of the image by region. lungs: whether the
    regions were told apart. groups: the other columns of the index.
    """

    image: str
    method: str
    target: str
    truth: bool | None
    score: float
    point: float
    iou: float | None = None
    hit: bool | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    areas: Mapping[str, float] = field(default_factory=dict)
    lungs: bool = False
    groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def predicted(self) -> bool:
        return self.score >= self.point

    @property
    def outcome(self) -> Outcome:
        match self.truth, self.predicted:
            case None, _:
                return Outcome.UNKNOWN
            case True, True:
                return Outcome.TRUE_POSITIVE
            case True, False:
                return Outcome.FALSE_NEGATIVE
            case _, True:
                return Outcome.FALSE_POSITIVE
            case _:
                return Outcome.TRUE_NEGATIVE

    def look(self, rule: LookRule) -> Look:
        if self.iou is None:
            return Look.NO_PLACE
        there = bool(self.hit) if rule.pointing else self.iou >= rule.iou
        return Look.THERE if there else Look.ELSEWHERE

    def quadrant(self, rule: LookRule) -> Quadrant | None:
        """None without a box, or where the truth is not that the finding is there."""
        look = self.look(rule)
        if look is Look.NO_PLACE or not self.truth:
            return None
        if self.outcome.right:
            return Quadrant.RIGHT_THERE if look is Look.THERE else Quadrant.RIGHT_ELSEWHERE
        return Quadrant.WRONG_THERE if look is Look.THERE else Quadrant.WRONG_ELSEWHERE


KINDS = (*(str(quadrant) for quadrant in Quadrant), "false positive, no box", "true negative, no box")
"""What a scatter tells apart: the four, then images without a box."""


def kind_of(case: ReasonCase, rule: LookRule) -> int | None:
    """Place in KINDS; None for an image that says nothing: truth unknown, or shown without a box."""
    quadrant = case.quadrant(rule)
    if quadrant is not None:
        return list(Quadrant).index(quadrant)
    return {Outcome.FALSE_POSITIVE: 4, Outcome.TRUE_NEGATIVE: 5}.get(case.outcome)


@dataclass(frozen=True, slots=True)
class MethodFigures:
    """A method over the boxes of a label, or of 'all'. iou, pointing: mean with its 95 % interval."""

    method: str
    label: str
    boxes: int
    iou: tuple[float, float, float]
    pointing: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class ProtocolResults:
    """The same maps, cut by one rule. upper_bound: the boxes to be found took part in the choice.

    overlaps: by image, method and label of the model the highest IoU with a reader's box, and whether the
    map's maximum lies in one; without those that the rule could not cut.
    """

    name: str
    upper_bound: bool
    figures: tuple[MethodFigures, ...]
    overlaps: Mapping[tuple[str, str, str], tuple[float, bool]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"{self.name} (upper bound)" if self.upper_bound else self.name

    def judged(self, cases: Iterable[ReasonCase]) -> tuple[ReasonCase, ...]:
        """The cases as this rule has them; those with a box that it could not cut are left out."""
        found = ((case, self.overlaps.get((case.image, case.method, case.target))) for case in cases)
        return tuple(
            case if overlap is None else replace(case, iou=overlap[0], hit=overlap[1])
            for case, overlap in found
            if overlap is not None or case.iou is None
        )


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """A channel that carries more of the relevance where the network looked elsewhere.

    elsewhere, there: its mean share of the layer's relevance. difference: with its 95 % interval.
    """

    target: str
    layer: str
    channel: int
    elsewhere: float
    there: float
    difference: tuple[float, float, float]
    images_elsewhere: int
    images_there: int


@dataclass(frozen=True, slots=True)
class StudyResults:
    """A folder of results, read back. files: where the images lie, by their names in the index.

    boxes: the file of the readers' boxes. protocols: of thresholds, the first is the one of figures and cases.
    units: those that carry the wrong reason.
    """

    folder: Path
    model: str
    figures: tuple[MethodFigures, ...]
    cases: tuple[ReasonCase, ...]
    rule: LookRule
    files: Mapping[str, Path]
    boxes: Path
    protocols: tuple[ProtocolResults, ...] = ()
    units: tuple[UnitFigures, ...] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(case.method for case in self.cases))

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(case.target for case in self.cases))
