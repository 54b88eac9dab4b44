"""What is read from the index and the boxes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="module")
def cases(recipe: SimpleNamespace, data_set: Path) -> object:
    return recipe.data.load_cases(data_set, "train", recipe.spec.SPEC)


def test_planes_are_gray_between_0_and_1_at_the_model_size(recipe: SimpleNamespace, cases: object) -> None:
    spec = recipe.spec.SPEC
    assert cases.planes.shape == (8, 1, spec.height, spec.width)
    assert float(cases.planes.min()) == pytest.approx(0, abs=1e-6)
    assert float(cases.planes.max()) == pytest.approx(1, abs=1e-6)


def test_masks_cover_the_boxes_of_opacities_alone(recipe: SimpleNamespace, cases: object) -> None:
    scale = recipe.spec.SPEC.width / 64
    mask = cases.masks[0, 0]
    assert float(mask.sum()) == pytest.approx(16 * 24 * scale**2, rel=0.02)
    rows, columns = mask.nonzero(as_tuple=True)
    assert float(columns.min()) == 8 * scale
    assert float(rows.min()) == 16 * scale
    assert cases.boxed.tolist() == [True, True, False, False, False, False, False, False]
    assert float(cases.masks[6].sum()) == 0, "a box of another disease is no opacity"


def test_images_are_found_by_reading_and_view(recipe: SimpleNamespace, cases: object) -> None:
    data = recipe.data
    assert cases.where(data.OPACITY) == [0, 1]
    assert cases.where(data.OPACITY, data.NORMAL, view="PA") == [1, 3]
    assert cases.where(data.UNREAD) == [6, 7]


def test_batches_are_drawn_from_the_allowed_images_alone(recipe: SimpleNamespace, cases: object) -> None:
    groups = recipe.train.sampling_groups(cases, {0, 2, 3, 7})
    assert groups["opacity AP"] == [0]
    assert groups["opacity PA"] == []
    assert groups["normal PA"] == [3]
    assert groups["unread"] == [7]
    assert {i for group in groups.values() for i in group} <= {0, 2, 3, 7}
