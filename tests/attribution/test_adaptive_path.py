"""Integrated gradients whose steps are set where the gradient jumps."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from cxr_desktop.attribution import explain

METHOD = "integrated_gradients"


class OneJump(nn.Module):
    """y = relu(w x - b): on the way from 0 to x the gradient is 0 up to a place and w from there on."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.layer = nn.Linear(size, 2)
        self.layer.weight.data.uniform_(0.5, 1.0, generator=torch.Generator().manual_seed(1))

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x.flatten(1)).relu()


def crooked() -> nn.Module:
    """A gradient with many jumps, under which the score goes up and down."""
    torch.manual_seed(4)
    layers = [
        nn.Conv2d(3, 16, 3),
        nn.ReLU(),
        nn.Conv2d(16, 16, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16 * 144, 64),
    ]
    network = nn.Sequential(*layers, nn.ReLU(), nn.Linear(64, 2)).double().eval()
    for module in network:
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.weight.data *= 2
            module.bias.data.normal_()
    return network


def test_where_the_gradient_jumps_is_found() -> None:
    x = torch.rand(2, 1, 4, 4, generator=torch.Generator().manual_seed(0)).double() + 0.5
    network = OneJump(16).double().eval()
    w = network.layer.weight[1].detach()
    whole = (w * x.flatten(1)).sum(1)
    network.layer.bias.data[:] = -0.37 * whole[0]
    found = explain(network, x, 1, METHOD, baseline=0.0, adaptive=True)
    expected = x * w.view(4, 4) * (1 - 0.37 * whole[0] / whole).view(2, 1, 1, 1)
    torch.testing.assert_close(found.relevance, expected, rtol=1e-9, atol=0)
    even = explain(network, x, 1, METHOD, baseline=0.0, steps=found.options["steps"])
    assert float(even.gap.max()) > 1e-3


def test_each_image_gets_nodes_until_its_gap_is_small() -> None:
    x = torch.rand(3, 3, 16, 16, generator=torch.Generator().manual_seed(0)).double() * 4 - 2
    network = crooked()
    found = explain(network, x, 1, METHOD, adaptive=True, tolerance=1e-3)
    even = explain(network, x, 1, METHOD, steps=found.options["steps"])
    assert float(found.gap.max()) <= 1e-3 < float(even.gap.max())
    alone = torch.cat(
        [explain(network, one, 1, METHOD, adaptive=True, tolerance=1e-3).relevance for one in x.split(1)]
    )
    torch.testing.assert_close(found.relevance, alone, rtol=1e-7, atol=1e-9)
    exact = explain(network, x, 1, METHOD, steps=1000).relevance
    assert float((found.relevance - exact).norm() / exact.norm()) < 0.05


@pytest.mark.parametrize("most", [1, 20])
def test_nodes_are_no_more_than_allowed(most: int) -> None:
    x = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0)).double() * 4 - 2
    found = explain(crooked(), x, 1, METHOD, adaptive=True, tolerance=1e-6, max_steps=most)
    assert found.options["steps"] == max(2, most)
