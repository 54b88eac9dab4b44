"""The gradient's mean along a line, with nodes where they are needed.

Along a line the gradient of a network of rectifiers is constant but for jumps. Between two nodes it is taken to jump
once, where the score's change between them puts that jump; more nodes go where the gradient jumps far and where two
slopes do not explain the change. As the score places the jumps, the sum is right long before each pixel is: a small gap
says less of the map here than it does of even steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cxr_desktop.attribution.many import Entry
from cxr_desktop.attribution.memory import in_pieces
from cxr_desktop.domain.progress import Progress

FIRST = 17
SPARSE = 3
"""Every so many pixels of a gradient, along each axis, tell how far it jumps."""


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Places of the line in order. at: (K,) in 0..1; values: (K,) of the score; slopes: (K,) along the line, all
    float64; gradients: K of (C, H, W)."""

    at: Tensor
    values: Tensor
    slopes: Tensor
    gradients: tuple[Tensor, ...]

    def joined(self, other: Nodes) -> Nodes:
        at = torch.cat([self.at, other.at])
        order = at.argsort()
        values, slopes = torch.cat([self.values, other.values]), torch.cat([self.slopes, other.slopes])
        gradients = (*self.gradients, *other.gradients)
        return Nodes(at[order], values[order], slopes[order], tuple(gradients[k] for k in order.tolist()))

    def shares(self) -> Tensor:
        """(K - 1,) of each interval, over which its left gradient holds."""
        left, right = self.slopes[:-1], self.slopes[1:]
        found = (self.values.diff() / self.at.diff() - right) / (left - right)
        return found.nan_to_num(nan=0.5).clamp(0, 1)

    def missed(self, shares: Tensor | float) -> Tensor:
        """(K - 1,) how far the integral over each interval lies from the score's change."""
        mean = shares * self.slopes[:-1] + (1 - shares) * self.slopes[1:]
        return mean * self.at.diff() - self.values.diff()

    def between(self, count: int) -> Tensor:
        """Middles of the intervals that need another node most: for the sum, and for each pixel."""
        need = _part(self.missed(0.5).abs()) + _part(self.jumps() * self.at.diff())
        chosen = need.topk(min(count, len(need))).indices
        return (self.at[chosen] + self.at[chosen + 1]) / 2

    def jumps(self) -> Tensor:
        """(K - 1,) how far apart the gradients at both ends of each interval lie."""
        some = torch.stack([found[:, ::SPARSE, ::SPARSE] for found in self.gradients]).flatten(1)
        return some.diff(dim=0).norm(dim=1).cpu().double()

    def mean(self) -> Tensor:
        """(1, C, H, W): the gradient's mean along the line."""
        left = self.shares() * self.at.diff()
        weights = torch.zeros_like(self.at)
        weights[:-1] += left
        weights[1:] += self.at.diff() - left
        total = torch.zeros_like(self.gradients[0])
        for weight, gradient in zip(weights.tolist(), self.gradients, strict=True):
            total.add_(gradient, alpha=weight)
        return total[None]


def adaptive_nodes(
    entry: Entry,
    ends: Tensor,
    target: int,
    change: float,
    tolerance: float,
    most: int,
    batch: int,
    progress: Progress | None,
) -> Nodes:
    """Nodes of which the integral misses no more than `tolerance` of `change`, or `most` of them.

    ends: (2, ...) what `entry` makes of the image and of the baseline. change: of the score between them. The
    gradients of all nodes are held.
    """
    nodes = _evaluated(entry, ends, target, torch.linspace(0, 1, max(2, min(FIRST, most))).double(), batch)
    while abs(float(nodes.missed(nodes.shares()).sum())) > tolerance * abs(change) and len(nodes.at) < most:
        if progress is not None:
            progress(len(nodes.at) / most)
        places = nodes.between(min(batch, most - len(nodes.at)))
        nodes = nodes.joined(_evaluated(entry, ends, target, places, batch))
    return nodes


def _part(sizes: Tensor) -> Tensor:
    """Of their sum."""
    return sizes / sizes.sum().clamp(min=1e-300)


def _evaluated(entry: Entry, ends: Tensor, target: int, places: Tensor, batch: int) -> Nodes:
    own, base = ends.chunk(2)
    way = own - base
    values, slopes, gradients = list[Tensor](), list[Tensor](), list[Tensor]()

    def add(first: int, last: int) -> None:
        points = base + places[first:last].to(base).view(-1, 1, 1, 1) * way
        leaf = points.contiguous(memory_format=torch.channels_last).requires_grad_()
        with torch.enable_grad():
            scores = entry.forward(leaf)[:, target]
            (found,) = torch.autograd.grad(scores.sum(), leaf)
        slope, left = (found * way).sum((1, 2, 3)), entry.leave(found)
        values.append(scores.detach().cpu().double())
        slopes.append(slope.cpu().double())
        gradients.extend(left)

    in_pieces(len(places), batch, add)
    return Nodes(places, torch.cat(values), torch.cat(slopes), tuple(gradients))
