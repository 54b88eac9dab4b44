"""A small data set of blobs with boxes round them, and a small untrained model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxr_desktop.cohort.plan import EvaluationPlan

SIZE = 96
CARD = """
name = "small"
version = "1.0"
architecture = "timm:test_resnet"
title = "Small network"
intended_use = "Tests"

[architecture_options]
num_classes = 2

[weights]
file = "weights.safetensors"
sha256 = "{sha256}"

[input]
height = 64
width = 64
channels = 3
fit = "letterbox"
normalisation = "percentile"

[[labels]]
name = "Lung Opacity"

[[labels]]
name = "Nodule"
"""
INDEX = """image,patient,view,rsna_class,Nodule
a.png,1,PA,Lung Opacity,1
b.png,2,PA,Lung Opacity,0
c.png,3,AP,Normal,0
d.png,4,AP,No Lung Opacity / Not Normal,1
e.png,5,AP,Normal,
f.png,6,PA,Lung Opacity,0
"""
BOXES = """image,label,x,y,width,height,source
a.png,Lung Opacity,10,20,30,30,RSNA
a.png,Pneumonia,12,22,30,25,NIH
b.png,Lung Opacity,50,20,30,40,RSNA
d.png,Nodule,40,60,10,10,NIH
f.png,Lung Opacity,14,18,30,30,RSNA
f.png,Fracture,1,1,5,5,NIH
"""


def write_image(path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, columns = np.indices((SIZE, SIZE))
    blob = np.exp(-((rows - 35) ** 2 + (columns - 15 * seed) ** 2) / 200)
    Image.fromarray((blob * 180 + random.random((SIZE, SIZE)) * 60).astype(np.uint8)).save(path)


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model package of timm's smallest ResNet, weights seeded."""
    import timm
    import torch
    from safetensors.torch import save

    torch.manual_seed(7)
    network = timm.create_model("test_resnet", num_classes=2)
    weights = save({name: value.contiguous() for name, value in network.state_dict().items()})
    folder = tmp_path_factory.mktemp("models") / "small"
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(weights)
    (folder / "model.toml").write_text(CARD.format(sha256=hashlib.sha256(weights).hexdigest()), "utf-8")
    return folder


@pytest.fixture
def data_set(tmp_path: Path) -> Path:
    """A folder with index.csv, boxes.csv and images/."""
    folder = tmp_path / "data"
    (folder / "images").mkdir(parents=True)
    (folder / "index.csv").write_text(INDEX, "utf-8")
    (folder / "boxes.csv").write_text(BOXES, "utf-8")
    for seed, name in enumerate("abcdef"):
        write_image(folder / "images" / f"{name}.png", seed)
    return folder


@pytest.fixture
def plan(data_set: Path, package: Path, tmp_path: Path) -> EvaluationPlan:
    """The data set through two methods."""
    return EvaluationPlan(
        index=data_set / "index.csv",
        images=data_set / "images",
        boxes=data_set / "boxes.csv",
        out=tmp_path / "out",
        model=str(package),
        methods=("gradcam", "saliency"),
        device="cpu",
    )


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Networks this small only wait for each other's threads."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
