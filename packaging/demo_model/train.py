"""Train the demonstration model: lung opacity on frontal chest radiographs.

    python packaging/demo_model/train.py --data DIR --out resources/models/demo

DIR holds train.csv, train_boxes.csv, dev.csv, dev_boxes.csv and the images, as the README says. What is
learnt: at each place of the last feature map, whether an opacity is there (readers' boxes; opacities
transplanted into other images), and, between images of the same view, which of two radiologist-read
images shows an opacity. The text-mined labels never serve as a target for a whole image.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from augment import hide_border, tone, transplant, warp
from data import NEITHER, NORMAL, OPACITY, UNREAD, Cases, load_cases
from measure import auc_table
from network import build, logit_map
from package import write_package
from spec import SPEC
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, binary_cross_entropy_with_logits, softplus


@dataclass(frozen=True)
class Recipe:
    epochs: int = 30
    steps: int = 14
    batch: int = 24
    rate: float = 4e-4
    seed: int = 20
    average: float = 0.99
    pair_weight: float = 1.0


@dataclass(frozen=True)
class Batch:
    """images (n, 3, h, w); masks (n, 1, h, w), 1 in an opacity; trust (n,) weight of the mask's zeros;
    grade (n,) 2 opacity, 1 neither, 0 normal, -1 unread; view (n,)."""

    images: Tensor
    masks: Tensor
    trust: Tensor
    positive: Tensor
    grade: Tensor
    view: Tensor


def draw(cases: Cases, groups: dict[str, list[int]], recipe: Recipe, generator: torch.Generator) -> Batch:
    """A batch with opacities, normals, neither and transplants in fixed shares, both views alike."""

    def some(name: str, count: int) -> list[int]:
        pool = groups[name]
        return [pool[i] for i in torch.randint(len(pool), (count,), generator=generator).tolist()]

    unit = recipe.batch // 12
    chosen = some("opacity AP", 2 * unit) + some("opacity PA", 2 * unit)
    chosen += some("normal AP", unit) + some("normal PA", unit)
    chosen += some("neither AP", unit) + some("neither PA", unit)
    hosts = some("unread", 4 * unit)
    planes, masks = cases.planes[chosen], cases.masks[chosen]
    donors = some("boxed", 2 * unit)
    shifted, regions = warp(cases.planes[donors], cases.masks[donors], generator)
    planted = transplant(cases.planes[hosts[: 2 * unit]], shifted, regions)
    calm = some("calm", 2 * unit)
    sham_region = regions[torch.randperm(len(regions), generator=generator)].flip(-1)
    sham = transplant(cases.planes[hosts[2 * unit :]], cases.planes[calm], sham_region)
    planes = torch.cat([planes, planted, sham])
    masks = torch.cat([masks, regions, torch.zeros_like(regions)])
    planes, masks = warp(planes, masks, generator)
    planes = hide_border(tone(planes, generator), generator)
    mean, std = torch.tensor(SPEC.mean).view(1, 3, 1, 1), torch.tensor(SPEC.std).view(1, 3, 1, 1)
    grades = {OPACITY: 2, NEITHER: 1, NORMAL: 0, UNREAD: -1}
    grade = [grades[cases.reading[i]] for i in chosen] + [-1] * (4 * unit)
    composite = torch.arange(4 * unit) < 2 * unit
    boxed = torch.cat([cases.boxed[chosen], composite])
    grade_t = torch.tensor(grade)
    trust = torch.where(grade_t == 0, 1.0, torch.where(grade_t == 1, 0.6, torch.where(boxed, 0.7, 0.3)))
    trust[(grade_t == 2) & ~boxed] = 0.0
    view = torch.tensor([cases.views[i] == "AP" for i in chosen + hosts]).int()
    return Batch((planes.expand(-1, 3, -1, -1) - mean) / std, masks, trust, boxed, grade_t, view)


def place_loss(logits: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy and soft Dice of the logit map against the share of each place inside a box."""
    share = adaptive_avg_pool2d(batch.masks, logits.shape[-2:])[:, 0]
    entropy = binary_cross_entropy_with_logits(logits, share, reduction="none")
    weight = torch.where(share > 0, 2.0, batch.trust.view(-1, 1, 1))
    entropy = (entropy * weight).sum() / weight.sum()
    chance = logits.sigmoid()[batch.positive]
    share = share[batch.positive]
    overlap = 2 * (chance * share).sum((1, 2)) / ((chance + share).sum((1, 2)) + 1)
    return entropy + 0.5 * (1 - overlap).mean()


def pair_loss(score: Tensor, batch: Batch) -> Tensor:
    """Logistic loss of each pair of read images of one view in the wrong order: views can teach nothing."""
    higher = batch.grade[:, None] - batch.grade[None, :]
    read = (batch.grade[:, None] >= 0) & (batch.grade[None, :] >= 0)
    wanted = read & (higher > 0) & (batch.grade[:, None] == 2) & (batch.view[:, None] == batch.view[None, :])
    weight = wanted.float() * torch.where(higher == 2, 1.0, 0.6)
    return (softplus(-(score[:, None] - score[None, :])) * weight).sum() / weight.sum().clamp_min(1)


def parameter_groups(network: nn.Module, rate: float) -> list[dict[str, object]]:
    early = [
        p for n, p in network.named_parameters() if n.startswith(("conv_stem", "bn1", "blocks.0", "blocks.1"))
    ]
    head = list(network.classifier.parameters())
    known = {id(p) for p in early + head}
    rest = [p for p in network.parameters() if id(p) not in known]
    return [
        {"params": early, "peak": rate * 0.2},
        {"params": rest, "peak": rate},
        {"params": head, "peak": rate * 5},
    ]


def train(cases: Cases, recipe: Recipe, only: set[int] | None = None) -> Iterator[nn.Module]:
    """Yields the averaged network after each epoch. only: indices to learn from, all where None."""
    torch.manual_seed(recipe.seed)
    generator = torch.Generator().manual_seed(recipe.seed)
    network = build().to(memory_format=torch.channels_last).train()
    average = copy.deepcopy(network)
    scale = nn.Parameter(torch.tensor(3.0))
    optimiser = torch.optim.AdamW(
        [*parameter_groups(network, recipe.rate), {"params": [scale], "peak": 1e-2, "weight_decay": 0.0}],
        weight_decay=0.05,
    )
    groups = sampling_groups(cases, only)
    total = recipe.epochs * recipe.steps
    for step in range(total):
        share = min((step + 1) / 20, 1) * (0.5 + 0.5 * math.cos(math.pi * step / total))
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * share
        batch = draw(cases, groups, recipe, generator)
        logits = logit_map(network, batch.images.contiguous(memory_format=torch.channels_last))
        score = scale * logits.mean((1, 2))
        loss = place_loss(logits, batch) + recipe.pair_weight * pair_loss(score, batch)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        keep = min(recipe.average, step / (step + 10))
        with torch.no_grad():
            for mine, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
                if mine.dtype.is_floating_point:
                    mine.lerp_(new, 1 - keep)
        if (step + 1) % recipe.steps == 0:
            average.eval()
            yield average


def sampling_groups(cases: Cases, only: set[int] | None) -> dict[str, list[int]]:
    def kept(indices: list[int]) -> list[int]:
        return [i for i in indices if only is None or i in only]

    every = list(range(len(cases.names)))
    groups = {"boxed": kept([i for i in every if cases.boxed[i]])}
    groups["unread"] = kept(cases.where(UNREAD))
    groups["calm"] = kept(cases.where(NORMAL))
    for view in ("AP", "PA"):
        groups[f"normal {view}"] = kept(cases.where(NORMAL, view=view))
        groups[f"neither {view}"] = kept(cases.where(NEITHER, view=view))
        boxed = [
            i for i in every if cases.views[i] == view and (cases.boxed[i] or cases.reading[i] == OPACITY)
        ]
        groups[f"opacity {view}"] = kept(boxed)
    return groups


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=Recipe.epochs)
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    recipe = Recipe(epochs=arguments.epochs, seed=arguments.seed)
    cases, dev = load_cases(arguments.data, "train", SPEC), load_cases(arguments.data, "dev", SPEC)
    start = time.monotonic()
    for epoch, network in enumerate(train(cases, recipe), start=1):
        line = f"epoch {epoch}/{recipe.epochs} {time.monotonic() - start:.0f} s"
        if epoch % 5 == 0 or epoch == recipe.epochs:
            line += "  dev " + auc_table(network, dev)
        print(line, flush=True)
    write_package(network, dev, recipe, arguments.out)


if __name__ == "__main__":
    main()
