"""Relative Sectional Propagation (Nam et al., AAAI 2021, arXiv:2012.03434)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from cxr_desktop.attribution.arithmetic import divide, per_image, uniform_shift
from cxr_desktop.attribution.linear_map import LinearMap, linear_map
from cxr_desktop.attribution.rap import passed_where_alive
from cxr_desktop.attribution.sharing import by_addition, by_pool, z_beta
from cxr_desktop.attribution.tape import Step
from cxr_desktop.attribution.walk import Rules, Shares

TINY = 1e-9


class RspRules(Rules):
    """Only what is active takes part; each sign of the relevance is carried apart."""

    method = "rsp"

    def layer(self, step: Step, relevance: Tensor) -> Shares:
        layer, x = linear_map(step), step.inputs[0].get().clamp(min=0)
        share = torch.cat([_sectional(layer, x[i : i + 1], relevance[i : i + 1]) for i in range(len(x))])
        if not layer.pointwise:
            share = 2 * share
        return (uniform_shift(share, per_image(share) - per_image(relevance)),)

    def first(self, step: Step, relevance: Tensor) -> Shares:
        if step.name == "linear":
            return self.layer(step, relevance)
        return (z_beta(self.tape, step, relevance),)

    def norm(self, step: Step, relevance: Tensor) -> Shares:
        return (passed_where_alive(step, relevance),)

    def pool(self, step: Step, relevance: Tensor) -> Shares:
        return (by_pool(step, relevance, step.inputs[0].get() + TINY),)

    def add(self, step: Step, relevance: Tensor) -> Shares:
        if len(step.inputs) == 1:
            return (relevance,)
        u, s = (value.get().clamp(min=0) + TINY for value in step.inputs)
        return by_addition(step, relevance, (u, s), u + s)


def _sectional(layer: LinearMap, x: Tensor, relevance: Tensor) -> Tensor:
    """C of one image: per sign, relevance through the weights' own gradient V. x: (1, C, H, W), not negative."""
    share = torch.zeros_like(x)
    for sign in (1.0, -1.0):
        r = (sign * relevance).clamp(min=0)
        if not bool(r.any()):
            continue
        v = layer.weight_gradient(x, r)
        g = layer.forward(x, v) * (r != 0).to(x.dtype)
        share = share + sign * x * layer.adjoint(divide(r, g), v, x)
    return share


def start_map(features: Tensor, gradients: Tensor, hostile: Sequence[Tensor]) -> tuple[Tensor, bool]:
    """Where the walk starts: a class activation map at the last feature map.

    features: (N, C, h, w). gradients: of the target's logit, same shape; hostile: of the competing
    classes' logits. Returns the map and whether classes were set against each other.
    Without a hostile class it is the target's map over its maximum.
    """
    own = _activation(features, gradients)
    if not hostile:
        return own, False
    against = sum((_activation(features, found) for found in hostile), torch.zeros_like(own))
    relative = len(hostile) * own - against
    positive, negative = relative.clamp(min=0), relative.clamp(max=0)
    balance = divide(positive, per_image(positive)) - divide(negative, per_image(negative))
    plane = balance.sum(1, keepdim=True)
    kept, opposed = plane.clamp(min=0), plane.clamp(max=0)
    plane = 2 * divide(kept, per_image(kept)) - divide(opposed, per_image(opposed))
    return (plane / features.shape[1]).expand_as(features).contiguous(), True


def _activation(features: Tensor, gradients: Tensor) -> Tensor:
    weighted = features * gradients.mean((2, 3), keepdim=True)
    return divide(weighted, weighted.amax((1, 2, 3), keepdim=True))
