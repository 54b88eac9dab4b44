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
        """As published, but of an average only what is active takes part: nothing cancels in its divisor."""
        x = step.inputs[0].get()
        return (by_pool(step, relevance, (x if "max" in step.name else x.clamp(min=0)) + TINY),)

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
    if not layer.stackable:
        gradients = layer.weight_gradient_each(x, parts)
        s = divide(parts, layer.forward_each(x, gradients))
        s[:, 1].neg_()
        return layer.adjoint_sum(s, gradients, x).mul_(x)
    r, positive = _live_planes(parts)
    if r.shape[1] == 0:
        return torch.zeros_like(x)
    share = _by_gram if _gram_is_cheaper(layer, r) else _by_gradient
    return share(layer, x, r, positive).mul_(x)


def _live_planes(parts: Tensor) -> tuple[Tensor, int]:
    """(1, K, h, w): the planes of either sign in which there is any relevance, and how many of them are positive.

    parts: (1, 2, O, h, w). Often a third of the planes is empty, which the costs follow.
    """
    planes = parts.flatten(1, 2)
    live = planes.amax((0, 2, 3)).nonzero().flatten()
    return planes.index_select(1, live), int((live < parts.shape[2]).sum())


def _by_gradient(layer: LinearMap, x: Tensor, r: Tensor, positive: int) -> Tensor:
    """linT(r / lin(x, V), V), planes from `positive` on taken off. r: (1, K, h, w), magnitudes."""
    gradients = layer.weight_gradient(x, r)
    s = divide(r, layer.forward(x, gradients))
    s[:, positive:].neg_()
    return layer.adjoint(s, gradients, x)


def _gram_is_cheaper(layer: LinearMap, r: Tensor) -> bool:
    """Compares the multiplications of `_by_gram` with those of `_by_gradient`."""
    places, planes, seen = r[0, 0].numel(), r.shape[1], layer.weight[0].numel()
    return 2 * seen * places + 2 * planes * places < 3 * planes * seen


def _by_gram(layer: LinearMap, x: Tensor, r: Tensor, positive: int) -> Tensor:
    """`_by_gradient` where places are few: V = r X^T with X the columns of x, so that by associativity
    G = V X = r (X^T X) and V^T s = X (r^T s) need no V, only matrices of places x places."""
    columns, r = layer.columns(x)[0], r.flatten(2)[0]
    s = divide(r, r @ (columns.T @ columns))
    s[positive:].neg_()
    return layer.gathered((columns @ (r.T @ s))[None], x)


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
