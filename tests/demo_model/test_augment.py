"""What the random changes keep and what they change."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def test_gray_and_mask_are_warped_alike(recipe: SimpleNamespace, generator: torch.Generator) -> None:
    planes = torch.rand(6, 1, 32, 32, generator=generator)
    warped, mask = recipe.augment.warp(planes, planes.clone(), generator)
    torch.testing.assert_close(warped, mask)
    assert (warped - planes).abs().mean() > 0.05


def test_warping_mirrors_about_half_of_the_images(
    recipe: SimpleNamespace, generator: torch.Generator
) -> None:
    left = torch.zeros(400, 1, 16, 16)
    left[..., :8] = 1.0
    warped, _ = recipe.augment.warp(left, left, generator)
    on_the_right = (warped[..., 8:].sum((1, 2, 3)) > warped[..., :8].sum((1, 2, 3))).float().mean()
    assert 0.4 < on_the_right < 0.6


def test_tone_stays_in_range_and_keeps_no_fixed_brightness(
    recipe: SimpleNamespace, generator: torch.Generator
) -> None:
    changed = recipe.augment.tone(torch.full((200, 1, 16, 16), 0.5), generator)
    assert float(changed.min()) >= 0
    assert float(changed.max()) <= 1
    assert float(changed.mean((1, 2, 3)).std()) > 0.05


def test_only_the_border_is_hidden(recipe: SimpleNamespace, generator: torch.Generator) -> None:
    planes = torch.ones(50, 1, 100, 100)
    hidden = recipe.augment.hide_border(planes, generator)
    assert bool((planes == 1).all()), "the input itself must stay as it is"
    assert bool((hidden[..., 10:90, 10:90] == 1).all())
    assert set(hidden.unique().tolist()) == {0.0, 1.0}


def test_a_transplant_changes_the_region_alone(recipe: SimpleNamespace) -> None:
    host = torch.full((1, 1, 160, 160), 0.3)
    donor = torch.full((1, 1, 160, 160), 0.6)
    donor[..., 70:90, 70:90] = 0.8
    region = torch.zeros_like(host)
    region[..., 50:110, 50:110] = 1.0
    mixed = recipe.augment.transplant(host, donor, region)
    torch.testing.assert_close(mixed[..., :25, :], host[..., :25, :])
    # The donor's brightness is fitted to the host's at the rim, the blob's contrast stays.
    torch.testing.assert_close(mixed[..., 80, 80], torch.tensor([[0.5]]), atol=0.01, rtol=0)
    torch.testing.assert_close(mixed[..., 60, 60], torch.tensor([[0.3]]), atol=0.01, rtol=0)
