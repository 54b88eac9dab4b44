"""Find the value of a tape that belongs to a layer's name."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import torch
from torch import Tensor

from cxr_desktop.attribution.head import last_feature_map
from cxr_desktop.attribution.linear_map import LAYERS
from cxr_desktop.attribution.tape import Step, Tape, Value
from cxr_desktop.attribution.walk import IDENTITY, NORMS, RECTIFIERS, SMOOTH
from cxr_desktop.domain.errors import AttributionError, UnsupportedOperation

LAST_FEATURE_MAP = "last feature map"
"""In place of a layer's name; no module can have one with spaces in an attribute's place."""

_ONWARD = IDENTITY | NORMS | RECTIFIERS | SMOOTH


def layer_names(tape: Tape) -> tuple[str, ...]:
    """Modules with weights that the network used, in order: convolutions and dense layers."""
    return tuple(dict.fromkeys(step.path for step in tape.steps if step.name in LAYERS and step.path))


@dataclass(frozen=True, slots=True, eq=False)
class LayerValue:
    """What a layer made, after the normalisation and rectifier that follow it alone.

    axis: of its channels: 1 after a convolution, the last one after a dense layer.
    """

    name: str
    value: Value
    axis: int

    @property
    def channels(self) -> int:
        return self.value.shape[self.axis]

    def planes(self, values: Tensor) -> Tensor:
        """(N, C, h, w) of a tensor of the value's shape; (N, C, 1, 1) behind a dense layer on a vector."""
        first = values.movedim(self.axis, 1)
        while first.ndim < 4:
            first = first.unsqueeze(2)
        return first

    def only(self, values: Tensor, channels: Sequence[int]) -> Tensor:
        """The tensor with zeros in all other channels. Raises AttributionError for none, or one that is not there."""
        if not channels:
            raise AttributionError(f"no channel of {self.name} is named; it has {self.channels}")
        absent = [channel for channel in channels if not 0 <= channel < self.channels]
        if absent:
            raise AttributionError(f"{self.name} has no channel {absent[0]}; it has {self.channels}")
        index = torch.tensor(sorted(set(channels)), device=values.device)
        kept = torch.zeros_like(values)
        return kept.index_copy_(self.axis, index, values.index_select(self.axis, index))


def layer_value(tape: Tape, layer: str | None) -> LayerValue:
    """What the layer of that name made.

    layer: a name of `layer_names`; None or LAST_FEATURE_MAP for the last feature map.
    Raises AttributionError listing the names for one that is none of them.
    """
    if layer is None or layer == LAST_FEATURE_MAP:
        value = last_feature_map(tape, "units")
        return LayerValue(_name_of(tape, value), value, 1)
    found = [step for step in tape.steps if step.path == layer and step.name in LAYERS]
    if not found:
        raise AttributionError(
            f"no layer is named {layer!r}; the network used {', '.join(layer_names(tape))}"
        )
    return _made_by(tape, found[-1])


def deepest(tape: Tape) -> str:
    """Name of the layer that made the last feature map; empty where the network keeps none."""
    with suppress(UnsupportedOperation):
        return layer_value(tape, None).name
    return ""


def all_layer_values(tape: Tape) -> tuple[LayerValue, ...]:
    """Every layer's in the order in which they were made, the last feature map among them."""
    last = {step.path: step for step in tape.steps if step.name in LAYERS and step.path}
    found = [_made_by(tape, step) for step in last.values()]
    with suppress(UnsupportedOperation):  # a network without a feature map has its other layers
        found.append(layer_value(tape, None))
    return tuple(sorted({layer.name: layer for layer in found}.values(), key=lambda layer: layer.value.step))


def _made_by(tape: Tape, step: Step) -> LayerValue:
    value = _activated(tape, step)
    return LayerValue(step.path, value, len(value.shape) - 1 if step.name == "linear" else 1)


def _activated(tape: Tape, step: Step) -> Value:
    value = step.outputs[0]
    while True:
        users = list(tape.users(value))
        if len(users) != 1 or users[0].name not in _ONWARD:
            return value
        value = users[0].outputs[0]


def _name_of(tape: Tape, value: Value) -> str:
    """The layer that made the value all by itself, else LAST_FEATURE_MAP: a sum of branches has no layer's name."""
    step = tape.steps[value.step]
    while step.name in _ONWARD and step.inputs[0].step >= 0:
        step = tape.steps[step.inputs[0].step]
    return step.path if step.name in LAYERS and step.path else LAST_FEATURE_MAP
