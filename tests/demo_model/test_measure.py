"""The recipe's own numbers against scikit-learn and closed forms."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score


def test_auc_is_that_of_scikit_learn_with_ties(recipe: SimpleNamespace) -> None:
    random = np.random.default_rng(0)
    positive = random.integers(2, 9, 40).astype(float)
    negative = random.integers(0, 7, 60).astype(float)
    truth = np.r_[np.ones(40), np.zeros(60)]
    expected = roc_auc_score(truth, np.r_[positive, negative])
    assert recipe.measure.auc(positive, negative) == pytest.approx(expected)
    low, high = recipe.measure.auc_interval(positive, negative)
    assert low < expected < high


def test_auc_without_a_side_is_not_a_number(recipe: SimpleNamespace) -> None:
    assert np.isnan(recipe.measure.auc(np.array([]), np.array([1.0])))


def test_a_map_of_the_mask_itself_localises_perfectly(recipe: SimpleNamespace) -> None:
    size = recipe.spec.SPEC.width
    masks = torch.zeros(1, 1, size, size)
    masks[..., : size // 4, :] = 1.0
    cases = SimpleNamespace(masks=masks)
    overlap, hit = recipe.measure.localisation(masks[:, 0] + 0.0, cases, [0], 74)
    assert (overlap, hit) == (pytest.approx(1.0), 1.0)
    overlap, hit = recipe.measure.localisation(1 - masks[:, 0], cases, [0], 20)
    assert (overlap, hit) == (0.0, 0.0)
