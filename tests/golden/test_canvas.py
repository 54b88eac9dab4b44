"""The canvas against pictures that a person has looked at.

Compared by means over blocks, so that another rounding of an edge passes and a lost letter, line or
shade does not. After a wanted change draw the pictures anew: see scenes.py.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QFontDatabase

BLOCK = 8
TOLERANCE = 20.0
"""Of 255, for the mean of a block."""


def _scenes():
    """The module beside this one, which is also a program."""
    path = Path(__file__).with_name("scenes.py")
    spec = importlib.util.spec_from_file_location("golden_scenes", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


scenes = _scenes()


@pytest.fixture(autouse=True)
def _same_font(qapp):
    if scenes.FONT not in QFontDatabase.families():
        pytest.skip(f"the golden images are drawn with the font {scenes.FONT}, which is not installed here")


def blocks(picture: np.ndarray) -> np.ndarray:
    height, width = (extent // BLOCK for extent in picture.shape[:2])
    cut = picture[: height * BLOCK, : width * BLOCK].astype(float)
    return cut.reshape(height, BLOCK, width, BLOCK, 3).mean(axis=(1, 3))


def difference(picture: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(blocks(picture) - blocks(other)).max())


def golden(name: str) -> np.ndarray:
    with Image.open(scenes.FOLDER / f"{name}.png") as picture:
        return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize("name", scenes.SCENES)
def test_the_canvas_looks_as_it_did(name, tmp_path):
    picture = scenes.drawn(name)
    found = difference(picture, golden(name))
    if found > TOLERANCE:
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    assert found <= TOLERANCE, f"differs by {found:.0f}; now it looks like {tmp_path / f'{name}.png'}"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda scene: setattr(scene.binding._letters, "_orientation", ("R", "F")),
        lambda scene: scene.viewer.invert(),
        lambda scene: scene.reading.change(0, scene.reading.shown.boxes[0].moved(6, 0)),
        lambda scene: scene.session.set_references(()),
        lambda scene: scene.viewer.zoom(1.02),
        lambda scene: scene.heatmap.set_opacity(0.2),
    ],
)
def test_what_is_lost_or_moved_is_noticed(spoil):
    scene = scenes.Scene()
    scenes.turned(scene)
    assert difference(scene.picture(), golden("turned")) <= TOLERANCE
    spoil(scene)
    assert difference(scene.picture(), golden("turned")) > TOLERANCE
