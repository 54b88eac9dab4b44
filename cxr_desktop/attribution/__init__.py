"""Which pixels a network's score depends on, by many methods, on any network, from any thread.

`methods()` knows what is installed without loading torch; `attribute` and `explain` load it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxr_desktop.attribution.method_info import Family, MethodInfo, Option
from cxr_desktop.attribution.registry import methods
from cxr_desktop.domain.errors import AttributionError, UnsupportedOperation

if TYPE_CHECKING:
    from cxr_desktop.attribution.engine import Attribution, attribute, explain

__all__ = [
    "Attribution",
    "AttributionError",
    "Family",
    "MethodInfo",
    "Option",
    "UnsupportedOperation",
    "attribute",
    "explain",
    "methods",
]


def __getattr__(name: str) -> Any:
    if name in ("Attribution", "attribute", "explain"):
        from cxr_desktop.attribution import engine

        return getattr(engine, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
