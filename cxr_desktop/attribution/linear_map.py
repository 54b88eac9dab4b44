"""Convolution and dense layers as linear maps: forward, adjoint and gradient to the weight, without bias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import linear

from cxr_desktop.attribution.tape import Step, describe
from cxr_desktop.domain.errors import UnsupportedOperation

LAYERS = ("conv2d", "conv_transpose2d", "linear")
MANY = 64
"""Contributions to an output, of which some of either sign can be counted on."""


def _pair(value: int | Sequence[int]) -> list[int]:
    return [int(value)] * 2 if isinstance(value, int) else [int(part) for part in value]


@dataclass(frozen=True, slots=True)
class LinearMap:
    """lin(x, W) of a layer and its adjoint linT(s, W); any weight of the layer's shape may be given.

    weight: (O, C / groups, kh, kw), (C, O / groups, kh, kw) if transposed, or (O, C) if dense.
    """

    weight: Tensor
    bias: Tensor | None
    dense: bool = False
    stride: tuple[int, ...] = (1, 1)
    padding: tuple[int, ...] = (0, 0)
    dilation: tuple[int, ...] = (1, 1)
    transposed: bool = False
    output_padding: tuple[int, ...] = (0, 0)
    groups: int = 1

    @property
    def pointwise(self) -> bool:
        return not self.dense and tuple(self.weight.shape[2:]) == (1, 1)

    @property
    def is_product(self) -> bool:
        """A matrix product over channels, which is faster done as one."""
        return self.pointwise and self.padding == (0, 0) and self.groups == 1 and not self.transposed

    def seen(self, x: Tensor) -> Tensor:
        """What a product sees of x: every pixel, or some where it strides."""
        return x if self.stride == (1, 1) else x[..., :: self.stride[0], :: self.stride[1]]

    def spread(self, found: Tensor, x: Tensor) -> Tensor:
        """The adjoint of `seen`; x gives the shape alone."""
        if self.stride == (1, 1):
            return found
        whole = found.new_zeros(*found.shape[:2], *x.shape[2:])
        self.seen(whole).copy_(found)
        return whole

    @property
    def stackable(self) -> bool:
        return self.groups == 1 and not self.dense and not self.transposed

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        if self.dense:
            return linear(x, weight, bias)
        if self.is_product:
            x = self.seen(x)
            z = (weight.flatten(1) @ x.flatten(2)).unflatten(2, x.shape[2:])
            return z if bias is None else z + bias.view(-1, 1, 1)
        return torch.convolution(
            x,
            weight,
            bias,
            list(self.stride),
            list(self.padding),
            list(self.dilation),
            self.transposed,
            list(self.output_padding),
            self.groups,
        )

    def adjoint(self, s: Tensor, weight: Tensor, x: Tensor) -> Tensor:
        """The derivative of <lin(x, weight), s> with respect to x; x gives the shape alone."""
        if self.dense:
            return s @ weight
        if self.is_product:
            return self.spread((weight.flatten(1).T @ s.flatten(2)).unflatten(2, s.shape[2:]), x)
        return self._backward(s, x, weight, 0)

    def weight_gradient(self, x: Tensor, s: Tensor) -> Tensor:
        """The derivative of <lin(x, W), s> with respect to W, summed over the batch."""
        if self.dense:
            return s.flatten(0, -2).T @ x.flatten(0, -2)
        if self.is_product:
            return (s.flatten(2) @ self.seen(x).flatten(2).mT).sum(0)[..., None, None]
        shape = list(self.weight.shape)
        if self.stackable:
            shape[:2] = s.shape[1], x.shape[1]
        return self._backward(s, x, self.weight.new_empty(shape), 1)

    def forward_each(self, x: Tensor, weights: Tensor) -> Tensor:
        """(N, K, ...): lin(x, W) for each of K weights (K, ...), in one convolution where that is faster."""
        if self.stackable:
            return self.forward(x, weights.flatten(0, 1)).unflatten(1, (len(weights), -1))
        return torch.stack([self.forward(x, weight) for weight in weights], 1)

    def adjoint_sum(self, s: Tensor, weights: Tensor, x: Tensor) -> Tensor:
        """The sum over k of linT(s[:, k], weights[k]); the adjoint of `forward_each`."""
        if self.stackable:
            return self.adjoint(s.flatten(1, 2), weights.flatten(0, 1), x)
        parts = [self.adjoint(part, weight, x) for part, weight in zip(s.unbind(1), weights, strict=True)]
        return torch.stack(parts).sum(0)

    def forward_sum(self, x: Tensor, weights: Tensor) -> Tensor:
        """The sum over k of lin(x[:, k], weights[k])."""
        if self.stackable:
            return self.forward(x.flatten(1, 2), _side_by_side(weights))
        parts = [self.forward(part, weight) for part, weight in zip(x.unbind(1), weights, strict=True)]
        return torch.stack(parts).sum(0)

    def adjoint_each(self, s: Tensor, weights: Tensor, x: Tensor) -> Tensor:
        """(N, K, ...): linT(s, W) for each of K weights; the adjoint of `forward_sum`. x gives the shape alone."""
        if self.stackable:
            wide = x.new_empty(len(x), len(weights) * x.shape[1], *x.shape[2:])
            return self.adjoint(s, _side_by_side(weights), wide).unflatten(1, (len(weights), -1))
        return torch.stack([self.adjoint(s, weight, x) for weight in weights], 1)

    def weight_gradient_each(self, x: Tensor, s: Tensor) -> Tensor:
        """(K, ...): the derivative of <lin(x, W), s[:, k]> with respect to W, for each k."""
        if self.stackable:
            return self.weight_gradient(x, s.flatten(1, 2)).unflatten(0, (s.shape[1], -1))
        return torch.stack([self.weight_gradient(x, part) for part in s.unbind(1)])

    def _backward(self, s: Tensor, x: Tensor, weight: Tensor, which: int) -> Tensor:
        mask = [which == 0, which == 1, False]
        found = torch.ops.aten.convolution_backward(
            s,
            x,
            weight,
            None,
            list(self.stride),
            list(self.padding),
            list(self.dilation),
            self.transposed,
            list(self.output_padding),
            self.groups,
            mask,
        )
        return found[which]

    def scaled(self, factor: Tensor, shift: Tensor) -> LinearMap:
        """The map followed by a per-channel `factor * z + shift` (a BatchNorm in eval mode)."""
        if self.transposed:
            out = self.weight.unflatten(0, (self.groups, -1)) * factor.view(self.groups, 1, -1, 1, 1)
            weight = out.flatten(0, 1)
        else:
            weight = self.weight * factor.view(-1, *[1] * (self.weight.ndim - 1))
        bias = shift if self.bias is None else self.bias * factor + shift
        return replace(self, weight=weight, bias=bias)


def known_sum(layer: LinearMap, z: Tensor) -> Tensor | None:
    """lin(x, W) of a layer whose output is z, None where z is no good for differences.

    A bias would have to be taken off again; a graphics card may round products to ten bits, and so do half types.
    Of few contributions those of one sign are often next to nothing beside the others, and lost in their rounding.
    """
    exact = layer.bias is None and z.device.type == "cpu" and z.dtype in (torch.float32, torch.float64)
    many = layer.groups == 1 and not layer.transposed and layer.weight[0].numel() >= MANY
    return z if exact and many else None


def scale_and_shift(norm: Step) -> tuple[Tensor, Tensor] | None:
    """What a 'batch_norm' step multiplies each channel by and adds to it; None where it looks at its input for that."""
    mean, variance = norm.argument(1, "running_mean"), norm.argument(2, "running_var")
    scale, shift = norm.argument(3, "weight"), norm.argument(4, "bias")
    if mean is None or variance is None or norm.argument(5, "training", False):
        return None
    rate = torch.rsqrt(variance + norm.argument(7, "eps", 1e-5))
    factor = rate if scale is None else scale.detach() * rate
    return factor, -mean * factor if shift is None else shift.detach() - mean * factor


def along(channels: Tensor, x: Tensor) -> Tensor:
    """(C,) in a shape that broadcasts against x (N, C, ...)."""
    return channels.view(-1, *[1] * (x.ndim - 2))


def _side_by_side(weights: Tensor) -> Tensor:
    """(K, O, C, kh, kw) to (O, K C, kh, kw)."""
    return weights.transpose(0, 1).flatten(1, 2)


def linear_map(step: Step) -> LinearMap:
    """The map of a 'conv2d', 'conv_transpose2d' or 'linear' step.

    Raises UnsupportedOperation for uneven 'same' padding and for a weight that depends on the input.
    """
    weight, bias = step.argument(1, "weight"), step.argument(2, "bias")
    if not isinstance(weight, Tensor):
        raise UnsupportedOperation(f"{describe(step)}: its weight depends on the input; no rule exists")
    if step.name == "linear":
        return LinearMap(weight.detach(), None if bias is None else bias.detach(), dense=True)
    transposed = step.name == "conv_transpose2d"
    late = {"output_padding": (5, 0), "groups": (6, 1), "dilation": (7, 1)}
    early = {"dilation": (5, 1), "groups": (6, 1)}
    found = {
        name: step.argument(at, name, rest) for name, (at, rest) in (late if transposed else early).items()
    }
    dilation = _pair(found["dilation"])
    return LinearMap(
        weight.detach(),
        None if bias is None else bias.detach(),
        stride=tuple(_pair(step.argument(3, "stride", 1))),
        padding=tuple(_padding(step, weight, dilation)),
        dilation=tuple(dilation),
        transposed=transposed,
        output_padding=tuple(_pair(found.get("output_padding", 0))),
        groups=int(found["groups"]),
    )


def _padding(step: Step, weight: Tensor, dilation: list[int]) -> list[int]:
    padding = step.argument(4, "padding", 0)
    if padding == "valid":
        return [0, 0]
    if padding == "same":
        total = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:], strict=True)]
        if any(t % 2 for t in total):
            raise UnsupportedOperation(f"{describe(step)}: 'same' padding of an even kernel has no rule")
        return [t // 2 for t in total]
    return _pair(padding)
