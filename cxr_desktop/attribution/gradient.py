"""Methods that need the network's gradient with respect to the image and nothing else of its inside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cxr_desktop.attribution.adaptive_path import adaptive_nodes
from cxr_desktop.attribution.many import Forward, Many
from cxr_desktop.attribution.memory import in_pieces
from cxr_desktop.domain.progress import Progress


def gradient(forward: Forward, inputs: Tensor, targets: Tensor) -> Tensor:
    """(N, C, H, W) gradient of each image's target logit; leaves no trace on parameters."""
    with torch.enable_grad():
        leaf = inputs.detach().clone().requires_grad_()
        logits = forward(leaf).gather(1, targets[:, None]).sum()
        return torch.autograd.grad(logits, leaf)[0]


def saliency(_inputs: Tensor, gradient: Tensor) -> Tensor:
    """|gradient| (Simonyan et al., ICLR workshop 2014)."""
    return gradient.abs()


def input_x_gradient(inputs: Tensor, gradient: Tensor) -> Tensor:
    """x * gradient (Shrikumar et al. 2016)."""
    return inputs * gradient


def smoothgrad(
    forward: Forward,
    inputs: Tensor,
    targets: Tensor,
    samples: int = 25,
    noise: float = 0.15,
    seed: int = 0,
    batch: int = 8,
    progress: Progress | None = None,
) -> Tensor:
    """Mean |gradient| over noisy copies (Smilkov et al. 2017).

    noise: standard deviation as a share of the image's range.
    """
    generator = torch.Generator().manual_seed(seed)
    axes = (1, 2, 3)
    spread = noise * (inputs.amax(axes, keepdim=True) - inputs.amin(axes, keepdim=True))
    grains = torch.randn(samples, *inputs.shape[1:], generator=generator, dtype=torch.float32)
    total = torch.zeros_like(inputs)

    def add(first: int, last: int) -> None:
        noisy = inputs + grains[first:last, None].to(inputs) * spread
        found = gradient(forward, _together(noisy), targets.repeat(last - first)).abs()
        total.add_(found.unflatten(0, (last - first, -1)).sum(0))

    in_pieces(samples, max(1, batch // len(inputs)), add, progress)
    return total / samples


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """An integral along the straight line from the baseline. start: (N,) y(x) - y(x0)."""

    relevance: Tensor
    start: Tensor
    steps: int


def baseline_of(inputs: Tensor, gray: float | None) -> Tensor:
    """(N, C, H, W) of one gray value; None for each image's own minimum, black."""
    return torch.zeros_like(inputs) + (inputs.amin((1, 2, 3), keepdim=True) if gray is None else gray)


def integrated_gradients(
    many: Many,
    inputs: Tensor,
    targets: Tensor,
    baseline: float | None = None,
    steps: int = 50,
    adaptive: bool = False,
    tolerance: float = 0.01,
    max_steps: int = 400,
    batch: int = 8,
    progress: Progress | None = None,
) -> Path:
    """(x - x0) * the mean gradient on the way from x0 to x (Sundararajan et al., ICML 2017).

    Gauss-Legendre quadrature with `steps` nodes. adaptive: few nodes, and more where they are needed, up to
    `max_steps`, until each image's completeness gap is at most `tolerance`. many: made ready with the first image.
    """
    base = baseline_of(inputs, baseline)
    with torch.no_grad():
        ends = many.entry.enter(torch.cat([inputs, base]))
        own, reference = torch.cat([many.first, many.forward(ends[1:])]).chunk(2)
    start = (own - reference).gather(1, targets[:, None])[:, 0]
    if not adaptive:
        mean = many.entry.leave(_mean_gradient(many.forward, ends, targets, steps, batch, progress))
        return Path((inputs - base) * mean, start, steps)
    asked = zip(ends.unflatten(0, (2, -1)).unbind(1), targets.tolist(), start.tolist(), strict=True)
    lines = (
        adaptive_nodes(many.entry, pair, target, change, tolerance, max_steps, batch, progress)
        for pair, target, change in asked
    )
    means, counts = zip(*((nodes.mean(), len(nodes.at)) for nodes in lines), strict=True)
    return Path((inputs - base) * torch.cat(means), start, max(counts))


def _mean_gradient(
    forward: Forward,
    ends: Tensor,
    targets: Tensor,
    steps: int,
    batch: int,
    progress: Progress | None,
) -> Tensor:
    """The gradient's mean between the second half of `ends` (2 N, ...) and the first."""
    own, base = ends.chunk(2)
    nodes, weights = (part.to(ends) for part in _legendre(steps))
    way = own - base
    total = torch.zeros_like(own)

    def add(first: int, last: int) -> None:
        points = base[None] + nodes[first:last].view(-1, 1, 1, 1, 1) * way[None]
        found = gradient(forward, _together(points), targets.repeat(last - first))
        total.add_(torch.einsum("s,snchw->nchw", weights[first:last], found.unflatten(0, (last - first, -1))))

    in_pieces(steps, max(1, batch // len(own)), add, progress)
    return total


def _together(points: Tensor) -> Tensor:
    """(K, N, C, H, W) as one batch; several images at a time are convolved faster with channels last."""
    return points.flatten(0, 1).contiguous(memory_format=torch.channels_last)


def _legendre(steps: int) -> tuple[Tensor, Tensor]:
    """Nodes and weights of Gauss-Legendre quadrature on 0..1, float64."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    return torch.from_numpy((nodes + 1) / 2), torch.from_numpy(weights / 2)
