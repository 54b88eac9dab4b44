"""Random changes that keep what a radiologist sees and break what a shortcut needs."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample


def uniform(generator: torch.Generator, count: int, low: float, high: float) -> Tensor:
    return torch.rand(count, 1, 1, 1, generator=generator) * (high - low) + low


def warp(planes: Tensor, masks: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Rotate, scale, shift and mirror gray and mask alike; (n, 1, h, w) each."""
    n = len(planes)
    angle = uniform(generator, n, -12, 12).flatten() * math.pi / 180
    zoom = uniform(generator, n, 0.75, 1.12).flatten()
    aspect = uniform(generator, n, 0.92, 1.08).flatten()
    mirror = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = torch.cos(angle) * zoom * mirror
    theta[:, 0, 1] = -torch.sin(angle) * zoom * aspect
    theta[:, 1, 0] = torch.sin(angle) * zoom * mirror
    theta[:, 1, 1] = torch.cos(angle) * zoom * aspect
    theta[:, :, 2] = uniform(generator, 2 * n, -0.12, 0.12).view(n, 2)
    grid = affine_grid(theta, list(planes.shape), align_corners=False)
    both = grid_sample(torch.cat([planes, masks], dim=1), grid, align_corners=False)
    return both[:, :1], both[:, 1:]


def tone(planes: Tensor, generator: torch.Generator) -> Tensor:
    """Change gamma, contrast, sharpness and noise: the traces of a detector and its processing."""
    n = len(planes)
    planes = planes.clamp(1e-4, 1) ** torch.exp(uniform(generator, n, -0.5, 0.5))
    planes = (planes - 0.5) * uniform(generator, n, 0.7, 1.3) + 0.5 + uniform(generator, n, -0.12, 0.12)
    soft = avg_pool2d(planes, 5, stride=1, padding=2, count_include_pad=False)
    planes = planes + (planes - soft) * uniform(generator, n, -0.9, 1.5)
    noise = torch.randn(planes.shape, generator=generator)
    return (planes + noise * uniform(generator, n, 0, 0.03)).clamp(0, 1)


def hide_border(planes: Tensor, generator: torch.Generator) -> Tensor:
    """Black out a random frame, where markers, collimation and cut edges lie."""
    planes = planes.clone()
    size = planes.shape[-1]
    widths = (torch.rand(len(planes), 4, generator=generator) ** 3 * 0.1 * size).int()
    for plane, (top, bottom, left, right) in zip(planes, widths.tolist(), strict=True):
        plane[:, :top] = 0
        plane[:, size - bottom :] = 0
        plane[..., :left] = 0
        plane[..., size - right :] = 0
    return planes


def transplant(host: Tensor, donor: Tensor, region: Tensor) -> Tensor:
    """Lay the donor's region into the host, feathered and matched in mean brightness at the rim.

    host, donor, region: (n, 1, h, w); region 0..1. The collection that an image came from then says
    nothing of whether it shows an opacity.
    """
    soft = region
    for _ in range(3):
        soft = avg_pool2d(soft, 15, stride=1, padding=7, count_include_pad=False)
    rim = ((soft > 0.02) & (soft < 0.4)).float()
    weight = rim.sum(dim=(1, 2, 3), keepdim=True).clamp_min(1)
    shift = ((host - donor) * rim).sum(dim=(1, 2, 3), keepdim=True) / weight
    soft = (soft * 1.6).clamp(0, 1)
    return (host * (1 - soft) + (donor + shift) * soft).clamp(0, 1)
