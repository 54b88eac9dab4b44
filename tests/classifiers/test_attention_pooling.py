from __future__ import annotations

import pytest
import timm
import torch
import torchvision

from cxr_desktop.attribution import explain
from cxr_desktop.classifiers.attention_pooling import AttentionPooling
from cxr_desktop.domain.errors import ModelError


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    torch.manual_seed(0)
    return timm.create_model(
        "tf_efficientnet_lite0", pretrained=False, num_classes=1, output_stride=16
    ).eval()


@torch.no_grad()
def test_logit_lies_between_the_mean_and_the_strongest_place(network: torch.nn.Module) -> None:
    x = torch.rand(2, 3, 96, 96)
    features = network.forward_features(x)
    dense = network.get_classifier()
    places = torch.einsum("k,nkhw->nhw", dense.weight[0], features).flatten(1) + dense.bias
    flat = AttentionPooling(network, 1e-6)(x)[:, 0]
    assert torch.allclose(flat, network(x)[:, 0], rtol=1e-4, atol=1e-4)
    sharp = AttentionPooling(network, 1e6)(x)[:, 0]
    assert torch.allclose(sharp, places.amax(1), rtol=1e-4, atol=1e-4)
    share = (2.0 * places).softmax(1)
    assert torch.allclose(
        AttentionPooling(network, 2.0)(x)[:, 0], (share * places).sum(1), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize(
    "method", ["rap", "rsp", "epsilon_plus", "gradcam", "cam", "deeplift", "guided_backprop"]
)
def test_maps_pass_through_the_head(network: torch.nn.Module, method: str) -> None:
    pooled = AttentionPooling(network, 2.0).double().eval()
    x = torch.rand(1, 3, 96, 96).double()
    found = explain(pooled, x, 0, method)
    assert float(found.relevance.abs().max()) > 0
    if method in ("rap", "rsp"):
        assert float(found.gap.max()) < 1e-5


def test_another_head_is_refused() -> None:
    with pytest.raises(ModelError, match="one dense layer and one label"):
        AttentionPooling(torchvision.models.resnet18(weights=None), 1.0)
