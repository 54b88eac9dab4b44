"""What is known of a method without running it; imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """How a method comes by its map."""

    GRADIENT = "gradient"
    CAM = "class activation mapping"
    PROPAGATION = "propagation"
    PERTURBATION = "perturbation"
    ATTENTION = "attention"
    PLUGIN = "plug-in"


@dataclass(frozen=True, slots=True)
class Option:
    """A keyword of a method. choices: all allowed values, empty where `minimum`..`maximum` bounds a number."""

    name: str
    default: object
    doc: str
    choices: tuple[object, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def problem(self, value: object) -> str | None:
        """What is wrong with a value, None where nothing is."""
        if self.choices and value not in self.choices:
            return f"{self.name} is {value!r}; choose one of {', '.join(map(repr, self.choices))}"
        if self.minimum is None and self.maximum is None:
            return None
        if value is None and self.default is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"{self.name} is {value!r}; a number is needed"
        if isinstance(self.default, int) and not isinstance(value, int):
            return f"{self.name} is {value!r}; a whole number is needed"
        low = self.minimum if self.minimum is not None else float("-inf")
        high = self.maximum if self.maximum is not None else float("inf")
        if not low <= value <= high:
            return f"{self.name} is {value!r}; it must lie between {low:g} and {high:g}"
        return None


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """A method's name, where it comes from and what it takes.

    needs: what the network must offer: 'gradient', 'feature map', 'rules' (a rule for every
    operation) or 'forward'. signed: whether the map speaks against the target as well. sums_to: what
    the map adds up to, empty where nothing is promised. cost: in multiples of forward and backward.
    """

    name: str
    title: str
    family: Family
    source: str
    formula: str
    needs: str
    signed: bool
    sums_to: str = ""
    cost: str = "1"
    options: tuple[Option, ...] = ()
    classes: int = 1
