"""Which pixels a network's score depends on, by many methods, on any network, from any thread.

`methods()` knows what is installed without loading torch; `attribute` and `explain` load it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cxr_desktop.attribution.method_info import Family, MethodInfo, Option
from cxr_desktop.attribution.registry import methods
from cxr_desktop.domain.errors import AttributionError, UnsupportedOperation

if TYPE_CHECKING:
    from cxr_desktop.attribution.engine import Attribution, attribute, explain
    from cxr_desktop.attribution.unit_relevance import Units, unit_layers, units

__all__ = [
    "Attribution",
    "AttributionError",
    "Family",
    "MethodInfo",
    "Option",
    "Units",
    "UnsupportedOperation",
    "attribute",
    "explain",
    "methods",
    "unit_layers",
    "units",
]

_LAZY = {
    "engine": ("Attribution", "attribute", "explain"),
    "unit_relevance": ("Units", "unit_layers", "units"),
}


def __getattr__(name: str) -> Any:
    for module, names in _LAZY.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
