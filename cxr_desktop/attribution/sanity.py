"""Does a map depend on what the network has learnt? Cascading randomisation (Adebayo et al., NeurIPS 2018)."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from cxr_desktop.attribution.engine import attribute
from cxr_desktop.attribution.similarity import rank_correlation, structural_similarity
from cxr_desktop.attribution.unit_relevance import unit_layers
from cxr_desktop.domain.progress import Progress


@dataclass(frozen=True, slots=True)
class RandomisedLayer:
    """How alike the map stays once this layer and all after it are random. rank_correlation, of magnitudes,
    and ssim: near 1 means that the map does not show what these layers have learnt."""

    layer: str
    rank_correlation: float
    ssim: float


def randomisation_test(
    network: nn.Module,
    inputs: Tensor,
    targets: int,
    method: str = "rap",
    *,
    stages: int = 8,
    seed: int = 0,
    progress: Progress | None = None,
    **options: Any,
) -> tuple[RandomisedLayer, ...]:
    """Randomise layers from the last to the first, in a copy, and compare the map after each of `stages`.

    inputs: (1, C, H, W). Weights are drawn anew from a normal distribution of their own mean and spread.
    Raises what `explain` raises.
    """
    layers = unit_layers(network, inputs)[::-1]
    marks = {layers[round((i + 1) * len(layers) / stages) - 1] for i in range(min(stages, len(layers)))}
    generator = torch.Generator().manual_seed(seed)
    copy = deepcopy(network)
    original = attribute(network, inputs, targets, method, **options)[0].sum(0)
    found = []
    for done, layer in enumerate(layers):
        _randomise(copy.get_submodule(layer), generator)
        if layer not in marks:
            continue
        if progress is not None:
            progress(done / len(layers))
        changed = attribute(copy, inputs, targets, method, **options)[0].sum(0)
        found.append(
            RandomisedLayer(
                layer,
                rank_correlation(original.abs(), changed.abs()),
                structural_similarity(original, changed),
            )
        )
    return tuple(found)


@torch.no_grad()
def _randomise(module: nn.Module, generator: torch.Generator) -> None:
    for weight in module.parameters(recurse=False):
        drawn = torch.randn(weight.shape, generator=generator).to(weight)
        spread = weight.std() if weight.numel() > 1 else weight.abs().max()
        weight.copy_(weight.mean() + drawn * spread)
