"""The changes that the examination makes, and its figures, on values known beforehand."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from cxr_desktop.classifiers import load_model

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "resources" / "models" / "demo"
NIH = REPOSITORY.parent / "shared" / "data" / "nih"


def test_the_frame_is_what_it_says(recipe: SimpleNamespace) -> None:
    frame = recipe.examine.frame(320)
    assert frame.float().mean().item() == pytest.approx(0.36)
    assert not frame[160, 160]
    assert frame[0].all()
    assert frame[:, -1].all()


def test_hidden_and_alone_part_an_image_between_them(recipe: SimpleNamespace) -> None:
    planes = torch.rand(2, 1, 40, 40)
    frame = recipe.examine.frame(40)
    hidden, alone = recipe.examine.without_frame(planes), recipe.examine.frame_alone(planes)
    assert (hidden[..., frame] == 0).all()
    assert torch.equal(hidden[..., ~frame], planes[..., ~frame])
    assert torch.equal(alone[..., frame], planes[..., frame])
    assert alone[1][..., ~frame].unique().numel() == 1


def test_calibration_error_of_a_worked_example(recipe: SimpleNamespace) -> None:
    p = np.array([0.1, 0.1, 0.8, 0.8])
    truth = np.array([0.0, 0.0, 1.0, 0.0])
    # Two bins: |0.1 - 0| and |0.8 - 0.5|, each with half of the images.
    assert recipe.examine.calibration_error(p, truth, bins=2) == pytest.approx(0.2)


@pytest.mark.slow
def test_the_stated_examination_comes_out_of_the_shipped_weights(recipe: SimpleNamespace) -> None:
    if not NIH.is_dir():
        pytest.skip(f"the NIH radiographs are not at {NIH}")
    stated = json.loads((PACKAGE / "metrics.json").read_text(encoding="utf-8"))["examination"]
    dev = recipe.data.load_cases(NIH, "dev", recipe.spec.SPEC)
    found = recipe.examine.examine(load_model(PACKAGE, device="cpu"), dev)
    for change, cell in stated["auc"].items():
        assert found["auc"][change] == pytest.approx(cell, abs=0.02), change
    for figure in ("view_alone", "relevance_in_frame", "calibration_error"):
        assert found[figure] == pytest.approx(stated[figure], abs=0.02)
