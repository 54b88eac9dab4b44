"""Relevance per channel and maps of one unit alone."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from cxr_desktop.attribution import (
    AttributionError,
    attribute,
    explain,
    network_relevance,
    unit_activations,
    unit_layers,
    units,
)


def test_layers_are_named_in_order(build, images: Tensor) -> None:
    names = unit_layers(build("resnet18"), images)
    assert names[:3] == ("conv1", "layer1.0.conv1", "layer1.0.conv2")
    assert names[-1] == "fc"
    assert len(names) == 21


@pytest.mark.parametrize("method", ["rap", "epsilon_plus"])
def test_channels_add_up_to_the_decision(build, images: Tensor, method: str) -> None:
    network = build("vgg11_bn").double()
    x = images.double()
    found = units(network, x, 2, "features.8", method, count=4)
    whole = attribute(network, x, 2, method).sum((1, 2, 3))
    if method == "rap":
        assert torch.allclose(found.relevance.sum(1), whole, rtol=1e-6)
    assert found.relevance.shape == (2, 256)
    assert found.activations.shape[:2] == (2, 4)
    assert bool((found.activations >= 0).all())
    picked = found.relevance.gather(1, found.top)
    assert torch.allclose(picked[:, 0], found.relevance.amax(1))
    assert bool((picked.diff(dim=1) <= 0).all())


def test_maps_of_all_units_add_up_to_the_map_of_a_linear_rule(images: Tensor) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.ReLU(),
        nn.Conv2d(4, 5, 3),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(5, 2),
    )
    network, x = network.double().eval(), images.double()
    whole = attribute(network, x, 1, "epsilon_plus")
    parts = [attribute(network, x, 1, "epsilon_plus", through=("2", k)) for k in range(5)]
    assert torch.allclose(sum(parts), whole, atol=1e-12)
    assert float(parts[0].abs().max()) > 0


def test_relevance_through_one_unit_is_conserved(build, images: Tensor) -> None:
    network, x = build("resnet18").double(), images.double()
    found = units(network, x, 1, "layer3.1.conv2", count=1)
    for image, channel in enumerate(found.top[:, 0].tolist()):
        one = explain(network, x[image : image + 1], 1, "rap", through=("layer3.1.conv2", channel))
        assert float(one.start) == pytest.approx(float(found.relevance[image, channel]), rel=1e-9)
        assert float(one.gap) < 1e-5


def test_the_last_feature_map_is_the_default(build, images: Tensor) -> None:
    network = build("densenet121")
    found = units(network, images, 0, method="rsp")
    assert found.relevance.shape == (2, 1024)
    assert found.activations.shape == (2, 9, 2, 2)


def test_wrong_units_are_refused_in_words(build, images: Tensor) -> None:
    network = build("resnet18")
    with pytest.raises(AttributionError, match=r"no layer is named 'layer9'.*layer4\.1\.conv2"):
        units(network, images, 0, "layer9")
    with pytest.raises(AttributionError, match="no relevance inside"):
        units(network, images, 0, method="saliency")
    with pytest.raises(AttributionError, match="starts before the layer fc"):
        units(network, images, 0, "fc", "rsp")
    with pytest.raises(AttributionError, match="no channel 64; it has 64"):
        attribute(network, images, 0, "rap", through=("conv1", 64))
    with pytest.raises(AttributionError, match="a pair"):
        attribute(network, images, 0, "rap", through="conv1")


def test_one_walk_tells_what_passes_every_layer(build, images: Tensor) -> None:
    network, x = build("vgg11_bn").double(), images.double()
    whole = network_relevance(network, x, 2, "rap")
    assert [layer.layer for layer in whole.layers] == list(unit_layers(network, x))
    assert whole.deepest == "features.25"
    for layer in whole.layers:
        alone = units(network, x, 2, layer.layer, "rap")
        assert torch.allclose(layer.relevance, alone.relevance, rtol=1e-9)
        assert layer.size == tuple(alone.activations.shape[2:])


def test_a_sum_of_branches_is_listed_beside_its_layers(build, images: Tensor) -> None:
    network, x = build("resnet18").double(), images.double()
    whole = network_relevance(network, x, 0, "rsp")
    assert whole.deepest == "last feature map"
    assert [layer.layer for layer in whole.layers][-2:] == ["layer4.1.conv2", "last feature map"]
    named = units(network, x, 0, "last feature map", "rsp")
    assert torch.equal(named.relevance, units(network, x, 0, None, "rsp").relevance)


def test_channels_of_dense_layers_inside_are_their_last_axis(build, images: Tensor) -> None:
    network = build("convnext_tiny")
    layer = "features.1.0.block.3"
    found = units(network, images, 1, layer, "epsilon_plus", count=2)
    assert found.relevance.shape == (2, 384)
    assert found.activations.shape == (2, 2, 16, 16)
    made = unit_activations(network, images, layer, found.top[0].tolist())
    assert torch.equal(made[0], found.activations[0])


@pytest.mark.parametrize("method", ["rap", "rsp", "epsilon", "alpha2beta1", "attribution_equilibrium"])
def test_through_all_channels_of_a_layer_flows_the_whole_map(build, images: Tensor, method: str) -> None:
    network, x = build("vgg11_bn").double(), images.double()
    whole = attribute(network, x, 2, method)
    every = attribute(network, x, 2, method, through=("features.18", tuple(range(512))))
    assert torch.allclose(every, whole, atol=1e-9 * float(whole.abs().max()))


def test_a_concept_of_a_linear_rule_is_the_sum_of_its_units(build, images: Tensor) -> None:
    network, x = build("vgg11_bn").double(), images.double()
    single = [attribute(network, x, 2, "excitation_backprop", through=("features.8", k)) for k in (3, 70)]
    both = attribute(network, x, 2, "excitation_backprop", through=("features.8", [70, 3, 3]))
    assert torch.allclose(both, single[0] + single[1], atol=1e-12)


def test_wrong_concepts_are_refused_in_words(build, images: Tensor) -> None:
    network = build("resnet18")
    with pytest.raises(AttributionError, match="no channel of conv1 is named"):
        attribute(network, images, 0, "rap", through=("conv1", ()))
    with pytest.raises(AttributionError, match="no channel -1; it has 64"):
        attribute(network, images, 0, "rap", through=("conv1", (3, -1)))
    with pytest.raises(AttributionError, match="a pair"):
        attribute(network, images, 0, "rap", through=("conv1", ("3",)))
    with pytest.raises(AttributionError, match="no channel 512"):
        unit_activations(network, images, None, [512])
