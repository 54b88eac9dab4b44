"""Relative Sectional Propagation (Nam et al., AAAI 2021, arXiv:2012.03434)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from cxr_desktop.attribution.arithmetic import by_sign, divide, per_image, uniform_shift
from cxr_desktop.attribution.linear_map import LinearMap, linear_map
from cxr_desktop.attribution.live_planes import live_planes, worth_while
from cxr_desktop.attribution.places import Places
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
        shares = [_shifted(layer, one, r) for one, r in zip(x.split(1), relevance.split(1), strict=True)]
        return (shares[0] if len(shares) == 1 else torch.cat(shares),)

    def pool(self, step: Step, relevance: Tensor) -> Shares:
        """As published, but of an average only what is active takes part: nothing cancels in its divisor."""
        x = step.inputs[0].get()
        return (by_pool(step, relevance, (x if "max" in step.name else x.clamp(min=0)) + TINY),)

    def add(self, step: Step, relevance: Tensor) -> Shares:
        if len(step.inputs) == 1:
            return (relevance,)
        u, s = (part.clamp(min=0) + TINY for part in addends(step))
        return by_addition(step, relevance, (u, s), u + s)


def _shifted(layer: LinearMap, x: Tensor, relevance: Tensor) -> Tensor:
    """C of one image, (1, C, H, W), with the sum of its relevance. x: not negative."""
    inputs = live_planes(x, 16) if layer.stackable and worth_while(layer, relevance) else None
    live = x if inputs is None else x.index_select(1, inputs)
    share = _sectional(layer, live, relevance)
    if not layer.pointwise:
        share *= 2
    share = uniform_shift(share, per_image(share) - per_image(relevance))
    return share if inputs is None else torch.zeros_like(x).index_copy_(1, inputs, share)


def _sectional(layer: LinearMap, x: Tensor, relevance: Tensor) -> Tensor:
    """Each sign of the relevance through the gradient V of that sign to the weights, which is the image's own."""
    parts = by_sign(relevance, 1)
    if not layer.stackable:
        gradients = layer.weight_gradient_each(x, parts)
        s = divide(parts, layer.forward_each(x, gradients))
        s[:, 1].neg_()
        return layer.adjoint_sum(s, gradients, x).mul_(x)
    r, positive = _live_parts(parts)
    places = Places(layer, x, (r.shape[2], r.shape[3]))
    by_weights = 3 * r.numel() * x.shape[1] * layer.weight[0, 0].numel()
    if places.cost(r.shape[1]) < by_weights:
        return _by_places(places, r, positive).mul_(x)
    return _by_gradient(layer, x, r, positive).mul_(x)


def _live_parts(parts: Tensor) -> tuple[Tensor, int]:
    """(1, K, h, w): the planes of either sign, without empty ones, and how many of them are positive.

    parts: (1, 2, O, h, w).
    """
    planes, positive = parts.flatten(1, 2), parts.shape[2]
    live = live_planes(planes, 8)
    if live is None:
        return planes, positive
    return planes.index_select(1, live), int((live < positive).sum())


def _by_gradient(layer: LinearMap, x: Tensor, r: Tensor, positive: int) -> Tensor:
    """linT(r / lin(x, V), V), planes from `positive` on taken off. r: (1, K, h, w), magnitudes."""
    gradients = layer.weight_gradient(x, r)
    s = divide(r, layer.forward(x, gradients))
    s[:, positive:].neg_()
    return layer.adjoint(s, gradients, x)


def _by_places(places: Places, r: Tensor, positive: int) -> Tensor:
    """`_by_gradient` with V = r X^T for the columns X of x: lin(x, V) = r (X^T X), and linT(s, V) = X (r^T s)."""
    r = r[0].flatten(1)
    s = divide(r, r @ places.products())
    s[positive:].neg_()
    return places.gathered(r.T @ s)


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
