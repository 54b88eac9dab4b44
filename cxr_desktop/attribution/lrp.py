"""Layer-wise relevance propagation: one rule for convolutions, one for dense layers, one for the first layer.

BatchNorm that follows a convolution is folded into it; other normalisations pass relevance on.
Sources: Bach et al., PLoS ONE 2015 (epsilon, alpha-beta); Montavon et al. 2019 (composites, gamma);
Andeol et al. 2021 (gamma for inputs of both signs); Lapuschkin et al. 2019 (flat); Zhang et al. 2018
(excitation backprop).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from cxr_desktop.attribution.arithmetic import by_sign, stabilised
from cxr_desktop.attribution.folded import foldable
from cxr_desktop.attribution.linear_map import LinearMap, along, known_sum, linear_map, scale_and_shift
from cxr_desktop.attribution.live_planes import narrowed
from cxr_desktop.attribution.sharing import addends, by_addition, by_pool, z_beta
from cxr_desktop.attribution.signed_parts import signed_parts
from cxr_desktop.attribution.tape import Step, Tape
from cxr_desktop.attribution.walk import Rules, Shares, vector_jacobian

STABILISER = 1e-6


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a layer rule sees: the layer (BatchNorm folded in), its input, its output and what arrived there.

    bare: lin(x, W) of that layer, without bias, where it is known.
    """

    layer: LinearMap
    x: Tensor
    z: Tensor
    relevance: Tensor
    bare: Tensor | None = None


LayerRule = Callable[[Contribution], Tensor]


def epsilon(at: Contribution, stabiliser: float = STABILISER) -> Tensor:
    """C = x linT(R / (z + eps sign z), W)."""
    return at.x * at.layer.adjoint(at.relevance / stabilised(at.z, stabiliser), at.layer.weight, at.x)


def alpha_beta(at: Contribution, alpha: float = 1.0, beta: float = 0.0) -> Tensor:
    """C = alpha * share among positive contributions - beta * share among negative ones; biases take part."""
    live, rates = narrowed(at.layer, at.x, at.relevance, at.bare), (alpha, -beta)[: 1 if beta == 0 else 2]
    parts = signed_parts(live.layer, live.x, mixed=bool(live.x.amin() < 0), kinds=len(rates))
    sums = parts.sums(live.z if len(rates) == 2 else None)
    s = live.relevance.new_empty(len(live.x), len(rates), *live.relevance.shape[1:])
    for of_kind, z, offset, rate in zip(s.unbind(1), sums, _offsets(live.layer), rates, strict=False):
        torch.div(live.relevance, z.add_(offset), out=of_kind).mul_(rate)
    return live.widened(parts.shared(s))


def _offsets(layer: LinearMap) -> tuple[Tensor | float, Tensor | float]:
    """What the biases add to the positive and to the negative contributions, and the stabiliser."""
    if layer.bias is None:
        return STABILISER, STABILISER
    biases = by_sign(layer.bias if layer.dense else layer.bias[:, None, None], 0) + STABILISER
    return biases[0], biases[1]


def gamma(at: Contribution, factor: float = 0.25) -> Tensor:
    """Weights of the output's own sign are favoured by `factor`."""
    layer, x = at.layer, at.x
    active, negative = x.clamp(min=0), x.clamp(max=0)
    up = layer.weight + factor * layer.weight.clamp(min=0)
    down = layer.weight + factor * layer.weight.clamp(max=0)
    none = None if layer.bias is None else torch.zeros_like(layer.bias)
    bias_up = none if layer.bias is None else layer.bias + factor * layer.bias.clamp(min=0)
    bias_down = none if layer.bias is None else layer.bias + factor * layer.bias.clamp(max=0)
    share = torch.zeros_like(x)
    for side, one, two, bias in ((at.z > 0, up, down, bias_up), (at.z < 0, down, up, bias_down)):
        z = layer.forward(active, one, bias) + layer.forward(negative, two)
        s = side * at.relevance / stabilised(z, STABILISER)
        share = share + active * layer.adjoint(s, one, x) + negative * layer.adjoint(s, two, x)
    return share


def flat(at: Contribution) -> Tensor:
    """Evenly over the receptive field."""
    ones = torch.ones_like(at.layer.weight)
    field = torch.ones_like(at.x)
    s = at.relevance / stabilised(at.layer.forward(field, ones), STABILISER)
    return at.layer.adjoint(s, ones, at.x)


@dataclass(frozen=True, slots=True)
class Composite:
    """Which rule treats which layer; `first` None stands for z-beta between the image's extremes.

    cancels: its divisors are plain sums of either sign, averages too, which float32 cannot tell from zero where they
    cancel; else averages of values of both signs (DenseNet's transitions) are shared by magnitudes.
    """

    name: str
    convolution: LayerRule
    dense: LayerRule
    first: LayerRule | None
    cancels: bool = False


class LrpRules(Rules):
    """The walk of a composite."""

    def __init__(self, tape: Tape, composite: Composite) -> None:
        super().__init__(tape)
        self.composite = composite
        self.method = composite.name
        self._folded = foldable(tape)

    def layer(self, step: Step, relevance: Tensor) -> Shares:
        rule = self.composite.dense if step.name == "linear" else self.composite.convolution
        return (rule(self._contribution(step, relevance)),)

    def first(self, step: Step, relevance: Tensor) -> Shares:
        found = self._contribution(step, relevance)
        if self.composite.first is None:
            return (z_beta(self.tape, step, found.layer, relevance),)
        return (self.composite.first(found),)

    def pool(self, step: Step, relevance: Tensor) -> Shares:
        x = step.inputs[0].get()
        if "max" in step.name:
            return vector_jacobian(step, [relevance], x)
        if self.composite.cancels or self.is_nonnegative(step.inputs[0]):
            s = relevance / stabilised(step.outputs[0].get(), STABILISER)
            (gradient,) = vector_jacobian(step, [s], x)
            return (x * gradient if gradient is not None else None,)
        return (by_pool(step, relevance, x.abs()),)

    def add(self, step: Step, relevance: Tensor) -> Shares:
        if len(step.inputs) == 1:
            return (relevance,)
        whole = stabilised(step.outputs[0].get(), STABILISER)
        return by_addition(step, relevance, addends(step), whole)

    def _contribution(self, step: Step, relevance: Tensor) -> Contribution:
        layer, x = linear_map(step), step.inputs[0].get()
        z = step.outputs[0].get()
        norm, bare = self._folded.get(id(step)), known_sum(layer, z)
        found = None if norm is None else scale_and_shift(norm)
        if norm is None or found is None:
            return Contribution(layer, x, z, relevance, bare)
        factor, offset = found
        if bare is not None:
            bare = bare * along(factor, bare)
        return Contribution(layer.scaled(factor, offset), x, norm.outputs[0].get(), relevance, bare)
