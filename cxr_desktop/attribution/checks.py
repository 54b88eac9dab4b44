"""What a network, its input and its target must be before any method may run."""

from __future__ import annotations

from itertools import chain

import torch
from torch import Tensor, nn

from cxr_desktop.domain.errors import AttributionError

FOREIGN = (RuntimeError, TypeError, ValueError, LookupError, AttributeError, AssertionError)
"""What a network of the user's may raise: wrong shapes, but also its own assertions and mistakes."""


def reject_train_mode(network: nn.Module) -> None:
    """Raises AttributionError for what is no network, and for one of which any part is in train mode.

    A bare `nn.Module` does nothing in either mode: torch.fx makes some to hold others, always in train mode. A
    frozen TorchScript module has no mode.
    """
    if not isinstance(network, nn.Module):
        raise AttributionError(f"the network is a {type(network).__name__}; a torch.nn.Module is needed")
    if _trains(network):
        named = ((name, m) for name, m in network.named_modules() if _trains(m, alone=True))
        training = next((name or type(network).__name__ for name, _ in named))
        raise AttributionError(f"the network is in train mode ({training}); call network.eval() first")


def _trains(module: nn.Module, *, alone: bool = False) -> bool:
    """Whether the module, or any within it unless `alone`, is in train mode."""
    if getattr(module, "training", False) and type(module) is not nn.Module:
        return True
    return not alone and any(_trains(child) for child in module.children())


def reject_infinite(network: nn.Module, found: Tensor, what: str) -> None:
    """Raises AttributionError where `found` is not finite, naming the weights that are to blame if any are.

    A weight that is not finite shows in the logits, so that weights need a look only then.
    """
    if bool(torch.isfinite(found).all()):
        return
    for name, weight in chain(network.named_parameters(), network.named_buffers()):
        if weight.is_floating_point() and not bool(torch.isfinite(weight.detach()).all()):
            raise AttributionError(f"the network's parameter {name} holds values that are not finite")
    raise AttributionError(f"{what} are not finite; the network's activations overflow on this image")


def checked_inputs(inputs: Tensor) -> Tensor:
    """The inputs, detached. Raises AttributionError for another shape than (N, C, H, W) or no finite numbers."""
    if not isinstance(inputs, Tensor) or inputs.ndim != 4 or inputs.numel() == 0:
        shape = tuple(inputs.shape) if isinstance(inputs, Tensor) else type(inputs).__name__
        raise AttributionError(f"inputs are {shape}; a non-empty (N, C, H, W) tensor is needed")
    if inputs.layout != torch.strided or inputs.is_meta:
        raise AttributionError("inputs hold no dense values; give an ordinary tensor")
    if not inputs.is_floating_point():
        raise AttributionError(f"inputs are {inputs.dtype}; floating-point values are needed")
    if not bool(torch.isfinite(inputs).all()):
        raise AttributionError("inputs hold values that are not finite")
    return _differentiable(inputs.detach())


def _differentiable(tensor: Tensor) -> Tensor:
    """A copy of a tensor that was made in inference mode, which autograd refuses; any other itself."""
    return tensor.clone() if tensor.is_inference() else tensor


def checked_targets(targets: int | Tensor, inputs: Tensor) -> Tensor:
    """(N,) class indices on the inputs' device. Raises AttributionError for a wrong count or a negative one."""
    try:
        found = torch.as_tensor(targets, device=inputs.device).reshape(-1)
    except (TypeError, ValueError, RuntimeError) as error:
        raise AttributionError(f"targets are {targets!r}; class indices are whole numbers") from error
    if found.is_floating_point() or found.is_complex() or found.dtype == torch.bool:
        raise AttributionError(f"targets are {found.dtype}; class indices are whole numbers")
    found = _differentiable(found.long())
    if found.numel() == 1:
        found = found.expand(len(inputs)).contiguous()
    if len(found) != len(inputs):
        raise AttributionError(f"{len(found)} targets for {len(inputs)} images; give one, or one per image")
    if bool((found < 0).any()):
        raise AttributionError(f"target {int(found.min())} is negative; classes count from 0")
    return found


def checked_logits(logits: object, targets: Tensor) -> None:
    """Raises AttributionError for a result that is no (N, classes) or has no such class."""
    if not isinstance(logits, Tensor) or logits.ndim != 2:
        shape = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise AttributionError(f"the network returns {shape}; (N, classes) logits are needed")
    if bool((targets >= logits.shape[1]).any()):
        raise AttributionError(
            f"target {int(targets.max())} is out of range; the network has {logits.shape[1]} classes"
        )
