"""Individual units: how much of a decision passes through each channel of a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from cxr_desktop.attribution.checks import checked_inputs, checked_targets, reject_train_mode
from cxr_desktop.attribution.layer_values import layer_names, layer_value
from cxr_desktop.attribution.propagation import WALKS
from cxr_desktop.attribution.registry import filled, method_info
from cxr_desktop.attribution.tape import record
from cxr_desktop.attribution.task import Task
from cxr_desktop.attribution.walk import propagate
from cxr_desktop.domain.errors import AttributionError
from cxr_desktop.domain.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The channels of one layer. relevance: (N, C), signed. top: (N, k) channels with the most relevance,
    first the highest. activations: (N, k, h, w) of those, (N, k, 1, 1) behind a dense layer."""

    layer: str
    method: str
    relevance: Tensor
    top: Tensor
    activations: Tensor


def unit_layers(network: nn.Module, inputs: Tensor) -> tuple[str, ...]:
    """Names of the layers whose units can be asked for, from the image on. inputs: (N, C, H, W)."""
    reject_train_mode(network)
    return layer_names(record(network, checked_inputs(inputs)[:1]))


def units(
    network: nn.Module,
    inputs: Tensor,
    targets: int | Tensor,
    layer: str | None = None,
    method: str = "rap",
    *,
    count: int = 9,
    progress: Progress | None = None,
    **options: Any,
) -> Units:
    """Relevance per channel of `layer`, by default the last feature map, with the strongest channels' maps.

    method: one of the propagation family. A map of one unit alone: attribute(..., through=(layer, channel)).
    Raises AttributionError for an unknown layer, or one that the method's walk does not reach.
    Source: Nam and Lee, arXiv:2107.08767.
    """
    if method not in WALKS:
        raise AttributionError(
            f"{method} has no relevance inside the network; choose one of {', '.join(WALKS)}"
        )
    settings = filled(method_info(method), options)
    reject_train_mode(network)
    images = checked_inputs(inputs)
    task = Task(network, images, checked_targets(targets, images), settings, progress)
    walk = WALKS[method](task)
    name, value = layer_value(walk.rules.tape, layer)
    if value.step > walk.start.step:
        raise AttributionError(f"{method} starts before the layer {name}; choose an earlier layer")
    arrived = propagate(walk.rules, walk.start, walk.relevance, stop=value, progress=progress)
    relevance = arrived.flatten(2).sum(2) if arrived.ndim > 2 else arrived
    top = relevance.topk(min(count, relevance.shape[1]), dim=1).indices
    made = value.get() if arrived.ndim > 2 else value.get()[..., None, None]
    chosen = torch.stack([planes[index] for planes, index in zip(made, top, strict=True)])
    return Units(name, method, relevance.to(images.dtype), top, chosen.to(images.dtype))
