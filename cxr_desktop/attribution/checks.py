"""What a network, its input and its target must be before any method may run."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cxr_desktop.domain.errors import AttributionError


def reject_unusable_network(network: nn.Module) -> None:
    """Raises AttributionError for a network in train mode or with weights that are not finite."""
    training = next(
        (name or type(network).__name__ for name, m in network.named_modules() if m.training), None
    )
    if training is not None:
        raise AttributionError(f"the network is in train mode ({training}); call network.eval() first")
    for name, parameter in network.named_parameters():
        if not bool(torch.isfinite(parameter.detach()).all()):
            raise AttributionError(f"the network's parameter {name} holds values that are not finite")


def checked_inputs(inputs: Tensor) -> Tensor:
    """The inputs, detached. Raises AttributionError for another shape than (N, C, H, W) or no finite numbers."""
    if not isinstance(inputs, Tensor) or inputs.ndim != 4 or inputs.numel() == 0:
        shape = tuple(inputs.shape) if isinstance(inputs, Tensor) else type(inputs).__name__
        raise AttributionError(f"inputs are {shape}; a non-empty (N, C, H, W) tensor is needed")
    if not inputs.is_floating_point():
        raise AttributionError(f"inputs are {inputs.dtype}; floating-point values are needed")
    if not bool(torch.isfinite(inputs).all()):
        raise AttributionError("inputs hold values that are not finite")
    return inputs.detach()


def checked_targets(targets: int | Tensor, inputs: Tensor, logits: Tensor | None = None) -> Tensor:
    """(N,) class indices on the inputs' device. Raises AttributionError for a wrong count or range."""
    found = torch.as_tensor(targets, dtype=torch.long, device=inputs.device).reshape(-1)
    if found.numel() == 1:
        found = found.expand(len(inputs)).contiguous()
    if len(found) != len(inputs):
        raise AttributionError(f"{len(found)} targets for {len(inputs)} images; give one, or one per image")
    if logits is None:
        if bool((found < 0).any()):
            raise AttributionError(f"target {int(found.min())} is negative; classes count from 0")
        return found
    if logits.ndim != 2:
        raise AttributionError(
            f"the network returns shape {tuple(logits.shape)}; (N, classes) logits are needed"
        )
    if bool((found >= logits.shape[1]).any()):
        raise AttributionError(
            f"target {int(found.max())} is out of range; the network has {logits.shape[1]} classes"
        )
    return found
