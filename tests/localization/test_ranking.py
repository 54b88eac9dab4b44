"""Average precision of a map's pixels, against scikit-learn."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from cxr_desktop.localization import Box, average_precision
from cxr_desktop.localization.ranking import MOST_PIXELS


@pytest.mark.parametrize("levels", [3, 1000])
def test_equals_scikit_learn_with_and_without_ties(levels: int) -> None:
    random = np.random.default_rng(levels)
    values = random.integers(-levels, levels, (60, 80)).astype(np.float32)
    boxes = [Box(10, 5, 20, 30), Box(25, 20, 30, 10)]
    truth = np.zeros(values.shape, dtype=bool)
    truth[5:35, 10:30] = truth[20:30, 25:55] = True
    expected = average_precision_score(truth.ravel(), values.ravel())
    assert average_precision(values, boxes) == pytest.approx(expected, abs=1e-12)


def test_a_large_map_is_ranked_on_a_grid_that_tells_nearly_the_same() -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=(900, 1100)).astype(np.float32)
    values[200:500, 300:700] += 1.0
    assert values.size > MOST_PIXELS
    truth = np.zeros(values.shape, dtype=bool)
    truth[200:500, 300:700] = True
    expected = average_precision_score(truth.ravel(), values.ravel())
    assert average_precision(values, [Box(300, 200, 400, 300)]) == pytest.approx(expected, abs=0.01)


def test_nothing_to_find_is_not_a_number() -> None:
    assert isnan(average_precision(np.ones((5, 5), dtype=np.float32), []))
    assert isnan(average_precision(np.ones((5, 5), dtype=np.float32), [Box(20, 20, 3, 3)]))
