"""Small pieces of arithmetic that the rules share."""

from __future__ import annotations

import torch
from torch import Tensor


def divide(a: Tensor, b: Tensor) -> Tensor:
    """a / b where b is not zero, else zero."""
    safe = torch.where(b == 0, torch.ones_like(b), b)
    return torch.where(b == 0, torch.zeros_like(a), a / safe)


def stabilised(z: Tensor, epsilon: float) -> Tensor:
    """z moved away from zero by epsilon, zero itself upwards."""
    return z + torch.where(z < 0, -epsilon, epsilon).to(z.dtype)


def per_image(x: Tensor) -> Tensor:
    """Sum over everything but the batch, added up in float64, in a shape that broadcasts against x."""
    return x.sum(dim=tuple(range(1, x.ndim)), keepdim=True, dtype=torch.float64)


def uniform_shift(share: Tensor, excess: Tensor) -> Tensor:
    """Take `excess` (N, 1, ...) off the non-zero places of `share`, evenly."""
    reached = (share != 0).to(share.dtype)
    return share - reached * divide(excess, per_image(reached)).to(share.dtype)
