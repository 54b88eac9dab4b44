"""Attribution Equilibrium (Nam and Lee, arXiv:2205.11109), after the authors' published rules."""

from __future__ import annotations

from torch import Tensor

from cxr_desktop.attribution.arithmetic import divide, per_image, uniform_shift
from cxr_desktop.attribution.linear_map import linear_map
from cxr_desktop.attribution.relative import RelativeRules
from cxr_desktop.attribution.sharing import by_pool
from cxr_desktop.attribution.tape import Step, Tape
from cxr_desktop.attribution.walk import Shares, summed_to

TINY = 1e-9


class EquilibriumRules(RelativeRules):
    """Evidence for and against kept in balance, inactive places taking part with the evidence against.

    ratio: how much the evidence for the class outweighs that against it, 1..2. A residual sum halves its
    relevance; the published code leaves out the shortcut's half there, which is taken for a slip.
    """

    method = "attribution_equilibrium"

    def __init__(self, tape: Tape, ratio: float = 2.0) -> None:
        super().__init__(tape)
        self.ratio = ratio

    def layer(self, step: Step, relevance: Tensor) -> Shares:
        layer, x = linear_map(step), step.inputs[0].get()
        size = layer.weight.abs()
        towards, against = _to_one(relevance.clamp(min=0)), -_to_one(relevance.clamp(max=0))
        active = x.clamp(min=0)
        favour = 1.0 if layer.pointwise else self.ratio
        z = layer.forward(active, size)
        share = active * layer.adjoint(divide(favour * towards + against, z), size, x)
        if not layer.pointwise:
            share = uniform_shift(share, (per_image(towards) != 0).double())
        on = (x > 0).to(x.dtype)
        for gate, part in ((on, towards), (1 - on, against)):
            share = share + gate * layer.adjoint(divide(part, layer.forward(gate, size)), size, x)
        return (share,)

    def pool(self, step: Step, relevance: Tensor) -> Shares:
        return (by_pool(step, relevance, step.inputs[0].get().clamp(min=0) + TINY),)

    def add(self, step: Step, relevance: Tensor) -> Shares:
        return tuple(summed_to(relevance / len(step.inputs), value.shape) for value in step.inputs)


def start_map(features: Tensor, gradients: Tensor) -> Tensor:
    """A mean_hw(dy/dA) over the magnitude of its sum. features, gradients: (N, C, h, w)."""
    weighted = features * gradients.mean((2, 3), keepdim=True)
    return divide(weighted, per_image(weighted).abs()).to(features.dtype)


def _to_one(part: Tensor) -> Tensor:
    """Scaled to a sum of one per image, whatever its sign; zero stays zero."""
    return divide(part, per_image(part)).to(part.dtype)
