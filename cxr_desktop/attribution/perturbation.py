"""Methods that cover parts of the image and watch the logit; they need no gradient and no graph."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from cxr_desktop.attribution.many import Forward
from cxr_desktop.attribution.memory import in_pieces
from cxr_desktop.domain.progress import Progress


def occlusion(
    forward: Forward,
    inputs: Tensor,
    targets: Tensor,
    window: int = 32,
    stride: int = 16,
    batch: int = 16,
    progress: Progress | None = None,
) -> Tensor:
    """Fall of the logit where a square is replaced by the image's mean (Zeiler and Fergus, ECCV 2014).

    window, stride: pixels of the model input. Returns (N, 1, H, W), averaged where squares overlap.
    """
    n, _, rows, columns = inputs.shape
    corners = [(y, x) for y in _starts(rows, window, stride) for x in _starts(columns, window, stride)]
    grey = inputs.mean((1, 2, 3), keepdim=True)
    total = inputs.new_zeros(n, 1, rows, columns)
    count = inputs.new_zeros(1, 1, rows, columns)
    with torch.no_grad():
        whole = forward(inputs).gather(1, targets[:, None])

        def cover(first: int, last: int) -> None:
            some = corners[first:last]
            covered = inputs[:, None].repeat(1, len(some), 1, 1, 1)
            for k, (y, x) in enumerate(some):
                covered[:, k, :, y : y + window, x : x + window] = grey
            found = forward(covered.flatten(0, 1)).gather(1, targets.repeat_interleave(len(some))[:, None])
            fall = whole - found.view(n, len(some))
            for k, (y, x) in enumerate(some):
                total[:, 0, y : y + window, x : x + window] += fall[:, k, None, None]
                count[..., y : y + window, x : x + window] += 1

        in_pieces(len(corners), max(1, batch // n), cover, progress)
    return total / count.clamp(min=1)


def _starts(size: int, window: int, stride: int) -> list[int]:
    last = max(size - window, 0)
    starts = list(range(0, last + 1, stride))
    return starts if starts[-1] == last else [*starts, last]


def rise(
    forward: Forward,
    inputs: Tensor,
    targets: Tensor,
    masks: int = 400,
    cells: int = 8,
    keep: float = 0.5,
    batch: int = 16,
    seed: int = 0,
    progress: Progress | None = None,
) -> Tensor:
    """Mean of random smooth masks, each weighted by the logit it leaves (Petsiuk et al., BMVC 2018).

    cells: grid of a mask. keep: share of cells left open. The masks' mean is taken off, so that a
    logit that no mask changes gives a map of zero. Returns (N, 1, H, W).
    """
    n, _, rows, columns = inputs.shape
    generator = torch.Generator().manual_seed(seed)
    drawn = _masks(masks, cells, keep, rows, columns, generator)[:, 0].to(inputs)
    logits = inputs.new_zeros(n, masks)
    with torch.no_grad():

        def look(first: int, last: int) -> None:
            seen = (inputs[:, None] * drawn[first:last, None]).flatten(0, 1)
            found = forward(seen).gather(1, targets.repeat_interleave(last - first)[:, None])
            logits[:, first:last] = found.view(n, -1)

        in_pieces(masks, max(1, batch // n), look, progress)
    weights = logits - logits.mean(1, keepdim=True)
    return torch.einsum("nk,khw->nhw", weights, drawn)[:, None] / (masks * keep)


def _masks(
    count: int, cells: int, keep: float, rows: int, columns: int, generator: torch.Generator
) -> Tensor:
    tall, wide = -(-rows // cells), -(-columns // cells)
    grid = (torch.rand(count, 1, cells + 1, cells + 1, generator=generator) < keep).float()
    large = interpolate(
        grid, size=((cells + 1) * tall, (cells + 1) * wide), mode="bilinear", align_corners=False
    )
    shifts = torch.rand(count, 2, generator=generator)
    return torch.stack(
        [
            plane[:, int(dy * tall) : int(dy * tall) + rows, int(dx * wide) : int(dx * wide) + columns]
            for plane, (dy, dx) in zip(large, shifts.tolist(), strict=True)
        ]
    )
