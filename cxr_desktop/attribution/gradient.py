"""Methods that need the network's gradient with respect to the image and nothing else of its inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from cxr_desktop.domain.errors import AttributionError
from cxr_desktop.domain.progress import Progress

Forward = Callable[[Tensor], Tensor]


def gradient(forward: Forward, inputs: Tensor, targets: Tensor) -> Tensor:
    """(N, C, H, W) gradient of each image's target logit; leaves no trace on parameters."""
    with torch.enable_grad():
        leaf = inputs.detach().clone().requires_grad_()
        logits = forward(leaf).gather(1, targets[:, None]).sum()
        return torch.autograd.grad(logits, leaf)[0]


def saliency(forward: Forward, inputs: Tensor, targets: Tensor) -> Tensor:
    """|gradient| (Simonyan et al., ICLR workshop 2014)."""
    return gradient(forward, inputs, targets).abs()


def input_x_gradient(forward: Forward, inputs: Tensor, targets: Tensor) -> Tensor:
    """x * gradient (Shrikumar et al. 2016)."""
    return inputs * gradient(forward, inputs, targets)


def smoothgrad(
    forward: Forward,
    inputs: Tensor,
    targets: Tensor,
    samples: int = 25,
    noise: float = 0.15,
    seed: int = 0,
    progress: Progress | None = None,
) -> Tensor:
    """Mean |gradient| over noisy copies (Smilkov et al. 2017).

    noise: standard deviation as a share of the image's range.
    """
    generator = torch.Generator().manual_seed(seed)
    axes = (1, 2, 3)
    spread = noise * (inputs.amax(axes, keepdim=True) - inputs.amin(axes, keepdim=True))
    total = torch.zeros_like(inputs)
    for i in range(samples):
        if progress is not None:
            progress(i / samples)
        grain = torch.randn(inputs.shape[1:], generator=generator, dtype=torch.float32).to(inputs)
        total += gradient(forward, inputs + grain * spread, targets).abs()
    return total / samples


@dataclass(frozen=True, slots=True)
class Path:
    """An integral along the straight line from the baseline. gap: (N,) relative completeness gap."""

    relevance: Tensor
    start: Tensor
    gap: Tensor
    steps: int


def integrated_gradients(
    forward: Forward,
    inputs: Tensor,
    targets: Tensor,
    baseline: float | Tensor | None = None,
    steps: int = 50,
    batch: int = 8,
    tolerance: float | None = None,
    max_steps: int = 400,
    progress: Progress | None = None,
) -> Path:
    """(x - x0) * the mean gradient on the way from x0 to x (Sundararajan et al., ICML 2017).

    Gauss-Legendre quadrature with `steps` nodes. baseline: None for the image's own minimum, black. tolerance:
    doubles the nodes until the gap |sum - (y(x) - y(x0))| / |y(x) - y(x0)| is below it, or `max_steps`.
    """
    low = inputs.amin((1, 2, 3), keepdim=True) if baseline is None else baseline
    base = torch.zeros_like(inputs) + low
    with torch.no_grad():
        start = _logits(forward, inputs, targets) - _logits(forward, base, targets)
    while True:
        relevance = _integral(forward, inputs, base, targets, steps, batch, progress)
        missed = (relevance.sum((1, 2, 3)) - start).abs()
        gap = missed / start.abs().clamp(min=1e-12)
        if tolerance is None or float(gap.max()) <= tolerance or steps * 2 > max_steps:
            return Path(relevance, start, gap, steps)
        steps *= 2


def _integral(
    forward: Forward,
    inputs: Tensor,
    base: Tensor,
    targets: Tensor,
    steps: int,
    batch: int,
    progress: Progress | None,
) -> Tensor:
    nodes, weights = _legendre(steps)
    way = inputs - base
    total = torch.zeros_like(inputs)
    for i in range(0, steps, batch):
        if progress is not None:
            progress(i / steps)
        at = nodes[i : i + batch].to(inputs)
        count = len(at)
        points = (base[None] + at.view(-1, 1, 1, 1, 1) * way[None]).flatten(0, 1)
        found = gradient(forward, points, targets.repeat(count)).unflatten(0, (count, -1))
        total += (found * weights[i : i + batch].to(inputs).view(-1, 1, 1, 1, 1)).sum(0)
    return total * way


def _legendre(steps: int) -> tuple[Tensor, Tensor]:
    """Nodes and weights of Gauss-Legendre quadrature on 0..1, float64."""
    import numpy as np

    if steps < 1:
        raise AttributionError(f"steps is {steps}; at least 1 is needed")
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    return torch.from_numpy((nodes + 1) / 2), torch.from_numpy(weights / 2)


def _logits(forward: Forward, x: Tensor, targets: Tensor) -> Tensor:
    return forward(x).gather(1, targets[:, None])[:, 0]
