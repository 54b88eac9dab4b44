"""A faster private copy of a network, for methods that call it many times and look at nothing inside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from cxr_desktop.attribution.checks import FOREIGN
from cxr_desktop.attribution.tape import Step, Tape

AGREEMENT = {torch.float32: 1e-4, torch.float64: 1e-9}
"""How far, relative to the largest, logits of the copy may lie from the network's own."""


class Affine(nn.Module):
    """BatchNorm in evaluation, as one multiplication and addition a channel; its gradient is one multiplication."""

    scale: Tensor
    shift: Tensor

    def __init__(self, norm: nn.BatchNorm2d, mean: Tensor, var: Tensor) -> None:
        super().__init__()
        scale = (var + norm.eps).rsqrt()
        if norm.weight is not None:
            scale = scale * norm.weight.detach()
        shift = -mean * scale
        if norm.bias is not None:
            shift = shift + norm.bias.detach()
        self.register_buffer("scale", scale[:, None, None])
        self.register_buffer("shift", shift[:, None, None])

    def forward(self, x: Tensor) -> Tensor:
        return torch.addcmul(self.shift, x, self.scale)


def folded(network: nn.Module, tape: Tape) -> nn.Module:
    """A copy with each BatchNorm folded into the convolution before it, or else made `Affine`, and channels last.

    tape: of a run of the network, which tells what follows what. The copy shares the weights that it keeps;
    the network itself is not changed. torch.fx would be shorter, but traces by patching `nn.Module` under the
    feet of other threads.
    """
    copy = _sharing_weights(network)
    used = Counter(step.path for step in tape.steps)
    pairs = foldable(tape)
    for step in tape.steps:
        norm = pairs.get(id(step))
        if norm is not None and used[step.path] == used[norm.path] == 1:
            _fold(copy, step.path, norm.path)
    for name, module in list(copy.named_modules()):
        statistics = _statistics(module)
        if statistics is not None:
            _replace(copy, name, Affine(cast(nn.BatchNorm2d, module), *statistics))
    return copy.to(memory_format=torch.channels_last)


def _sharing_weights(network: nn.Module) -> nn.Module:
    """A copy of all but the parameters' numbers; its parameters need no gradient.

    Raises TypeError for a network that keeps a part of itself in its copies.
    """
    shared = {id(p): nn.Parameter(p.detach(), requires_grad=False) for p in network.parameters()}
    copy = deepcopy(network, shared)
    if not {id(module) for module in network.modules()}.isdisjoint(map(id, copy.modules())):
        raise TypeError(f"{type(network).__name__} cannot be copied")
    return copy


def foldable(tape: Tape) -> dict[int, Step]:
    """BatchNorm steps by the id of the layer's step they can be folded into: the only user of its output."""
    found: dict[int, Step] = {}
    for step in tape.steps:
        if (
            step.name == "batch_norm"
            and step.argument(1, "running_mean") is not None
            and step.inputs[0].users == 1
            and step.inputs[0].step >= 0
        ):
            before = tape.steps[step.inputs[0].step]
            if before.name in ("conv2d", "conv_transpose2d", "linear"):
                found[id(before)] = step
    return found


def _fold(network: nn.Module, layer: str, norm: str) -> None:
    """Fold where both are the plain modules, whose subclasses may do more than their names say."""
    conv, bn = network.get_submodule(layer), network.get_submodule(norm)
    statistics = _statistics(bn)
    if type(conv) is not nn.Conv2d or type(bn) is not nn.BatchNorm2d or statistics is None:
        return
    conv.weight, conv.bias = fuse_conv_bn_weights(
        conv.weight, conv.bias, *statistics, bn.eps, bn.weight, bn.bias
    )
    _replace(network, norm, nn.Identity())


def _statistics(module: nn.Module) -> tuple[Tensor, Tensor] | None:
    """Running mean and variance of the plain BatchNorm2d that normalises by them."""
    if type(module) is not nn.BatchNorm2d or module.running_mean is None or module.running_var is None:
        return None
    return module.running_mean, module.running_var


def _replace(network: nn.Module, name: str, module: nn.Module) -> None:
    holder, _, child = name.rpartition(".")
    setattr(network.get_submodule(holder), child, module)


def agreeing(copy: Callable[[Tensor], Tensor], images: Tensor, logits: Tensor) -> Tensor | None:
    """The copy's logits on the images, where they are `logits` but for rounding, so that the copy can stand in."""
    bound = AGREEMENT.get(logits.dtype, 0.0)
    try:
        with torch.no_grad():
            found = copy(images.contiguous(memory_format=torch.channels_last))
    except FOREIGN:  # it looks into a module that was replaced
        return None
    found = found[0] if isinstance(found, tuple | list) and found else found
    if not isinstance(found, Tensor) or found.shape != logits.shape:
        return None
    return found if bool((found - logits).abs().max() <= bound * logits.abs().max()) else None
