"""Relative Attributing Propagation (Nam et al., AAAI 2020, arXiv:1904.00605)."""

from __future__ import annotations

from functools import reduce

import torch
from torch import Tensor

from cxr_desktop.attribution.arithmetic import divide, per_image, uniform_shift
from cxr_desktop.attribution.linear_map import LinearMap, known_sum, linear_map
from cxr_desktop.attribution.live_planes import Narrowed, narrowed
from cxr_desktop.attribution.relative import RelativeRules
from cxr_desktop.attribution.sharing import addends, by_addition, by_pool
from cxr_desktop.attribution.signed_parts import SignedParts, signed_parts
from cxr_desktop.attribution.tape import Step, Tape
from cxr_desktop.attribution.walk import Shares


class RapRules(RelativeRules):
    """residual: 'signed' shares a residual sum by its addends, and an input of both signs in two passes, as published,
    where relevance cancels in the sum and triples at every such input; 'magnitude' shares the sum by magnitudes,
    and the input in one pass by the sign of each contribution x_i w_ij. pool: the same of an average.
    """

    method = "rap"

    def __init__(self, tape: Tape, residual: str = "magnitude", pool: str = "magnitude") -> None:
        super().__init__(tape)
        self.published = residual == "signed"
        self.signed_pool = pool == "signed"

    def layer(self, step: Step, relevance: Tensor) -> Shares:
        layer, x = linear_map(step), step.inputs[0].get()
        if layer.dense and x.ndim == 2 and self._is_last(step):
            return (last_dense(x, layer, relevance),)
        live = narrowed(layer, x, relevance, known_sum(layer, step.outputs[0].get()))
        share = self._before_shift(live, mixed=not self.is_nonnegative(step.inputs[0]))
        return (live.widened(uniform_shift(share, per_image(share) - per_image(live.relevance))),)

    def _before_shift(self, at: Narrowed, *, mixed: bool) -> Tensor:
        """An input of both signs is published as two passes, |x-| as if it were active, each for all relevance."""
        if not (mixed and self.published):
            return _by_sign(signed_parts(at.layer, at.x, mixed=mixed), at.relevance, at.z)
        sides = (signed_parts(at.layer, v, mixed=False) for v in (at.x.clamp(min=0), (-at.x).clamp(min=0)))
        return reduce(torch.add, (_by_sign(parts, at.relevance) for parts in sides))

    def pool(self, step: Step, relevance: Tensor) -> Shares:
        x = step.inputs[0].get()
        if self.signed_pool or "max" in step.name or self.is_nonnegative(step.inputs[0]):
            return (by_pool(step, relevance, x, step.outputs[0].get()),)
        return (by_pool(step, relevance, x.abs()),)

    def add(self, step: Step, relevance: Tensor) -> Shares:
        if len(step.inputs) == 1:
            return (relevance,)
        u, s = addends(step)
        if self.published:
            return by_addition(step, relevance, (u, s), step.outputs[0].get())
        return by_addition(step, relevance, (u.abs(), s.abs()), u.abs() + s.abs())

    def _is_last(self, step: Step) -> bool:
        later = self.tape.steps[step.outputs[0].step + 1 :]
        return not any(found.name in ("linear", "conv2d", "conv_transpose2d") for found in later)


def last_dense(x: Tensor, layer: LinearMap, relevance: Tensor) -> Tensor:
    """Relevance of the units that feed the logits, by magnitude and relative to the whole.

    x: (N, D). relevance: (N, K), the logit at the target and zero elsewhere (or a sum of such starts).
    Returns (N, D); sums per image to the target's logit.
    """
    share = torch.zeros_like(x)
    bias = x.new_zeros(layer.weight.shape[0]) if layer.bias is None else layer.bias
    for target in (relevance != 0).any(0).nonzero().flatten().tolist():
        w, b, start = layer.weight[target], bias[target], relevance[:, target : target + 1]
        direct = x * w
        agreeing, opposing = x.clamp(min=0) * w.clamp(min=0), x.clamp(min=0) * w.clamp(max=0)
        plus = per_image(agreeing)
        minus = per_image(opposing)
        positive = plus + per_image(x.clamp(max=0) * w.clamp(max=0))
        negative = minus + per_image(x.clamp(max=0) * w.clamp(min=0))
        whole = positive + negative
        c = direct + agreeing * divide(b * divide(positive, whole), plus)
        c = c + opposing * divide(b * divide(negative, whole), minus)
        share = share + divide(c.abs(), per_image(c.abs())) * start
    return share.to(x.dtype)


def _by_sign(parts: SignedParts, relevance: Tensor, z: Tensor | None = None) -> Tensor:
    """C = sum_j x_i w_ij s_j, with the rate sA for positive and sB for negative contributions; before the shift.

    z: lin(x, W), where it is known. Divisors that are zero leave infinities and NaN, all swept to zero at the end.
    """
    a, b = parts.sums(z)
    s = a.new_empty(len(a), 2, *a.shape[1:])
    of_positive, of_negative = s.unbind(1)
    whole = a + b
    torch.div(relevance, whole, out=whole)
    if parts.layer.dense:
        torch.div(relevance, a, out=of_positive)
        of_negative.copy_(torch.where(b == 0, 0.0, whole))
    else:
        torch.div(relevance.clamp(min=0), a, out=of_positive)
        torch.div(relevance.clamp(max=0), b, out=of_negative).add_(whole)
    return parts.shared(s.nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0))
