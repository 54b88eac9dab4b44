"""The first layer on its own: the same logits and gradients, or the whole network."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cxr_desktop.attribution import explain
from cxr_desktop.attribution.folded import folded
from cxr_desktop.attribution.many import Entry, split_entry
from cxr_desktop.attribution.tape import record


def entered(network: nn.Module, x: Tensor) -> Entry:
    tape = record(network, x[:1])
    return split_entry(folded(network, tape), tape)


@pytest.mark.parametrize(
    "name", ["vgg11_bn", "resnet18", "densenet121", "timm:tf_efficientnet_lite0", "xrv:densenet"]
)
def test_logits_and_gradients_are_those_of_the_network(
    build: Callable[..., nn.Module], images: Tensor, name: str
) -> None:
    network = build(name).double()
    x = (images[:, :1] if name.startswith("xrv") else images).double()
    entry = entered(network, x)
    torch.testing.assert_close(entry.whole(x), network(x), rtol=1e-9, atol=1e-10)
    leaf, inner = x.clone().requires_grad_(), entry.enter(x).requires_grad_()
    (expected,) = torch.autograd.grad(network(leaf)[:, 1].sum(), leaf)
    (found,) = torch.autograd.grad(entry.forward(inner.clone())[:, 1].sum(), inner)
    assert inner.shape != x.shape or name.startswith("timm")
    torch.testing.assert_close(entry.leave(found), expected, rtol=1e-7, atol=1e-9)


class Reads(nn.Module):
    """How the image comes to the first convolution is told."""

    def __init__(self, reads: Callable[[Reads, Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.first, self.other, self.head = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 1), nn.Linear(3, 2)
        self.narrow = nn.Conv2d(3, 3, 3)
        self.reads = reads
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.reads(self, x).relu().mean((2, 3)))


READS: dict[str, Callable[[Reads, Tensor], Tensor]] = {
    "two readers": lambda net, x: net.first(x) + net.other(x),
    "added to itself": lambda net, x: net.first(x) + x,
    "normalised before": lambda net, x: net.first((x - 0.5) / 0.2),
    "called twice": lambda net, x: net.first(net.first(x).relu()),
    "scaled by its size": lambda net, x: net.narrow(x) * x.shape[2] / 64,
}


@pytest.mark.parametrize("case", READS)
def test_where_the_image_is_not_read_by_one_layer_alone_the_map_is_right(images: Tensor, case: str) -> None:
    network, x = Reads(READS[case]).double(), images.double()
    if case != "scaled by its size":
        entry = entered(network, x)
        assert entry.enter(x) is x
    assert float(explain(network, x, 1, "integrated_gradients", steps=400).gap.max()) < 1e-3
