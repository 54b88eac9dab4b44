"""One thing looked at when a report is verified."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """same and noted let a report pass; differs and missing do not."""

    SAME = "same"
    NOTED = "noted"
    MISSING = "missing"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Check:
    """subject: what was looked at. detail: what was found, in words."""

    subject: str
    verdict: Verdict
    detail: str = ""

    @property
    def passed(self) -> bool:
        return self.verdict in (Verdict.SAME, Verdict.NOTED)


def compared(subject: str, same: bool, detail: str = "") -> Check:
    """Same or differs."""
    return Check(subject, Verdict.SAME if same else Verdict.DIFFERS, detail)
