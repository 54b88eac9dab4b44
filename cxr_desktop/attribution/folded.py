"""A faster network that gives the same logits, for methods that call it many times and look at nothing inside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from cxr_desktop.attribution.checks import FOREIGN
from cxr_desktop.attribution.tape import Step, Tape, first_result
from cxr_desktop.attribution.twin import alike, twin

AGREEMENT = {torch.float32: 1e-4, torch.float64: 1e-9}
"""How far, relative to the largest, logits of the copy may lie from the network's own."""


class Affine(nn.Module):
    """BatchNorm in evaluation, as one multiplication and addition a channel; its gradient is one multiplication."""

    def __init__(self, norm: nn.BatchNorm2d, mean: Tensor, var: Tensor) -> None:
        super().__init__()
        scale = (var + norm.eps).rsqrt()
        if norm.weight is not None:
            scale = scale * norm.weight.detach()
        shift = -mean * scale
        if norm.bias is not None:
            shift = shift + norm.bias.detach()
        self.scale, self.shift = scale[:, None, None], shift[:, None, None]

    def forward(self, x: Tensor) -> Tensor:
        return torch.addcmul(self.shift, x, self.scale)


def folded(network: nn.Module, tape: Tape) -> nn.Module:
    """The network with each BatchNorm folded into the convolution before it, or else made `Affine`; channels last.

    tape: of a run of the network, which tells what follows what. The weights that stay are shared; none needs
    a gradient.
    """
    used = Counter(step.path for step in tape.steps)
    modules, found = dict(network.named_modules()), dict[str, nn.Module]()
    pairs = foldable(tape)
    for step in tape.steps:
        norm = pairs.get(id(step))
        if norm is not None and used[step.path] == used[norm.path] == 1:
            fused = _fused(modules[step.path], modules[norm.path])
            if fused is not None:
                found |= {step.path: fused, norm.path: nn.Identity()}
    for name, module in modules.items():
        if name and name not in found:
            found |= _quicker(name, module)
    return twin(network, found)


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


def _fused(conv: nn.Module, norm: nn.Module) -> nn.Module | None:
    """Both as one, where they are the plain modules: subclasses may do more than their names say."""
    statistics = _statistics(norm)
    if type(conv) is not nn.Conv2d or type(norm) is not nn.BatchNorm2d or statistics is None:
        return None
    weight, bias = fuse_conv_bn_weights(conv.weight, conv.bias, *statistics, norm.eps, norm.weight, norm.bias)
    return _with_parameters(conv, weight=weight, bias=bias)


def _quicker(name: str, module: nn.Module) -> dict[str, nn.Module]:
    """What may stand in the module's place, by its name, if anything."""
    statistics = _statistics(module)
    if statistics is not None and isinstance(module, nn.BatchNorm2d):
        return {name: Affine(module, *statistics)}
    if module._parameters and not module._modules and not isinstance(module, torch.jit.ScriptModule):
        return {name: _with_parameters(module, **module._parameters)}
    return {}


def _with_parameters(module: nn.Module, **parameters: Tensor | None) -> nn.Module:
    """The module with these instead of its own, channels last, and in need of no gradient."""
    found = alike(module)
    for name, given in parameters.items():
        if given is not None:
            given = given.detach()
            given = given.contiguous(memory_format=torch.channels_last) if given.ndim == 4 else given
        found._parameters[name] = None if given is None else nn.Parameter(given, requires_grad=False)
    return found


def _statistics(module: nn.Module) -> tuple[Tensor, Tensor] | None:
    """Running mean and variance of the plain BatchNorm2d that normalises by them."""
    if type(module) is not nn.BatchNorm2d or module.running_mean is None or module.running_var is None:
        return None
    return module.running_mean, module.running_var


def agreeing(copy: Callable[[Tensor], object], images: Tensor, logits: Tensor) -> Tensor | None:
    """The copy's logits on the images, where they are `logits` but for rounding, so that the copy can stand in."""
    bound = AGREEMENT.get(logits.dtype, 0.0)
    try:
        with torch.no_grad():
            found = first_result(copy(images.contiguous(memory_format=torch.channels_last)))
    except FOREIGN:  # it looks into a module that was replaced
        return None
    if not isinstance(found, Tensor) or found.shape != logits.shape:
        return None
    return found if bool((found - logits).abs().max() <= bound * logits.abs().max()) else None
