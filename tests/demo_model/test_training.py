"""What the losses reward, and that the recipe runs, is seeded, and learns."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor


def batch_of(
    recipe: SimpleNamespace, grade: list[int], view: list[int], masks: Tensor | None = None
) -> object:
    n = len(grade)
    masks = torch.zeros(n, 1, 64, 64) if masks is None else masks
    return recipe.train.Batch(
        images=torch.zeros(n, 3, 64, 64),
        masks=masks,
        trust=torch.ones(n),
        positive=masks.amax((1, 2, 3)) > 0,
        grade=torch.tensor(grade),
        view=torch.tensor(view),
    )


def test_pairs_of_different_views_teach_nothing(recipe: SimpleNamespace) -> None:
    score = torch.tensor([-5.0, 5.0])
    assert float(recipe.train.pair_loss(score, batch_of(recipe, [2, 0], [0, 1]))) == 0
    same = float(recipe.train.pair_loss(score, batch_of(recipe, [2, 0], [1, 1])))
    assert same == pytest.approx(math.log1p(math.exp(10)))


def test_unread_images_are_in_no_pair(recipe: SimpleNamespace) -> None:
    score = torch.tensor([-5.0, 5.0])
    assert float(recipe.train.pair_loss(score, batch_of(recipe, [2, -1], [0, 0]))) == 0


def test_a_map_inside_the_box_costs_less_than_one_beside_it(recipe: SimpleNamespace) -> None:
    masks = torch.zeros(1, 1, 64, 64)
    masks[..., :32, :32] = 1.0
    batch = batch_of(recipe, [2], [0], masks)
    inside = torch.full((1, 4, 4), -4.0)
    inside[:, :2, :2] = 4.0
    right, wrong = (float(recipe.train.place_loss(logits, batch)) for logits in (inside, inside.flip(-1)))
    assert right < 0.2 < 2 < wrong


def test_the_mean_of_the_logit_map_is_the_pooled_logit(recipe: SimpleNamespace, pretrained: Path) -> None:
    network = recipe.network.build().eval()
    images = torch.randn(2, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        places = recipe.network.logit_map(network, images)
        pooled = network(images)[:, 0]
    assert places.shape == (2, 6, 6)
    torch.testing.assert_close(places.mean((1, 2)), pooled, atol=1e-5, rtol=1e-4)


def test_the_pretrained_weights_fill_all_but_the_head(recipe: SimpleNamespace, pretrained: Path) -> None:
    given = torch.load(pretrained, map_location="cpu", weights_only=True)
    own = recipe.network.build().state_dict()
    assert len(given) == len(own)
    for name, expected in zip(own, given.values(), strict=True):
        if not name.startswith("classifier"):
            assert torch.equal(own[name], expected), name


def test_the_same_seed_gives_the_same_weights(
    recipe: SimpleNamespace, pretrained: Path, data_set: Path
) -> None:
    cases = small_cases(recipe, data_set)
    settings = recipe.train.Recipe(epochs=1, steps=1, batch=12)
    first, second = (next(recipe.train.train(cases, settings)).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    start = recipe.network.build().state_dict()
    changed = [name for name in start if not torch.equal(start[name], first[name])]
    assert "conv_head.weight" in changed


def small_cases(recipe: SimpleNamespace, data_set: Path) -> object:
    """The drawn images at 64 x 64, which the recipe takes as well."""
    small = replace(recipe.spec.SPEC, height=64, width=64)
    return recipe.data.load_cases(data_set, "train", small)
