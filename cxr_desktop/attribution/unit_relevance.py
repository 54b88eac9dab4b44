"""Individual units: how much of a decision passes through each channel of a layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from cxr_desktop.attribution.activations import Activations
from cxr_desktop.attribution.checks import FOREIGN, checked_inputs, checked_targets, reject_train_mode
from cxr_desktop.attribution.layer_values import (
    LayerValue,
    all_layer_values,
    deepest,
    layer_names,
    layer_value,
)
from cxr_desktop.attribution.memory import out_of_memory
from cxr_desktop.attribution.propagation import WALKS, Walk
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


@dataclass(frozen=True, slots=True, eq=False)
class LayerRelevance:
    """What passes each channel of a layer. relevance: (N, C) float64, signed. size: (h, w) of a channel's plane,
    (1, 1) behind a dense layer."""

    layer: str
    relevance: Tensor
    size: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class NetworkRelevance:
    """layers: those that the walk passes, from the image on. deepest: the one that made the last feature map, empty
    where the network has none. notes: as of the method's map."""

    method: str
    layers: tuple[LayerRelevance, ...]
    deepest: str
    notes: tuple[str, ...] = ()


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
    walk = _walk(network, inputs, targets, method, progress, options)
    found = layer_value(walk.rules.tape, layer)
    if found.value.step > walk.start.step:
        raise AttributionError(f"{method} starts before the layer {found.name}; choose an earlier layer")
    with _errors_named(method):
        arrived = propagate(walk.rules, walk.start, walk.relevance, stop=found.value, progress=progress)
    relevance = _per_channel(found, arrived)
    top = relevance.topk(min(count, found.channels), dim=1).indices
    made = found.planes(found.value.get())
    chosen = torch.stack([planes[index] for planes, index in zip(made, top, strict=True)])
    return Units(found.name, method, relevance.to(inputs.dtype), top, chosen.to(inputs.dtype))


def network_relevance(
    network: nn.Module,
    inputs: Tensor,
    targets: int | Tensor,
    method: str = "rap",
    *,
    progress: Progress | None = None,
    activations: Activations | None = None,
    **options: Any,
) -> NetworkRelevance:
    """Relevance per channel of every layer, by one walk. Arguments and errors as of `units`."""
    walk = _walk(network, inputs, targets, method, progress, options, activations)
    layers = all_layer_values(walk.rules.tape)
    wanted = {layer.value.step: layer for layer in layers}
    passed: dict[int, Tensor] = {}

    def note(step: int, relevance: Tensor) -> None:
        if step in wanted:
            passed[step] = _per_channel(wanted[step], relevance)

    with _errors_named(method):
        propagate(walk.rules, walk.start, walk.relevance, progress=progress, passed=note)
    reached = tuple(
        LayerRelevance(layer.name, passed[layer.value.step], _size(layer))
        for layer in layers
        if layer.value.step in passed
    )
    return NetworkRelevance(method, reached, deepest(walk.rules.tape), walk.notes)


def unit_activations(
    network: nn.Module,
    inputs: Tensor,
    layer: str | None,
    channels: Sequence[int],
    *,
    activations: Activations | None = None,
) -> Tensor:
    """(N, k, h, w) of what the layer's channels answer to the images; (N, k, 1, 1) behind a dense layer.

    After the normalisation and rectifier that follow the layer alone. Raises AttributionError for a layer or
    channel that is not there.
    """
    reject_train_mode(network)
    images = checked_inputs(inputs)
    found = layer_value((activations or Activations(network, limit=0)).tape(images), layer)
    absent = [channel for channel in channels if not 0 <= channel < found.channels]
    if absent:
        raise AttributionError(f"{found.name} has no channel {absent[0]}; it has {found.channels}")
    return found.planes(found.value.get())[:, list(channels)].to(images.dtype)


def _walk(
    network: nn.Module,
    inputs: Tensor,
    targets: int | Tensor,
    method: str,
    progress: Progress | None,
    options: dict[str, Any],
    activations: Activations | None = None,
) -> Walk:
    if method not in WALKS:
        raise AttributionError(
            f"{method} has no relevance inside the network; choose one of {', '.join(WALKS)}"
        )
    settings = filled(method_info(method), options)
    reject_train_mode(network)
    images = checked_inputs(inputs)
    runs = activations or Activations(network, limit=0)
    task = Task(runs, images, checked_targets(targets, images), settings, progress)
    with _errors_named(method):
        return WALKS[method](task)


def _per_channel(layer: LayerValue, relevance: Tensor) -> Tensor:
    """(N, C) float64: summed in double precision, for single numbers may be large and of either sign."""
    return layer.planes(relevance).sum((2, 3), dtype=torch.float64)


def _size(layer: LayerValue) -> tuple[int, int]:
    plane = layer.planes(layer.value.get())
    return plane.shape[2], plane.shape[3]


@contextmanager
def _errors_named(method: str) -> Iterator[None]:
    """What a network no rule was made for raises, told as what it is; want of memory passes through."""
    try:
        yield
    except FOREIGN as error:
        if out_of_memory(error):
            raise
        raise AttributionError(f"{method} cannot run on this network: {error}") from error
