"""Rules that several methods have in common: pooling, residual addition and the first layer."""

from __future__ import annotations

import torch
from torch import Tensor

from cxr_desktop.attribution.arithmetic import divide
from cxr_desktop.attribution.linear_map import LinearMap
from cxr_desktop.attribution.tape import Step, Tape
from cxr_desktop.attribution.walk import Shares, summed_to, vector_jacobian


def by_pool(step: Step, relevance: Tensor, x: Tensor, z: Tensor | None = None) -> Tensor:
    """C = x * d pool(x)/dx (R / pool(x)). z: pool(x) where it is known."""
    if z is None:
        with torch.enable_grad():
            leaf = x.detach().requires_grad_()
            out = step.run(leaf)
        return x * torch.autograd.grad(out, leaf, divide(relevance, out.detach()))[0]
    (gradient,) = vector_jacobian(step, [divide(relevance, z)], x)
    return x * gradient if gradient is not None else x * 0


def addends(step: Step) -> tuple[Tensor, Tensor]:
    """The two tensors that a sum or a difference of two adds up, with sign and factor."""
    u, s = (value.get() for value in step.inputs)
    factor = step.kwargs.get("alpha", 1) * (-1 if step.name == "sub" else 1)
    return u, s if factor == 1 else s * factor


def by_addition(step: Step, relevance: Tensor, parts: tuple[Tensor, ...], whole: Tensor) -> Shares:
    """Each addend takes part / whole of the relevance; constants take none."""
    rate = divide(relevance, whole)
    return tuple(
        summed_to(part * rate, value.get().shape) for part, value in zip(parts, step.inputs, strict=True)
    )


def z_beta(tape: Tape, step: Step, layer: LinearMap, relevance: Tensor) -> Tensor:
    """The first layer's rule for values in a box, with the image's own extremes l, h as the box.

    layer: the step's map, with what is folded into it.
    Padding laid around the image by a step of its own is no part of the box and takes nothing.
    S = R / (lin(x,W) - lin(l,W+) - lin(h,W-)); C = x linT(S,W) - l linT(S,W+) - h linT(S,W-).
    Source: Montavon et al., Pattern Recognition 65 (2017), section 5.
    """
    x = step.inputs[0].get()
    axes = tuple(range(1, x.ndim))
    image = _without_padding(tape, step)
    low = image * x.amin(axes, keepdim=True)
    high = image * x.amax(axes, keepdim=True)
    above = torch.stack([image * x - low, image * x - high], 1)
    weights = torch.stack([layer.weight.clamp(min=0), layer.weight.clamp(max=0)])
    s = divide(relevance, layer.forward_sum(above, weights))
    return (above * layer.adjoint_each(s, weights, x)).sum(1)


def _without_padding(tape: Tape, step: Step) -> Tensor:
    """1 on the image, 0 on the padding of a `pad` step before the layer; of the layer's input shape."""
    value = step.inputs[0]
    if value.step >= 0 and tape.steps[value.step].name == "pad":
        pad = tape.steps[value.step]
        ones = torch.ones_like(pad.inputs[0].get())
        return torch.as_tensor(pad.run(ones) - pad.run(ones * 0))
    return torch.ones_like(value.get())
