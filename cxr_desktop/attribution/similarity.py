"""How alike two maps are."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from cxr_desktop.domain.errors import AttributionError

SSIM_WINDOW = 7


def rank_correlation(a: Tensor, b: Tensor) -> float:
    """Spearman's rho of two maps of one shape, ties sharing their mean rank; 0 where a map is constant."""
    _require_same_shape(a, b)
    x, y = _ranks(a), _ranks(b)
    x, y = x - x.mean(), y - y.mean()
    below = x.norm() * y.norm()
    return float((x * y).sum() / below) if float(below) > 0 else 0.0


def structural_similarity(a: Tensor, b: Tensor) -> float:
    """Mean SSIM of two (H, W) maps, each first divided by its own largest magnitude, in 7 x 7 windows.

    Source: Wang et al., IEEE TIP 2004, with uniform windows and a range of 2.
    Raises AttributionError for maps of two shapes, or smaller than a window.
    """
    _require_same_shape(a, b)
    if min(a.shape[-2:]) < SSIM_WINDOW:
        raise AttributionError(f"a map of {tuple(a.shape)} is smaller than a window of {SSIM_WINDOW}")
    x, y = (_scaled(part)[None, None] for part in (a, b))
    count = SSIM_WINDOW**2

    def mean(z: Tensor) -> Tensor:
        return avg_pool2d(z, SSIM_WINDOW, stride=1)

    mx, my = mean(x), mean(y)
    unbiased = count / (count - 1)
    vx, vy = (mean(x * x) - mx * mx) * unbiased, (mean(y * y) - my * my) * unbiased
    covariance = (mean(x * y) - mx * my) * unbiased
    c1, c2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2
    found = (2 * mx * my + c1) * (2 * covariance + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    return float(found.mean())


def overlap(a: Tensor, b: Tensor, share: float = 0.1) -> float:
    """Intersection over union of the `share` of places with the most relevance in either map."""
    _require_same_shape(a, b)
    count = max(1, round(share * a.numel()))
    chosen = [set(part.flatten().topk(count).indices.tolist()) for part in (a, b)]
    return len(chosen[0] & chosen[1]) / len(chosen[0] | chosen[1])


def _scaled(x: Tensor) -> Tensor:
    return x.double() / x.double().abs().max().clamp(min=1e-30)


def _ranks(x: Tensor) -> Tensor:
    _, place, counts = torch.unique(x.flatten().double(), return_inverse=True, return_counts=True)
    last = counts.cumsum(0).double()
    return (last - (counts - 1) / 2)[place]


def _require_same_shape(a: Tensor, b: Tensor) -> None:
    if a.shape != b.shape:
        raise AttributionError(f"maps of {tuple(a.shape)} and {tuple(b.shape)} cannot be compared")
