"""The end of a network recorded alone: the same maps as from all of it, or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from cxr_desktop.attribution import cam
from cxr_desktop.attribution.late import record_head
from cxr_desktop.attribution.tape import record

NETWORKS = [
    "vgg11_bn",
    "resnet18",
    "densenet121",
    "inception_v3",
    "efficientnet_b0",
    "squeezenet1_1",
    "convnext_tiny",
]


def pooled(y: Tensor) -> Tensor:
    return relu(y).mean((2, 3))


class Branched(nn.Module):
    """Two convolutions and a head; what joins them is told."""

    def __init__(self, joined: Callable[[Branched, Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.first, self.second = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.head, self.joined = nn.Linear(4, 3), joined
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.joined(self, x))


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("method", [cam.gradcam, cam.layercam])
def test_maps_are_those_of_the_whole_tape(
    build: Callable[..., nn.Module], images: Tensor, name: str, method: Callable[[object, Tensor], Tensor]
) -> None:
    network, targets = build(name), torch.tensor([1, 3])
    x = nn.functional.interpolate(images, 96)
    tape = record_head(network, x)
    assert tape is not None
    assert len(tape.steps) < 20
    assert torch.equal(method(tape, targets), method(record(network, x), targets))


def test_the_network_keeps_its_own_modules(build: Callable[..., nn.Module], images: Tensor) -> None:
    network = build("resnet18")
    before = dict(network.named_modules())
    record_head(network, images)
    assert dict(network.named_modules()) == before
    assert all("forward" not in vars(module) for module in before.values())


class Noting(Branched):
    def forward(self, x: Tensor) -> Tensor:
        self.seen = len(x)
        return super().forward(x)


def test_what_a_network_notes_on_itself_it_finds_there(images: Tensor) -> None:
    network = Noting(lambda net, x: pooled(net.second(relu(net.first(x)))))
    assert record_head(network, images) is not None
    assert network.seen == len(images)


BEYOND: dict[str, Callable[[Branched, Tensor], Tensor]] = {
    "an unused layer": lambda net, x: pooled(net.first(x)),
    "a layer used twice": lambda net, x: pooled(net.second(net.second(relu(net.first(x))))),
    "another branch, pooled later": lambda net, x: (
        pooled(net.second(relu(net.first(x)))) + pooled(net.first(x))
    ),
    "a map made before": lambda net, x: (lambda y: pooled(net.second(y)) * 0 + pooled(y))(net.first(x)),
    "an overwritten addend": lambda net, x: (lambda y: pooled(y.add_(net.second(y))))(relu(net.first(x))),
    "a failure": lambda net, x: pooled(net.second(x)),
}


@pytest.mark.parametrize("case", BEYOND)
def test_where_more_is_needed_there_is_none(images: Tensor, case: str) -> None:
    assert record_head(Branched(BEYOND[case]), images) is None


def test_a_network_without_convolutions_has_no_such_end(images: Tensor) -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, 2)).eval()
    assert record_head(network, images) is None
