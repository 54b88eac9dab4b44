"""Small pieces of arithmetic that the rules share."""

from __future__ import annotations

import torch
from torch import Tensor

ROUNDING = 1e-5
"""Share of a sum of magnitudes that float32 may lose over the layers of a deep network."""


def divide(a: Tensor, b: Tensor) -> Tensor:
    """a / b where b is not zero, else zero; a quotient too large for its type counts as none."""
    return (a / b).nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)


def stabilised(z: Tensor, epsilon: float) -> Tensor:
    """z moved away from zero by epsilon, zero itself upwards."""
    return z + torch.copysign(z.new_tensor(epsilon), torch.where(z == 0, 1.0, z))


def by_sign(x: Tensor, axis: int) -> Tensor:
    """max(x, 0) and max(-x, 0), laid one behind the other on a new axis."""
    out = x.new_empty(*x.shape[:axis], 2, *x.shape[axis:])
    positive, negative = out.unbind(axis)
    torch.clamp(x, min=0, out=positive)
    torch.sub(positive, x, out=negative)
    return out


def non_zero(x: Tensor) -> Tensor:
    """1 where x is not zero, else 0, in its own type: by its sign, several times quicker than by comparing."""
    return x.sign().abs_()


def per_image(x: Tensor) -> Tensor:
    """Sum over everything but the batch, planes added up in float64, in a shape that broadcasts against x."""
    planes = x.flatten(2).sum(2) if x.ndim > 2 else x
    return planes.sum(1, dtype=torch.float64).view(-1, *[1] * (x.ndim - 1))


def uniform_shift(share: Tensor, excess: Tensor) -> Tensor:
    """Take `excess` (N, 1, ...) off the non-zero places of `share`, evenly."""
    reached = non_zero(share)
    shift = divide(excess, per_image(reached)).to(share.dtype)
    return torch.addcmul(share, reached, shift, value=-1)


def without_drift(share: Tensor, total: Tensor) -> Tensor:
    """`share` with its sum per image brought to `total` (N,), where no more than rounding parts the two.

    Sums of either sign cancel, so that float32 leaves the sum uncertain by a part of the magnitudes' sum. That
    part goes to the places nearest to zero, where it is not lost in rounding again. What is further off
    is no rounding, stays, and shows as the map's completeness gap.
    """
    images = [_settled(one, aim) for one, aim in zip(share.flatten(1), total.double(), strict=True)]
    return torch.stack(images).view_as(share)


def _settled(share: Tensor, aim: Tensor) -> Tensor:
    """share: (M,) of one image."""
    excess = share.sum(dtype=torch.float64) - aim
    size = share.abs()
    reached = size[size > 0]
    bound = (
        ROUNDING
        * size.sum(dtype=torch.float64)
        * torch.finfo(share.dtype).eps
        / torch.finfo(torch.float32).eps
    )
    if len(reached) == 0 or bool(excess.abs() > bound):
        return share
    small = (size > 0) & (size <= reached.kthvalue(max(1, len(reached) // 100)).values)
    return share - small.to(share.dtype) * (excess / small.sum()).to(share.dtype)
