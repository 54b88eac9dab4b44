"""Numbers as the reports print them."""

from __future__ import annotations

from math import isnan

from cxr_desktop.cohort.plan import Interval


def interval_told(interval: Interval, digits: int = 2) -> str:
    """'0.43 (0.28 to 0.56)', a dash for nothing measured."""
    if isnan(interval.value):
        return "–"
    return f"{interval.value:.{digits}f} ({interval.low:.{digits}f} to {interval.high:.{digits}f})"
