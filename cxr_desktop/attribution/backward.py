"""Walks that follow the gradient but change it at single steps: guided backpropagation and DeepLIFT."""

from __future__ import annotations

import torch
from torch import Tensor

from cxr_desktop.attribution.linear_map import LAYERS, LinearMap, along, linear_map, scale_and_shift
from cxr_desktop.attribution.tape import Step, Tape
from cxr_desktop.attribution.walk import GATES, RECTIFIERS, SMOOTH, Rule, Rules, Shares, vector_jacobian
from cxr_desktop.domain.errors import UnsupportedOperation

_CURVES = RECTIFIERS | SMOOTH | GATES | {"abs", "erf", "exp", "log", "pow", "sqrt", "square"}
"""Functions of one value each."""


class GradientRules(Rules):
    """The plain gradient by the chain rule, on any step that autograd can treat."""

    method = "gradient"

    def rule(self, step: Step) -> Rule:
        if len(step.inputs) != 1:
            return self.chain
        if step.name in _CURVES:
            return self.rectifier
        return self.layer if step.name in (*LAYERS, "batch_norm") else self.chain

    def layer(self, step: Step, relevance: Tensor) -> Shares:
        """What is linear has its gradient without being run again."""
        x = step.inputs[0].get()
        if step.name == "batch_norm":
            scale = scale_and_shift(step)
            return self.chain(step, relevance) if scale is None else (relevance * along(scale[0], x),)
        try:
            layer = linear_map(step)
        except UnsupportedOperation:  # autograd can treat it
            return self.chain(step, relevance)
        return (self.adjoint(layer, relevance, x),)

    def adjoint(self, layer: LinearMap, relevance: Tensor, x: Tensor) -> Tensor:
        return layer.adjoint(relevance, layer.weight, x)

    def chain(self, step: Step, relevance: Tensor) -> Shares:
        return vector_jacobian(step, [relevance], *(value.get() for value in step.inputs))

    def rectifier(self, step: Step, relevance: Tensor) -> Shares:
        return self.chain(step, relevance)


class GuidedRules(GradientRules):
    """Springenberg et al., ICLR workshop 2015: at a rectifier only positive gradients pass."""

    method = "guided_backprop"

    def rectifier(self, step: Step, relevance: Tensor) -> Shares:
        return self.chain(step, relevance.clamp(min=0) if step.name in RECTIFIERS else relevance)


class DeepLiftRules(GradientRules):
    """Shrikumar et al., ICML 2017, rescale rule: at a non-linear step the slope between input and baseline.

    tape: recorded on (2 N, C, H, W), images first, then their baselines; relevance lies on both
    halves alike. Max-pooling takes the slope of the pooled difference.
    """

    method = "deeplift"

    def __init__(self, tape: Tape) -> None:
        super().__init__(tape)

    def rule(self, step: Step) -> Rule:
        if step.name in ("max_pool2d", "adaptive_max_pool2d", "amax"):
            return self.maximum
        if step.name in ("mul", "matmul"):
            return self.product
        if step.name in ("layer_norm", "group_norm") or (
            step.name == "instance_norm" and step.argument(5, "use_input_stats", True)
        ):
            return self.norm
        return super().rule(step)

    def adjoint(self, layer: LinearMap, relevance: Tensor, x: Tensor) -> Tensor:
        """Of one half, the other being alike. Before a dense layer images need not lie along the first axis."""
        if layer.dense:
            return super().adjoint(layer, relevance, x)
        half = len(x) // 2
        share = super().adjoint(layer, relevance[:half], x[:half])
        return torch.cat([share, share])

    def rectifier(self, step: Step, relevance: Tensor) -> Shares:
        (x,) = (value.get() for value in step.inputs)
        own, change = x[: len(x) // 2], _difference(x)
        (flat,) = vector_jacobian(step, [torch.ones_like(own)], own)
        if flat is None:
            return (None,)
        steep = _difference(step.outputs[0].get()).div_(change)
        slope = torch.where(change.abs() < 1e-10, flat, steep)
        return ((relevance.unflatten(0, (2, -1)) * slope).flatten(0, 1),)

    def maximum(self, step: Step, relevance: Tensor) -> Shares:
        """Each of the two maxima gives its place a share of the pooled difference (captum's reading)."""
        (x,) = (value.get() for value in step.inputs)
        out = step.outputs[0].get()
        half = len(x) // 2
        change = _difference(x)
        cross = torch.maximum(out[:half], out[half:])
        above, below = relevance[:half] * (cross - out[half:]), relevance[:half] * (out[:half] - cross)
        (given,) = vector_jacobian(step, [torch.cat([above, below])], x)
        if given is None:
            return (None,)
        whole = given[:half] + given[half:]
        slope = torch.where(change.abs() < 1e-10, torch.zeros_like(change), whole / _nonzero(change))
        return (torch.cat([slope, slope]),)

    def product(self, step: Step, relevance: Tensor) -> Shares:
        """u v - u0 v0 = (u - u0) (v + v0) / 2 + (v - v0) (u + u0) / 2: exact, and even-handed; for u u too."""
        mirrored = [_mean(value.get()) for value in step.inputs]
        return vector_jacobian(step, [relevance], *mirrored)

    def norm(self, step: Step, relevance: Tensor) -> Shares:
        """By the own mean and spread: y = r u with u = x - mean(x), r = 1 / sqrt(mean(u^2) + eps).

        The mean is linear, u u and r u are products as above, and r has the slope of its own change, so that all of
        the change of y is shared out.
        """
        x = step.inputs[0].get()
        u, c = _rows(step, x), _rows(step, _scaled(step, relevance))
        u = u - u.mean(-1, keepdim=True)
        variance = (u * u).mean(-1, keepdim=True)
        r = (variance + step.argument(7 if step.name == "instance_norm" else 4, "eps", 1e-5)).rsqrt()
        own, reference = r.chunk(2)
        middle = _mean(u)
        slope = -((own * reference) ** 2) / (own + reference)
        shared = _mean(r) * c + 2 * (c * middle).mean(-1, keepdim=True) * torch.cat([slope, slope]) * middle
        return ((shared - shared.mean(-1, keepdim=True)).view_as(x),)


def _scaled(step: Step, relevance: Tensor) -> Tensor:
    """What arrives before a normalisation's own weights, of which a channel has one or a layer's place."""
    weight = step.argument(3 if step.name == "instance_norm" else 2, "weight")
    if not isinstance(weight, Tensor):
        return relevance
    places = () if step.name == "layer_norm" else (1,) * (relevance.ndim - 2)
    return relevance * weight.detach().view(*weight.shape, *places)


def _rows(step: Step, x: Tensor) -> Tensor:
    """(..., M): what a normalisation takes the mean and the spread of."""
    if step.name == "layer_norm":
        return x.flatten(-len(step.argument(1, "normalized_shape")))
    return (
        x.flatten(2)
        if step.name == "instance_norm"
        else x.reshape(len(x), step.argument(1, "num_groups"), -1)
    )


def _difference(x: Tensor) -> Tensor:
    half = len(x) // 2
    return x[:half] - x[half:]


def _mean(x: Tensor) -> Tensor:
    half = len(x) // 2
    middle = (x[:half] + x[half:]) / 2
    return torch.cat([middle, middle])


def _nonzero(x: Tensor) -> Tensor:
    return torch.where(x.abs() < 1e-10, torch.ones_like(x), x)
