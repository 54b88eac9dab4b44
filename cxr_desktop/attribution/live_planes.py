"""Leave out of a layer what no relevance can pass: input planes without a value, output planes without relevance.

Rectifiers empty many of a network's planes on an image, and the cost of a rule follows the planes that are left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from cxr_desktop.attribution.linear_map import LinearMap

SPARED = 8
"""Planes of which at least one must be empty: copying the others costs as much as fewer would save."""

PRODUCTS = 512
"""Products in which each input must take part for copies of some of them to be worth while."""

SMALL = 1 << 23
"""Products of a layer that are done before planes have been chosen."""


@dataclass(frozen=True, slots=True, eq=False)
class Narrowed:
    """A layer between its live planes. z: lin(x, W), where it is known. width: of the layer's whole input;
    inputs: which of its planes x holds, None for all of them."""

    layer: LinearMap
    x: Tensor
    relevance: Tensor
    z: Tensor | None
    width: int
    inputs: Tensor | None = None

    def widened(self, share: Tensor) -> Tensor:
        """Shares of all inputs; those of empty planes are zero."""
        if self.inputs is None:
            return share
        whole = share.new_zeros(len(share), self.width, *share.shape[2:])
        return whole.index_copy_(1, self.inputs, share)


def narrowed(layer: LinearMap, x: Tensor, relevance: Tensor, z: Tensor | None = None) -> Narrowed:
    """For rules by which an input of zero takes nothing and nothing comes of an output without relevance."""
    whole = Narrowed(layer, x, relevance, z, x.shape[1])
    if not layer.stackable or not worth_while(layer, relevance):
        return whole
    inputs, outputs = live_planes(x, 16), live_planes(relevance, 8)
    weight, bias = layer.weight, layer.bias
    if inputs is not None:
        x, weight = x.index_select(1, inputs), weight.index_select(1, inputs)
    if outputs is not None:
        relevance, weight = relevance.index_select(1, outputs), weight.index_select(0, outputs)
        z = None if z is None else z.index_select(1, outputs)
        bias = None if bias is None else bias.index_select(0, outputs)
    layer = replace(layer, weight=weight, bias=bias)
    return replace(whole, layer=layer, x=x, relevance=relevance, z=z, inputs=inputs)


def worth_while(layer: LinearMap, relevance: Tensor) -> bool:
    """Whether the layer's products cost so much more than its values that fewer planes save time."""
    many = layer.weight[:, 0].numel() >= PRODUCTS
    return many and layer.weight.numel() * relevance[0, 0].numel() >= SMALL


def live_planes(x: Tensor, grain: int) -> Tensor | None:
    """Which planes of x (N, C, h, w) are not zero in all images; None where it is not worth while to leave out others.

    Filled up with empty ones to a multiple of `grain`: vectors, and with them convolutions, come in such numbers.
    """
    alive = torch.maximum(x.amax((0, 2, 3)), -x.amin((0, 2, 3))) != 0
    found = alive.nonzero().flatten()
    size = max(1, -(-len(found) // grain)) * grain
    if size * SPARED > len(alive) * (SPARED - 1):
        return None
    filling = (~alive).nonzero().flatten()[: size - len(found)]
    return torch.cat([found, filling]).sort().values
