"""The last feature map of a network, and the gradient of a logit with respect to it."""

from __future__ import annotations

import torch
from torch import Tensor

from cxr_desktop.attribution.tape import Step, Tape, Value
from cxr_desktop.domain.errors import UnsupportedOperation

_PARAMETRIC = ("conv2d", "conv_transpose2d", "batch_norm")


def last_feature_map(tape: Tape, method: str) -> Value:
    """The deepest (N, C, h, w) value, h w > 1, that the head pools, flattens or averages.

    Raises UnsupportedOperation for a network that keeps no such map (a transformer, say).
    """
    last = max(
        (i for i, s in enumerate(tape.steps) if s.name in _PARAMETRIC and _is_map(s.outputs[0])), default=-1
    )
    if last < 0:
        raise UnsupportedOperation(
            f"{method} needs a convolutional feature map and the network has none; saliency, "
            "integrated_gradients, smoothgrad, occlusion, rise and rollout work without one"
        )
    value = tape.steps[last].outputs[0]
    while True:
        onward = [step for step in tape.users(value) if _keeps_map(step)]
        if len(onward) != 1:
            return value
        value = onward[0].outputs[0]


def _is_map(value: Value) -> bool:
    shape = value.get().shape
    return len(shape) == 4 and shape[2] * shape[3] > 1


def _keeps_map(step: Step) -> bool:
    return step.name not in ("adaptive_avg_pool2d", "avg_pool2d", "mean", "flatten") and _is_map(
        step.outputs[0]
    )


def replay(tape: Tape, start: Value, tensor: Tensor) -> Tensor:
    """The result of the steps after `start`, were its value `tensor`."""
    found: dict[int, Tensor] = {id(start): tensor}
    for step in tape.steps[start.step + 1 :]:
        if not any(id(value) in found for value in step.inputs):
            continue
        out = step.run(*(found.get(id(value), value.tensor) for value in step.inputs))
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
