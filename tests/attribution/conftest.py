from __future__ import annotations

from collections.abc import Callable

import pytest
import timm
import torch
import torchvision
from torch import nn


def randomise(network: nn.Module, seed: int = 0) -> nn.Module:
    """BatchNorm statistics and scales that are no identity, so that a rule that forgets them is found out."""
    generator = torch.Generator().manual_seed(seed)
    for m in network.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.copy_(torch.randn(m.num_features, generator=generator) * 0.1)
            m.running_var.copy_(torch.rand(m.num_features, generator=generator) + 0.5)
            m.weight.data.copy_(torch.rand(m.num_features, generator=generator) + 0.5)
            m.bias.data.copy_(torch.randn(m.num_features, generator=generator) * 0.1)
    return network.eval()


@pytest.fixture(scope="session")
def build() -> Callable[[str], nn.Module]:
    """A randomly initialised network by torchvision's or, with 'timm:', timm's name; five classes, eval mode."""

    def make(name: str, **options: object) -> nn.Module:
        torch.manual_seed(5)
        if name.startswith("timm:"):
            return randomise(timm.create_model(name[5:], pretrained=False, **({"num_classes": 5} | options)))
        if name in ("googlenet", "inception_v3"):
            options = {"init_weights": False, **options}
        return randomise(torchvision.models.get_model(name, weights=None, num_classes=5, **options))

    return make


@pytest.fixture
def images() -> torch.Tensor:
    return torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(6)) * 2 - 1
