"""The last feature map of a network, and the gradient of a logit with respect to it."""

from __future__ import annotations

import torch
from torch import Tensor

from cxr_desktop.attribution.tape import FORWARD_ONLY, Step, Tape, Value
from cxr_desktop.attribution.walk import WITH_PLACES, signal_of
from cxr_desktop.domain.errors import UnsupportedOperation

_POOLS = (
    "adaptive_avg_pool2d",
    "adaptive_max_pool2d",
    "avg_pool2d",
    "max_pool2d",
    "mean",
    "sum",
    "amax",
    "logsumexp",
)
_RESHAPES = ("flatten", "view", "reshape")
_PASSED = ("adaptive_avg_pool2d", "max_pool2d", "dropout", "dropout2d", "mul")


def last_feature_map(tape: Tape, method: str) -> Value:
    """The (N, C, h, w) value that the head pools or flattens, before any pooling or attention.

    On VGG that is the last rectified convolution, before the last max-pooling, as RSP was published.
    Raises UnsupportedOperation for a network that keeps no such map (a transformer, say).
    """
    last = next((step for step in reversed(tape.steps) if _collapses(tape, step)), None)
    if last is None:
        raise UnsupportedOperation(
            f"{method} needs a convolutional feature map and the network has none; {FORWARD_ONLY} work without "
            "one, and rollout on transformers"
        )
    value = _map_of(tape, last.inputs[0])
    while value.step >= 0 and tape.steps[value.step].name in _PASSED:
        step = tape.steps[value.step]
        value = signal_of(tape, step) if len(step.inputs) > 1 else step.inputs[0]
    return value


def _map_of(tape: Tape, value: Value) -> Value:
    """The (N, C, h, w) map whose places, or pooled rows, `value` (N, C, n) has in a row; any other value itself."""
    step = tape.steps[value.step]
    if len(value.shape) == 3 and (step.name in _RESHAPES or _pools(step)) and len(step.inputs[0].shape) == 4:
        return step.inputs[0] if step.inputs[0].shape[:2] == value.shape[:2] else value
    return value


def _collapses(tape: Tape, step: Step) -> bool:
    """The step turns a map into one number a channel, or into a flat vector."""
    if not step.inputs:
        return False
    out = step.outputs[0].shape
    mapped = len(_map_of(tape, step.inputs[0]).shape) == 4
    if _pools(step) and mapped:
        return len(out) == 2 or (len(out) == 4 and out[2] * out[3] == 1)
    return step.name in _RESHAPES and mapped and len(out) == 2


def _pools(step: Step) -> bool:
    return step.name in _POOLS or (step.name in WITH_PLACES and len(step.outputs) == 2)


def feature_map_like(tape: Tape, shape: torch.Size) -> Value | None:
    """The deepest value of that shape, None where there is none."""
    values = (value for step in reversed(tape.steps) for value in step.outputs)
    return next((value for value in values if value.shape == shape), None)


def replay(tape: Tape, start: Value, tensor: Tensor) -> Tensor:
    """The result of the steps after `start`, were its value `tensor`."""
    found: dict[int, Tensor] = {id(start): tensor}
    for step in tape.steps[start.step + 1 :]:
        if not any(id(value) in found for value in step.inputs):
            continue
        out = step.run(*(found[id(value)] if id(value) in found else value.get() for value in step.inputs))
        outs = [out] if isinstance(out, Tensor) else [t for t in out if isinstance(t, Tensor)]
        found.update((id(value), t) for value, t in zip(step.outputs, outs, strict=True))
    return found.get(id(tape.result), tape.result.get())


def logit_gradients(tape: Tape, features: Value, targets: list[Tensor]) -> list[Tensor]:
    """Per (N,) tensor of targets, the gradient of those logits with respect to `features`."""
    with torch.enable_grad():
        leaf = features.get().detach().requires_grad_()
        logits = replay(tape, features, leaf)
        chosen = [logits.gather(1, target[:, None]).sum() for target in targets]
        return [
            torch.autograd.grad(logit, leaf, retain_graph=i + 1 < len(chosen))[0]
            for i, logit in enumerate(chosen)
        ]
