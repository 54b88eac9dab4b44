"""What is to be said of a map besides its picture. No Qt."""

from __future__ import annotations

from cxr_desktop.domain import AttributionMap
from cxr_desktop.domain.units import units_named
from cxr_desktop.ui.translation import tr

NOTEWORTHY_GAP = 0.001


def through_words(found: AttributionMap) -> str:
    """'through unit 3 of layer4' where a map is what flows through some units alone; empty for a whole one."""
    match found.parameters.get("through"):
        case (str() as layer, tuple() | list() as channels):
            return tr("through {units_named} of {layer}").format(
                units_named=units_named(channels), layer=layer
            )
    return ""


def gap_sentence(found: AttributionMap) -> str:
    """How far the map's sum is from what the method promises, and what it had to fall back on."""
    parts = list(found.notes)
    if found.gap is not None:
        parts.insert(
            0,
            tr("Completeness gap {gap:.1%}.").format(gap=abs(found.gap))
            if abs(found.gap) >= NOTEWORTHY_GAP
            else tr("Complete."),
        )
    return " ".join(part if part.endswith(".") else part + "." for part in parts)
