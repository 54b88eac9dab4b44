"""Units in words and numbers, for the terminal and for other programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cxr_desktop.domain import Prediction, Radiograph
from cxr_desktop.domain.units import LayerUnits, NetworkUnits


def about(radiograph: Radiograph, prediction: Prediction, found: NetworkUnits) -> dict[str, Any]:
    """Of which image, model, method and target the numbers are."""
    header = radiograph.header
    return {
        "image": {
            "path": str(header.path),
            "sop_instance_uid": header.sop_instance_uid,
            "sha256": radiograph.sha256,
        },
        "model": {
            "name": found.model.name,
            "version": found.model.version,
            "weights_sha256": found.model.weights_sha256,
        },
        "method": found.method,
        "target": found.target,
        "score": prediction.scores[found.target],
        "logit": prediction.logits.get(found.target),
        "deepest": found.deepest,
        "notes": list(found.notes),
    }


def layer_facts(layer: LayerUnits) -> dict[str, Any]:
    """A layer in numbers. relevance: the channels' sum; supporting: share of the magnitude; half: see `LayerUnits`."""
    return {
        "layer": layer.layer,
        "channels": layer.channels,
        "size": [layer.rows, layer.columns],
        "relevance": float(layer.relevance.sum()),
        "magnitude": layer.magnitude,
        "supporting": layer.supporting,
        "half": layer.half,
    }


def unit_facts(layer: LayerUnits, group: Sequence[int]) -> dict[str, Any]:
    """A unit or concept in numbers."""
    relevance = sum(layer.unit(channel).relevance for channel in group)
    return {"channels": list(group), "relevance": relevance, "share": share(layer, group)}


def layer_lines(found: NetworkUnits) -> Iterator[str]:
    """A table of the layers, a line each."""
    width = max(len(layer.layer) for layer in found.layers)
    yield f"{'layer':{width}}  {'units':>6}  {'plane':>9}  {'supports':>8}  half of the relevance in"
    for layer in found.layers:
        plane = f"{layer.rows} x {layer.columns}"
        yield (
            f"{layer.layer:{width}}  {layer.channels:6}  {plane:>9}  {layer.supporting:8.0%}  {layer.half} units"
        )


def unit_lines(
    found: NetworkUnits, layer: LayerUnits, groups: Sequence[Sequence[int]], score: float
) -> Iterator[str]:
    """A line for the layer, then one for each unit or concept."""
    yield (
        f"{found.target} {score:.3f}, "
        f"{found.method}, {layer.layer} ({layer.channels} units, half of the relevance in {layer.half})"
    )
    for group in groups:
        facts = unit_facts(layer, group)
        named = ", ".join(str(channel) for channel in group)
        yield f"  unit {named:>8}  relevance {facts['relevance']:+.4g}  share {facts['share']:+.2%}"
    for note in found.notes:
        yield f"  {note}"


def share(layer: LayerUnits, group: Sequence[int]) -> float:
    """Of the layer's relevance, what a unit or the units of a concept hold together."""
    return sum(layer.unit(channel).share for channel in group)
