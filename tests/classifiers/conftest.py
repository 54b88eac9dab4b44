"""Small model packages built on the spot, and images to feed them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import nn

from cxr_desktop.domain import InstanceHeader, Radiograph

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

CARD = """
name = "{name}"
title = "A small one"
version = "1.2.3"
architecture = "{architecture}"
intended_use = "tests"
limits = ["none known"]
[architecture_options]
{options}
[weights]
file = "{file}"
sha256 = "{sha256}"
{labels}
[input]
height = {size}
width = {size}
channels = {channels}
fit = "{fit}"
normalisation = "{normalisation}"
{extra}
"""


class PackageMaker:
    """Writes model packages under a folder and gives back where."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def card(self, directory: Path, **fields: object) -> Path:
        """Write a card alone; `labels` is a tuple of names, any other field fills the text above."""
        labels = fields.pop("labels", ("Lung Opacity", "Nodule"))
        values = {
            "name": directory.name,
            "architecture": "timm:test_resnet",
            "options": "num_classes = 2",
            "file": "weights.safetensors",
            "sha256": "0" * 64,
            "size": 64,
            "channels": 3,
            "fit": "letterbox",
            "normalisation": "percentile",
            "extra": "",
        } | fields
        values["labels"] = "".join(f'[[labels]]\nname = "{label}"\n' for label in labels)  # type: ignore[attr-defined]
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "model.toml").write_text(CARD.format(**values), encoding="utf-8")
        return directory

    def with_file(self, content: bytes, file: str, name: str = "small", **fields: object) -> Path:
        """A package whose weights file holds `content`, with the right hash."""
        directory = self._root / name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / file).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        return self.card(directory, **({"file": file, "sha256": digest} | fields))

    def with_network(self, network: nn.Module, name: str = "small", **fields: object) -> Path:
        """A package of the network's weights as safetensors."""
        return self.with_state(network.state_dict(), name, **fields)

    def with_state(self, state: Mapping[str, torch.Tensor], name: str = "small", **fields: object) -> Path:
        content = save({key: value.contiguous() for key, value in state.items()})
        return self.with_file(content, "weights.safetensors", name, **fields)


@pytest.fixture
def packages(tmp_path: Path) -> PackageMaker:
    return PackageMaker(tmp_path / "packages")


@pytest.fixture
def small_network() -> nn.Module:
    """timm's smallest ResNet with two outputs, weights seeded."""
    import timm

    torch.manual_seed(7)
    return timm.create_model("test_resnet", num_classes=2).eval()


@pytest.fixture
def small_package(packages: PackageMaker, small_network: nn.Module) -> Path:
    return packages.with_network(small_network)


@pytest.fixture
def radiograph_of() -> Callable[..., Radiograph]:
    """Wraps an array as a radiograph; keyword arguments go to its header, `colour` aside."""

    def make(pixels: np.ndarray, *, colour: bool = False, **header: object) -> Radiograph:
        told = InstanceHeader(path=Path("image.dcm"), rows=pixels.shape[0], columns=pixels.shape[1], **header)  # type: ignore[arg-type]
        return Radiograph(pixels, told, colour=colour)

    return make


@pytest.fixture
def noise_radiograph(radiograph_of: Callable[..., Radiograph]) -> Radiograph:
    return radiograph_of(np.random.default_rng(3).integers(0, 4096, (300, 400), dtype=np.uint16))


@pytest.fixture(scope="session")
def nih() -> Path:
    """The folder of NIH radiographs; skips where this machine has none."""
    if not (DATA / "nih" / "dev.csv").is_file():
        pytest.skip(f"needs the NIH radiographs in {DATA / 'nih'}")
    return DATA / "nih"
