"""Relative Sectional Propagation (Nam et al., AAAI 2021, arXiv:2012.03434)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from cxr_desktop.attribution.arithmetic import by_sign, divide, per_image, uniform_shift
from cxr_desktop.attribution.linear_map import LinearMap, linear_map
from cxr_desktop.attribution.relative import RelativeRules
from cxr_desktop.attribution.sharing import addends, by_addition, by_pool
from cxr_desktop.attribution.tape import Step
from cxr_desktop.attribution.walk import Shares

TINY = 1e-9


class RspRules(RelativeRules):
    """Only what is active takes part; each sign of the relevance is carried apart."""

    method = "rsp"

    def layer(self, step: Step, relevance: Tensor) -> Shares:
        layer, x = linear_map(step), step.inputs[0].get()
        if not self.is_nonnegative(step.inputs[0]):
            x = x.clamp(min=0)
        share = torch.cat(
            [_sectional(layer, one, r) for one, r in zip(x.split(1), relevance.split(1), strict=True)]
        )
        if not layer.pointwise:
            share *= 2
        return (uniform_shift(share, per_image(share) - per_image(relevance)),)

    def pool(self, step: Step, relevance: Tensor) -> Shares:
        return (by_pool(step, relevance, step.inputs[0].get() + TINY),)

    def add(self, step: Step, relevance: Tensor) -> Shares:
        if len(step.inputs) == 1:
            return (relevance,)
        u, s = (part.clamp(min=0) + TINY for part in addends(step))
        return by_addition(step, relevance, (u, s), u + s)


def _sectional(layer: LinearMap, x: Tensor, relevance: Tensor) -> Tensor:
    """C of one image: each sign of the relevance through the gradient V of that sign to the weights.

    x: (1, C, H, W), not negative. The gradient is the image's own; a batch would mix images.
    """
    parts = by_sign(relevance, 1)
    if layer.stackable and _gram_is_cheaper(layer, relevance):
        return _by_gram(layer, x, parts)
    gradients = layer.weight_gradient_each(x, parts)
    found = layer.forward_each(x, gradients)
    s = torch.div(parts, found, out=found).nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)
    s[:, 1].neg_()
    return layer.adjoint_sum(s, gradients, x).mul_(x)


def _gram_is_cheaper(layer: LinearMap, relevance: Tensor) -> bool:
    """Compares the multiplications of `_by_gram` with those of its definition."""
    places, units, seen = relevance[0, 0].numel(), len(layer.weight), layer.weight[0].numel()
    return 2 * seen * places + 4 * units * places < 6 * units * seen


def _by_gram(layer: LinearMap, x: Tensor, parts: Tensor) -> Tensor:
    """`_sectional` where places are few: V = r X^T with X the columns of x, so that by associativity
    G = V X = r (X^T X) and V^T s = X (r^T s) need no V, only matrices of places x places.

    x: (1, C, H, W). parts: (1, 2, O, h, w), the relevance of either sign.
    """
    columns, r = layer.columns(x)[0], parts.flatten(3)[0]
    g = r @ (columns.T @ columns)
    s = torch.div(r, g, out=g).nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)
    between = r[0].T @ s[0] - r[1].T @ s[1]
    return layer.gathered((columns @ between)[None], x).mul_(x)


def start_map(
    features: Tensor, gradients: Tensor, hostile: Sequence[Tensor], competes: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Where the walk starts: a class activation map at the last feature map.

    features: (N, C, h, w). gradients: of the target's logit, same shape; hostile: of the competing
    classes' logits. competes: (K, N) which of the hostile classes competes in which image, by default all.
    Returns the map and (N,) where classes were set against each other; without a hostile class an
    image starts from the target's map over its maximum.
    """
    own = _activation(features, gradients)
    if not hostile:
        return own, torch.zeros(len(own), dtype=torch.bool, device=own.device)
    rivals = torch.stack([_activation(features, found) for found in hostile])
    part = torch.ones(rivals.shape[:2], device=own.device) if competes is None else competes
    part = part.to(own.dtype)[..., None, None, None]
    relative = part.sum(0) * own - (part * rivals).sum(0)
    positive, negative = relative.clamp(min=0), relative.clamp(max=0)
    balance = divide(positive, per_image(positive)) - divide(negative, per_image(negative))
    plane = balance.sum(1, keepdim=True)
    kept, opposed = plane.clamp(min=0), plane.clamp(max=0)
    plane = 2 * divide(kept, per_image(kept)) - divide(opposed, per_image(opposed))
    settled = (plane / features.shape[1]).expand_as(features).to(own.dtype)
    against = part.sum(0) > 0
    return torch.where(against, settled, own), against.flatten()


def _activation(features: Tensor, gradients: Tensor) -> Tensor:
    weighted = features * gradients.mean((2, 3), keepdim=True)
    return divide(weighted, weighted.amax((1, 2, 3), keepdim=True))
