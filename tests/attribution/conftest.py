from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache

import pytest
import timm
import torch
import torchvision
from torch import nn


def randomise(network: nn.Module, seed: int = 0) -> nn.Module:
    """BatchNorm statistics and scales that are no identity, so that a rule that forgets them is found out.

    Some scales are negative, as training leaves them, and turn the sign of the weights they are folded into.
    """
    generator = torch.Generator().manual_seed(seed)
    for m in network.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.copy_(torch.randn(m.num_features, generator=generator) * 0.1)
            m.running_var.copy_(torch.rand(m.num_features, generator=generator) + 0.5)
            m.weight.data.copy_(torch.rand(m.num_features, generator=generator) + 0.5)
            m.weight.data[::8] *= -1
            m.bias.data.copy_(torch.randn(m.num_features, generator=generator) * 0.1)
    return network.eval()


def slim(vgg: nn.Module) -> None:
    """A dense head of sixty-four units, so that VGG's convolutions and not its memory take the time."""
    places = vgg.classifier[0].in_features
    vgg.classifier[0] = nn.Linear(places, 64)
    vgg.classifier[3] = nn.Linear(64, 64)
    vgg.classifier[6] = nn.Linear(64, vgg.classifier[6].out_features)


@cache
def built(name: str, classes: int) -> nn.Module:
    torch.manual_seed(5)
    if name.startswith("timm:"):
        return randomise(timm.create_model(name[5:], pretrained=False, num_classes=classes))
    if name == "xrv:densenet":
        xrv = pytest.importorskip("torchxrayvision", reason="pip install torchxrayvision")
        return randomise(xrv.models.DenseNet(num_classes=classes, in_channels=1))
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") or "vgg" in name else {}
    network = torchvision.models.get_model(name, weights=None, num_classes=classes, **options)
    if "vgg" in name:
        slim(network)
    return randomise(network)


@pytest.fixture(scope="session")
def build() -> Callable[..., nn.Module]:
    """A randomly initialised network, named as torchvision does, 'timm:' and timm's name, or 'xrv:densenet'."""

    def make(name: str, classes: int = 5) -> nn.Module:
        return deepcopy(built(name, classes))

    return make


@pytest.fixture
def images() -> torch.Tensor:
    return torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(6)) * 2 - 1


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small tensors on a busy machine wait for threads longer than they compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
