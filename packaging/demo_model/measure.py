"""What the network is judged by: AUC within and across views, and where its logit map lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from data import NEITHER, NORMAL, OPACITY, UNREAD, Cases
from network import logit_map
from numpy.typing import NDArray
from spec import SPEC
from torch import Tensor, nn
from torch.nn.functional import interpolate

Floats = NDArray[np.float64]


def auc(positive: Floats, negative: Floats) -> float:
    """Mann-Whitney probability that a positive scores above a negative; NaN where one is empty."""
    if not len(positive) or not len(negative):
        return float("nan")
    difference = np.subtract.outer(positive, negative)
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())


def auc_interval(positive: Floats, negative: Floats, draws: int = 2000, seed: int = 1) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the AUC, positives and negatives redrawn apart."""
    random = np.random.default_rng(seed)
    found = [
        auc(random.choice(positive, len(positive)), random.choice(negative, len(negative)))
        for _ in range(draws)
    ]
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def images_of(cases: Cases, indices: Sequence[int]) -> Tensor:
    mean, std = torch.tensor(SPEC.mean).view(1, 3, 1, 1), torch.tensor(SPEC.std).view(1, 3, 1, 1)
    return (cases.planes[list(indices)].expand(-1, 3, -1, -1) - mean) / std


@torch.no_grad()
def logit_maps(network: nn.Module, cases: Cases, indices: Sequence[int] | None = None) -> Tensor:
    """(n, h, w) logit maps in eval mode."""
    network.eval()
    chosen = list(range(len(cases.names)) if indices is None else indices)
    return torch.cat(
        [logit_map(network, images_of(cases, chosen[i : i + 16])) for i in range(0, len(chosen), 16)]
    )


CELLS = {
    "normal": ((NORMAL,), None),
    "normal PA": ((NORMAL,), "PA"),
    "normal AP": ((NORMAL,), "AP"),
    "others": ((NORMAL, NEITHER), None),
    "others PA": ((NORMAL, NEITHER), "PA"),
    "others AP": ((NORMAL, NEITHER), "AP"),
    "all others": ((NORMAL, NEITHER, UNREAD), None),
}


def auc_cells(
    cases: Cases, scores: Floats, among: set[int] | None = None
) -> dict[str, tuple[Floats, Floats]]:
    """Scores of opacities and of those each cell compares them with."""
    cells = {}
    for name, (readings, view) in CELLS.items():
        positive = [i for i in cases.where(OPACITY, view=view) if among is None or i in among]
        negative = [i for i in cases.where(*readings, view=view) if among is None or i in among]
        cells[name] = scores[positive], scores[negative]
    return cells


def localisation(
    maps: Tensor, cases: Cases, indices: Sequence[int], percentile: float
) -> tuple[float, float]:
    """Mean IoU of the thresholded map with the union of boxes, and the pointing game, over `indices`."""
    overlaps, hits = [], []
    for plane, index in zip(maps, indices, strict=True):
        heat = interpolate(plane[None, None], size=(SPEC.height, SPEC.width), mode="bilinear")[0, 0].numpy()
        mask = cases.masks[index, 0].numpy() > 0.5
        found = heat > np.percentile(heat, percentile)
        overlaps.append((found & mask).sum() / (found | mask).sum())
        hits.append(bool(mask[np.unravel_index(heat.argmax(), heat.shape)]))
    return float(np.mean(overlaps)), float(np.mean(hits))


def auc_table(network: nn.Module, cases: Cases, among: set[int] | None = None) -> str:
    """One line: AUC per cell of the mean and of the largest logit, and localisation."""
    maps = logit_maps(network, cases)
    mean = maps.mean((1, 2)).double().numpy()
    largest = maps.flatten(1).topk(8).values.mean(1).double().numpy()
    text = [
        f"{name} {auc(*cell):.3f}/{auc(*auc_cells(cases, largest, among)[name]):.3f}"
        for name, cell in auc_cells(cases, mean, among).items()
    ]
    boxed = [i for i in range(len(cases.names)) if cases.boxed[i] and (among is None or i in among)]
    for percentile in (85, 90):
        overlap, hit = localisation(maps[boxed], cases, boxed, percentile)
        text.append(f"IoU@{percentile} {overlap:.3f}")
    return "  ".join(text) + f"  pointing {hit:.3f} (mean/top-8)"
