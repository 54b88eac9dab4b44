"""Numbers as they are read aloud. No Qt."""

from __future__ import annotations

import math

from cxr_desktop.domain import Window


def figure(value: float, digits: int) -> str:
    """So many significant digits at least, and never a power of ten for a large number."""
    return f"{value:.0f}" if 10**digits <= abs(value) < math.inf else f"{value:.{digits}g}"


def with_decimals(value: float, largest: float) -> str:
    """One decimal, or three significant digits of values that reach no further than `largest`."""
    decimals = 1 if not 0 < largest < 10 else min(2 - math.floor(math.log10(largest)), 9)
    return f"{value:.{decimals}f}"


def window_words(window: Window, gap: str = "  ") -> str:
    """Centre and width, as workstations write them."""
    return f"C {figure(window.centre, 5)}{gap}W {figure(window.width, 5)}"
