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
    from cxr_desktop.attribution.activations import Activations
    from cxr_desktop.attribution.engine import Attribution, attribute, explain
    from cxr_desktop.attribution.faithfulness import Curves, deletion_insertion
    from cxr_desktop.attribution.sanity import RandomisedLayer, randomisation_test
    from cxr_desktop.attribution.similarity import overlap, rank_correlation, structural_similarity
    from cxr_desktop.attribution.unit_relevance import (
        LayerRelevance,
        NetworkRelevance,
        Units,
        network_relevance,
        unit_activations,
        unit_layers,
        units,
    )

__all__ = [
    "Activations",
    "Attribution",
    "AttributionError",
    "Curves",
    "Family",
    "LayerRelevance",
    "MethodInfo",
    "NetworkRelevance",
    "Option",
    "RandomisedLayer",
    "Units",
    "UnsupportedOperation",
    "attribute",
    "deletion_insertion",
    "explain",
    "methods",
    "network_relevance",
    "overlap",
    "randomisation_test",
    "rank_correlation",
    "structural_similarity",
    "unit_activations",
    "unit_layers",
    "units",
]

_LAZY = {
    "activations": ("Activations",),
    "engine": ("Attribution", "attribute", "explain"),
    "unit_relevance": (
        "LayerRelevance",
        "NetworkRelevance",
        "Units",
        "network_relevance",
        "unit_activations",
        "unit_layers",
        "units",
    ),
    "sanity": ("RandomisedLayer", "randomisation_test"),
    "faithfulness": ("Curves", "deletion_insertion"),
    "similarity": ("overlap", "rank_correlation", "structural_similarity"),
}


def __getattr__(name: str) -> Any:
    for module, names in _LAZY.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
