"""What RAP, RSP and Attribution Equilibrium have in common: the first layer, and normalisation."""

from __future__ import annotations

import torch
from torch import Tensor

from cxr_desktop.attribution.arithmetic import non_zero, per_image, uniform_shift
from cxr_desktop.attribution.linear_map import linear_map
from cxr_desktop.attribution.sharing import z_beta
from cxr_desktop.attribution.tape import Step
from cxr_desktop.attribution.walk import Rules, Shares, has_constant


class RelativeRules(Rules):
    """z-beta where the image comes in; a normalisation passes relevance on."""

    def first(self, step: Step, relevance: Tensor) -> Shares:
        if step.name == "linear":
            return self.layer(step, relevance)
        return (z_beta(self.tape, step, linear_map(step), relevance),)

    def cat(self, step: Step, relevance: Tensor) -> Shares:
        shares = super().cat(step, relevance)
        return _without_constants(shares, relevance) if has_constant(step) else shares

    def structural(self, step: Step, arrived: list[Tensor | None]) -> Shares:
        shares, relevance = super().structural(step, arrived), arrived[0]
        framed = step.name == "_with_items" or (step.name == "pad" and step.argument(3, "value"))
        return _without_constants(shares, relevance) if framed and relevance is not None else shares

    def norm(self, step: Step, relevance: Tensor) -> Shares:
        return (passed_where_alive(step, relevance),)


def _without_constants(shares: Shares, relevance: Tensor) -> Shares:
    """What constants took, which the image did not make, spread evenly over the shares, so that nothing is lost."""
    parts = [share.flatten(1) for share in shares if share is not None]
    kept = torch.cat(parts, 1)
    settled = uniform_shift(kept, per_image(kept) - per_image(relevance).view(-1, 1))
    found = iter(settled.split([part.shape[1] for part in parts], 1))
    return tuple(None if share is None else next(found).reshape(share.shape) for share in shares)


def passed_where_alive(step: Step, relevance: Tensor) -> Tensor:
    """A normalisation passes relevance where its input times its scale is not zero.

    What lay elsewhere (DenseNet normalises sums that hold exact zeros) is spread evenly over the rest,
    so that nothing is lost.
    """
    x = step.inputs[0].get()
    scale = step.argument(3 if step.name == "batch_norm" else 2, "weight")
    scaled = isinstance(scale, Tensor) and step.name != "layer_norm"
    if bool(x.abs().amin() > 0) and not (scaled and bool((scale == 0).any())):
        return relevance
    alive = non_zero(x).to(relevance.dtype)
    if scaled:
        alive *= non_zero(scale.detach()).to(alive.dtype).view(1, -1, *[1] * (x.ndim - 2))
    kept = relevance * alive
    return uniform_shift(kept, per_image(kept) - per_image(relevance))
