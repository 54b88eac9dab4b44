"""A convolution by pairs of places, which is quicker than by its weights where places are few.

With X the columns that a layer's places see (C kh kw, P), a rule made of V = r X^T, V X and V^T s needs no V: these are
r (X^T X) and X (r^T s), with matrices of P x P. What two places see overlaps as what their neighbours see does, so that
both are sums, over the kernel, of products of single pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from cxr_desktop.attribution.linear_map import LinearMap

PASSED = 20
"""Multiplications of a matrix product that take as long as adding one number to another in memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The places of an ungrouped convolution's output on one image. x: (1, C, h, w), its input; size: of the output."""

    layer: LinearMap
    x: Tensor
    size: tuple[int, int]

    def cost(self, planes: int) -> int:
        """Multiplications that `products` and `gathered` take, with the products of r and of s by it."""
        places = self.size[0] * self.size[1]
        if self.layer.is_product:
            return 2 * (len(self.x[0]) + planes) * places**2
        pixels = self.x[0, 0].numel()
        passed = 2 * sum(self.layer.weight.shape[2:]) * PASSED * places * pixels
        return 2 * len(self.x[0]) * pixels**2 + 2 * planes * places**2 + passed

    def products(self) -> Tensor:
        """(P, P): X^T X."""
        pixels = (self.layer.seen(self.x) if self.layer.is_product else self.x)[0].flatten(1)
        found = pixels.T @ pixels
        if self.layer.is_product:
            return found
        found = found.view(*self.x.shape[2:], *self.x.shape[2:])
        for axis in (0, 1):
            seen = found.new_zeros(self._shape(found, axis, self.size[axis]))
            for places, under in self._offsets(axis):
                seen[_both(axis, places)] += found[_both(axis, under)]
            found = seen
        return found.flatten(2).flatten(0, 1)

    def gathered(self, pairs: Tensor) -> Tensor:
        """The adjoint of seeing, (1, C, h, w), of X pairs. pairs: (P, P)."""
        if self.layer.is_product:
            return self.layer.spread(
                (self.layer.seen(self.x).flatten(2) @ pairs).unflatten(2, self.size), self.x
            )
        found = pairs.view(*self.size, *self.size)
        for axis in (0, 1):
            spread = found.new_zeros(self._shape(found, axis, self.x.shape[2 + axis]))
            for places, under in self._offsets(axis):
                spread[_both(axis, under)] += found[_both(axis, places)]
            found = spread
        return (self.x[0].flatten(1) @ found.flatten(2).flatten(0, 1)).view_as(self.x)

    def _shape(self, found: Tensor, axis: int, size: int) -> list[int]:
        shape = list(found.shape)
        shape[axis] = shape[axis + 2] = size
        return shape

    def _offsets(self, axis: int) -> Iterator[tuple[slice, slice]]:
        """Along an axis, for each place of the kernel, the output's places and the pixels that lie under it."""
        stride, padding, dilation = (
            found[axis] for found in (self.layer.stride, self.layer.padding, self.layer.dilation)
        )
        for offset in range(self.layer.weight.shape[2 + axis]):
            shift = offset * dilation - padding
            first = max(0, -(shift // stride))
            last = min(self.size[axis] - 1, (self.x.shape[2 + axis] - 1 - shift) // stride)
            begin = first * stride + shift
            if first <= last:
                yield slice(first, last + 1), slice(begin, begin + (last - first) * stride + 1, stride)


def _both(axis: int, part: slice) -> tuple[slice, ...]:
    """The part of an axis in both places of a pair."""
    every = slice(None)
    return (part, every, part, every) if axis == 0 else (every, part, every, part)
