"""Which rule of layer-wise relevance propagation each named method applies to which layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from cxr_desktop.attribution.lrp import Composite, LayerRule, alpha_beta, epsilon, flat, gamma

Options = Mapping[str, Any]


def _epsilon(options: Options) -> LayerRule:
    return partial(epsilon, stabiliser=float(options["epsilon"]))


def plus(options: Options, name: str = "epsilon_plus", first: LayerRule = alpha_beta) -> Composite:
    """Convolutions z-plus, dense layers epsilon."""
    return Composite(name, alpha_beta, _epsilon(options), first)


def _epsilon_throughout(options: Options) -> Composite:
    rule = _epsilon(options)
    return Composite("epsilon", rule, rule, rule, cancels=True)


def _alpha2beta1(_: Options) -> Composite:
    rule = partial(alpha_beta, alpha=2.0, beta=1.0)
    return Composite("alpha2beta1", rule, epsilon, rule)


def _gamma_box(options: Options) -> Composite:
    rule = partial(gamma, factor=float(options["gamma"]))
    return Composite("epsilon_gamma_box", rule, _epsilon(options), None)


def _excitation(_: Options) -> Composite:
    return Composite("excitation_backprop", alpha_beta, alpha_beta, alpha_beta)


COMPOSITES: Mapping[str, Callable[[Options], Composite]] = {
    "epsilon": _epsilon_throughout,
    "alpha2beta1": _alpha2beta1,
    "epsilon_plus": plus,
    "epsilon_plus_flat": partial(plus, name="epsilon_plus_flat", first=flat),
    "epsilon_gamma_box": _gamma_box,
    "excitation_backprop": _excitation,
}
