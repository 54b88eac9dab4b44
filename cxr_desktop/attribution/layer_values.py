"""Find the value of a tape that belongs to a layer's name."""

from __future__ import annotations

from cxr_desktop.attribution.head import last_feature_map
from cxr_desktop.attribution.linear_map import LAYERS
from cxr_desktop.attribution.tape import Step, Tape, Value
from cxr_desktop.attribution.walk import IDENTITY, NORMS, RECTIFIERS, SMOOTH
from cxr_desktop.domain.errors import AttributionError

_ONWARD = IDENTITY | NORMS | RECTIFIERS | SMOOTH


def layer_names(tape: Tape) -> tuple[str, ...]:
    """Modules with weights that the network used, in order: convolutions and dense layers."""
    return tuple(dict.fromkeys(step.path for step in tape.steps if step.name in LAYERS and step.path))


def layer_value(tape: Tape, layer: str | None) -> tuple[str, Value]:
    """The layer's name and what it made, after the normalisation and rectifier that follow it alone.

    layer: a name of `layer_names`; None for the last feature map.
    Raises AttributionError listing the names for one that is none of them.
    """
    if layer is None:
        value = last_feature_map(tape, "units")
        return _layer_before(tape, value), value
    found = [step for step in tape.steps if step.path == layer and step.name in LAYERS]
    if not found:
        raise AttributionError(
            f"no layer is named {layer!r}; the network used {', '.join(layer_names(tape))}"
        )
    return layer, _activated(tape, found[-1])


def _activated(tape: Tape, step: Step) -> Value:
    value = step.outputs[0]
    while True:
        users = list(tape.users(value))
        if len(users) != 1 or users[0].name not in _ONWARD:
            return value
        value = users[0].outputs[0]


def _layer_before(tape: Tape, value: Value) -> str:
    steps = reversed(tape.steps[: value.step + 1])
    return next((step.path for step in steps if step.name in LAYERS and step.path), "")
