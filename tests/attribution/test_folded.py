"""The copy that stands in for a network in methods that call it many times."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cxr_desktop.attribution import attribute
from cxr_desktop.attribution.folded import agreeing, folded
from cxr_desktop.attribution.tape import record


@pytest.mark.parametrize("name", ["vgg11_bn", "resnet18", "densenet121", "mobilenet_v2", "xrv:densenet"])
def test_copy_gives_the_same_logits_and_gradients(
    build: Callable[..., nn.Module], images: Tensor, name: str
) -> None:
    network = build(name).double()
    x = (images[:, :1] if name.startswith("xrv") else images).double()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    wanted = [parameter.requires_grad for parameter in network.parameters()]
    copy = folded(network, record(network, x[:1], lean=True))
    assert not any(isinstance(module, nn.BatchNorm2d) for module in copy.modules())
    torch.testing.assert_close(copy(x), network(x), rtol=1e-9, atol=1e-10)
    grads = []
    for one in (network, copy):
        leaf = x.clone().requires_grad_()
        grads.append(torch.autograd.grad(one(leaf)[:, 1].sum(), leaf)[0])
    assert float((grads[0] - grads[1]).norm() / grads[0].norm()) < 1e-8
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert [parameter.requires_grad for parameter in network.parameters()] == wanted
    assert all(parameter.is_contiguous() for parameter in network.parameters())


class Shared(nn.Module):
    """One convolution with two normalisations, and one that is asked for its scale as well."""

    def __init__(self, peeks: bool) -> None:
        super().__init__()
        self.conv, self.one, self.two = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.BatchNorm2d(4)
        self.last, self.head, self.peeks = nn.Conv2d(4, 4, 3), nn.Linear(4, 2), peeks

    def forward(self, x: Tensor) -> Tensor:
        if self.peeks:
            z = self.two(self.last(self.one(self.conv(x)))) * self.two.weight.sum()
        else:
            z = self.last(self.one(self.conv(x)) + self.two(self.conv(x)))
        return self.head(z.mean((2, 3)))


@pytest.mark.parametrize("peeks", [False, True])
def test_what_cannot_be_folded_is_left_as_it_is(images: Tensor, peeks: bool) -> None:
    torch.manual_seed(1)
    network = Shared(peeks).eval()
    tape = record(network, images[:1])
    found = agreeing(folded(network, tape), images[:1], network(images[:1]))
    assert (found is None) is peeks
    found = attribute(network, images[:1], 1, "integrated_gradients", steps=32)
    step = images[:1] - images[:1].min()
    leaf = images[:1].clone().requires_grad_()
    gradient = torch.autograd.grad(network(leaf)[:, 1].sum(), leaf)[0]  # linear: the same all the way
    torch.testing.assert_close(found, step * gradient, rtol=1e-3, atol=1e-5)


class Kept(nn.Sequential):
    """As one that holds a lock, it is of no use to `deepcopy`."""

    def __deepcopy__(self, memo: dict[int, object]) -> Kept:
        return self


def test_a_network_that_cannot_be_copied_stays_as_it_is(images: Tensor) -> None:
    network = Kept(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4 * 62 * 62, 2)).eval()
    before = list(network)
    attribute(network, images[:1], 1, "integrated_gradients", steps=2)
    assert all(module is own for module, own in zip(network, before, strict=True))
    copy = folded(network, record(network, images[:1]))
    assert not any(isinstance(module, nn.BatchNorm2d) for module in copy)
    assert all(module is own for module, own in zip(network, before, strict=True))
