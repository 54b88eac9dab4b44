"""What is to be said of a map besides its picture. No Qt."""

from __future__ import annotations

from cxr_desktop.domain import AttributionMap

NOTEWORTHY_GAP = 0.001


def gap_sentence(found: AttributionMap) -> str:
    """How far the map's sum is from what the method promises, and what it had to fall back on."""
    parts = list(found.notes)
    if found.gap is not None:
        parts.insert(
            0, f"Completeness gap {abs(found.gap):.1%}." if abs(found.gap) >= NOTEWORTHY_GAP else "Complete."
        )
    return " ".join(part if part.endswith(".") else part + "." for part in parts)
