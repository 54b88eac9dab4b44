"""By which rule the threshold of each map is chosen: the ways of cutting that one evaluation compares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cxr_desktop.domain import Threshold, ThresholdKind


class Kind(StrEnum):
    """Who chooses a threshold."""

    OWN = "own"
    FIXED = "fixed"
    TUNED = "tuned"
    BEST = "best"


_RULES = {
    Kind.OWN: "what the model's package states for each method, the program's default where it states none, or the one "
    "threshold given in their place",
    Kind.FIXED: "one threshold for all maps",
    Kind.TUNED: "per method and label of the model the percentile with the highest mean IoU on other patients",
    Kind.BEST: "per box the threshold with the highest IoU, chosen by somebody who knows the box: an upper bound that "
    "no use can reach",
}


@dataclass(frozen=True, slots=True)
class Protocol:
    """threshold: the one for all maps where that is the rule, else None."""

    kind: Kind
    threshold: Threshold | None = None

    @property
    def name(self) -> str:
        """As it is written on the command line and in tables."""
        return str(self.threshold) if self.threshold else str(self.kind)

    @property
    def upper_bound(self) -> bool:
        """Whether the boxes to be found took part in the choice, so that the figures are no performance."""
        return self.kind is Kind.BEST

    @property
    def title(self) -> str:
        """The name as a heading has it; an upper bound says so."""
        return f"{self.name} (upper bound)" if self.upper_bound else self.name

    @property
    def rule(self) -> str:
        if self.threshold is not None and self.threshold.kind is ThresholdKind.OTSU:
            return "per map the cut between its two classes of pixels with the most variance between them (Otsu 1979)"
        return _RULES[self.kind]

    @classmethod
    def fixed(cls, threshold: Threshold) -> Protocol:
        return cls(Kind.FIXED, threshold)

    @classmethod
    def parse(cls, text: str) -> Protocol:
        """Raises ValueError for anything but own, tuned, best and the forms of `Threshold.parse`."""
        word = text.strip()
        if word in (Kind.OWN, Kind.TUNED, Kind.BEST):
            return cls(Kind(word))
        try:
            return cls.fixed(Threshold.parse(word))
        except ValueError as error:
            raise ValueError(
                f"threshold protocol {word!r} is none of own, tuned, best, otsu, percentile:P, relative:R, absolute:V"
            ) from error


DEFAULT_PROTOCOLS = tuple(Protocol.parse(name) for name in ("own", "tuned", "otsu", "best"))


def parse_protocols(text: str) -> tuple[Protocol, ...]:
    """Protocols separated by commas, each once; tables and pictures follow the first.

    Raises ValueError for an unknown one, for none at all, and for an upper bound in the first place.
    """
    found = tuple(dict.fromkeys(Protocol.parse(part) for part in text.split(",") if part.strip()))
    if not found:
        raise ValueError("--thresholds names no protocol; write for instance own,tuned,otsu,best")
    if found[0].upper_bound:
        raise ValueError(
            f"{found[0].name!r} is an upper bound, chosen by somebody who knows the boxes; name another protocol first"
        )
    return found
