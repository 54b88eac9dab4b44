"""What reaches a layer's outputs by contributions x_i w_ij of either sign, and how it is shared out again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import torch
from torch import Tensor

from cxr_desktop.attribution.arithmetic import by_sign
from cxr_desktop.attribution.linear_map import LinearMap


@dataclass(frozen=True, slots=True, eq=False)
class SignedParts:
    """Positive contributions and, where there are two kinds, the magnitudes of negative ones.

    sides: an input that is not negative, and the (K, ...) weights by which it adds to each of the K kinds: x with
    W+ and |W-|; of an x of both signs x+ with these and |x-| with |W-| and W+.
    """

    layer: LinearMap
    sides: tuple[tuple[Tensor, Tensor], ...]

    def sums(self, z: Tensor | None = None) -> tuple[Tensor, ...]:
        """The contributions of each kind, added up; the caller's own.

        z: lin(x, W), where it is known, saves half of it: negative contributions are what it lacks of the positive
        ones. That is off by a rounding of these, which is little beside all but the smallest parts, and gives
        none where there is less than that.
        """
        if z is None:
            both = (self.layer.forward_each(v, weights) for v, weights in self.sides)
            return reduce(torch.add, both).unbind(1)
        positive = reduce(torch.add, (self.layer.forward(v, weights[0]) for v, weights in self.sides))
        return positive, (positive - z).clamp_(min=0)

    def shared(self, s: Tensor) -> Tensor:
        """The inputs' shares x_i w_ij s_j of all kinds together. s: (N, K, ...), a rate for each kind."""
        parts = (self.layer.adjoint_sum(s, weights, v).mul_(v) for v, weights in self.sides)
        return reduce(torch.add, parts)


def signed_parts(layer: LinearMap, x: Tensor, *, mixed: bool, kinds: int = 2) -> SignedParts:
    """The contributions of x, positive ones alone where `kinds` is 1. mixed: x may be negative."""
    if not mixed and kinds == 1:
        return SignedParts(layer, ((x, layer.weight.clamp(min=0)[None]),))
    weights = by_sign(layer.weight, 0)
    if not mixed:
        return SignedParts(layer, ((x, weights),))
    other = weights.flip(0)[:kinds]
    return SignedParts(layer, ((x.clamp(min=0), weights[:kinds]), ((-x).clamp(min=0), other)))
