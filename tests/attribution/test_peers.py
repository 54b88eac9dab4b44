"""LRP rules against zennit, gradient methods against captum, CAM methods against pytorch-grad-cam."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from cxr_desktop.attribution import attribute

zennit_composites = pytest.importorskip("zennit.composites")


def distance(a: Tensor, b: Tensor) -> float:
    a, b = a.detach(), b.detach()
    return float((a.double() - b.double()).norm() / b.double().norm())


def without_epsilon(network: nn.Module) -> nn.Module:
    """zennit folds BatchNorm but leaves its eps behind as a second, tiny scaling."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eps = 0.0
    return network


def zennit_map(network: nn.Module, composite: object, x: Tensor, target: int) -> Tensor:
    from zennit.attribution import Gradient

    with Gradient(network, composite) as attributor:
        logit = network(x)[:, target]
        start = torch.zeros(len(x), 5, dtype=x.dtype)
        start[:, target] = logit.detach()
        return attributor(x, start)[1]


@pytest.mark.parametrize("name", ["vgg11_bn", "resnet18"])
@pytest.mark.parametrize(
    "method", ["epsilon_plus", "epsilon_plus_flat", "alpha2beta1", "epsilon_gamma_box", "excitation_backprop"]
)
def test_lrp_equals_zennit(build, images: Tensor, name: str, method: str) -> None:
    from zennit.torchvision import ResNetCanonizer, VGGCanonizer

    network, peer = without_epsilon(build(name).double()), without_epsilon(build(name).double())
    x = images[:1].double()
    canonizers = [ResNetCanonizer() if "resnet" in name else VGGCanonizer()]
    kinds = {
        "epsilon_plus": lambda: zennit_composites.EpsilonPlus(canonizers=canonizers),
        "epsilon_plus_flat": lambda: zennit_composites.EpsilonPlusFlat(canonizers=canonizers),
        "alpha2beta1": lambda: zennit_composites.EpsilonAlpha2Beta1(canonizers=canonizers),
        "excitation_backprop": lambda: zennit_composites.ExcitationBackprop(canonizers=canonizers),
        "epsilon_gamma_box": lambda: zennit_composites.EpsilonGammaBox(
            low=torch.full_like(x, float(x.min())),
            high=torch.full_like(x, float(x.max())),
            canonizers=canonizers,
        ),
    }
    expected = zennit_map(peer, kinds[method](), x, 2)
    assert distance(attribute(network, x, 2, method), expected) < 1e-5


@pytest.mark.parametrize("name", ["vgg11_bn", "resnet18"])
def test_gradient_methods_equal_captum(build, images: Tensor, name: str) -> None:
    attr = pytest.importorskip("captum.attr")
    network, x = build(name).double(), images[:, :, :48, :48].double()
    base = torch.zeros_like(x) + x.amin((1, 2, 3), keepdim=True)
    for module in network.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    assert (
        distance(attribute(network, x, 1, "saliency"), attr.Saliency(network).attribute(x, target=1)) < 1e-10
    )
    expected = attr.InputXGradient(network).attribute(x, target=1)
    assert distance(attribute(network, x, 1, "input_x_gradient"), expected) < 1e-10
    expected = attr.IntegratedGradients(network).attribute(
        x, base, target=1, n_steps=6, method="gausslegendre", internal_batch_size=8
    )
    assert (
        distance(attribute(network, x, 1, "integrated_gradients", steps=6), expected) < 1e-6
    )  # captum rounds its nodes


def test_guided_backprop_equals_captum(build, images: Tensor) -> None:
    attr = pytest.importorskip("captum.attr")
    network, x = build("vgg11_bn").double(), images[:, :, :48, :48].double()
    for module in network.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    expected = attr.GuidedBackprop(network).attribute(x, target=1)
    assert distance(attribute(network, x, 1, "guided_backprop"), expected) < 1e-10


@pytest.mark.parametrize(("method", "peer"), [("gradcam", "GradCAM"), ("layercam", "LayerCAM")])
def test_cam_correlates_with_peer(build, images: Tensor, method: str, peer: str) -> None:
    """The peer scales each map to 0..1, hence equal up to an affine change."""
    library = pytest.importorskip("pytorch_grad_cam")
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    network = build("resnet18")
    x = torch.nn.functional.interpolate(images, 224, mode="bilinear")
    mine = attribute(network, x, 3, method)[:, 0]
    with getattr(library, peer)(model=network, target_layers=[network.layer4]) as cam:
        theirs = torch.from_numpy(cam(input_tensor=x, targets=[ClassifierOutputTarget(3)] * 2))
    for a, b in zip(mine, theirs, strict=True):
        assert float(torch.corrcoef(torch.stack([a.flatten(), b.flatten().to(a)]))[0, 1]) > 0.9999
