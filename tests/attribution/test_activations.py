"""Recorded runs kept for the next method on the same images."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn

from cxr_desktop.attribution import Activations, attribute, explain, methods
from cxr_desktop.domain.errors import AttributionError

CHEAP = {"integrated_gradients": {"steps": 4}, "smoothgrad": {"samples": 2}, "scorecam": {"channels": 4}}
SLOW = {"occlusion", "rise", "rollout"}


class Counting(nn.Module):
    """A network that counts how often it was run."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.runs = network, 0

    def forward(self, x: Tensor) -> Tensor:
        self.runs += 1
        return self.network(x)


@pytest.fixture
def network(build: Callable[..., nn.Module]) -> Counting:
    return Counting(build("resnet18")).eval()


def test_every_method_gives_the_same_map_with_and_without(network: Counting, images: Tensor) -> None:
    kept = Activations(network)
    for method in methods():
        if method not in SLOW:
            options = CHEAP.get(method, {})
            for _ in range(2):
                found = explain(network, images, 1, method, activations=kept, **options)
                assert torch.equal(found.relevance, attribute(network, images, 1, method, **options)), method


def test_a_network_is_run_once_for_several_methods_and_targets(network: Counting, images: Tensor) -> None:
    kept = Activations(network)
    for method in ("gradcam", "rap", "rsp", "epsilon_plus"):
        for target in (0, 1):
            explain(network, images, target, method, activations=kept)
    assert network.runs == 1
    explain(network, images + 1e-6, 1, "rap", activations=kept)
    assert network.runs == 2


@pytest.mark.parametrize("method", ["gradcam", "rap"])
def test_a_network_that_rectifies_in_place_is_run_once(
    network: Counting, images: Tensor, method: str
) -> None:
    attribute(network, images, 1, method)
    assert network.runs == 1


def test_other_images_of_the_same_memory_are_other_images(network: Counting, images: Tensor) -> None:
    kept, used = Activations(network), images.clone()
    explain(network, used, 1, "rap", activations=kept)
    used.mul_(0.5)
    found = explain(network, used, 1, "rap", activations=kept)
    assert torch.equal(found.relevance, attribute(network, used, 1, "rap"))
    again = explain(network, images, 1, "rap", activations=kept)
    assert network.runs == 3
    assert torch.equal(again.relevance, attribute(network, images, 1, "rap"))


def test_no_more_is_kept_than_the_limit(network: Counting, images: Tensor) -> None:
    one = Activations(network, limit=0)
    for _ in range(2):
        explain(network, images, 1, "rap", activations=one)
    assert network.runs == 2
    kept = Activations(network)
    kept.tape(images)
    (size,) = (size for _, size in kept._kept.values())
    two = Activations(network, limit=2 * size)
    for number in (0, 1, 0, 2, 0, 1):  # the first is used again and again and stays, the second does not
        two.tape(images + number)
    assert network.runs == 2 + 1 + 4


def test_threads_share_them(network: Counting, images: Tensor) -> None:
    kept = Activations(network)
    asked = [(m, t) for m in ("gradcam", "rap", "rsp", "epsilon_plus", "alpha2beta1") for t in (0, 1, 2)] * 2
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda a: explain(network, images, a[1], a[0], activations=kept), asked))
    for (method, target), made in zip(asked, found, strict=True):
        assert torch.equal(made.relevance, attribute(network, images, target, method)), method


def test_those_of_another_network_are_refused(network: Counting, images: Tensor) -> None:
    with pytest.raises(AttributionError, match="another network"):
        explain(network, images, 1, "rap", activations=Activations(network.network))


def test_running_out_of_memory_lets_go_of_them(
    network: Counting, images: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Activations(network)
    kept.tape(images)
    plain, failed = kept.tape, []

    def tape(*arguments: object) -> object:
        if not failed:
            failed.append(True)
            raise torch.OutOfMemoryError("full")
        return plain(*arguments)

    monkeypatch.setattr(kept, "tape", tape)
    found = explain(network, images, 1, "rap", activations=kept)
    assert torch.equal(found.relevance, attribute(network, images, 1, "rap"))
    assert failed
    assert not kept._kept


@pytest.mark.parametrize(("method", "made"), [("gradcam", 1), ("rap", 1), ("integrated_gradients", 0)])
def test_a_score_is_taken_from_the_run_that_the_maps_begin_with(
    network: Counting, images: Tensor, method: str, made: int
) -> None:
    kept = Activations(network, many=True)
    with torch.inference_mode():
        logits = kept.logits(images, [method])
    assert torch.allclose(logits, network.network(images), rtol=1e-5, atol=1e-6)
    before = network.runs
    explain(network, images, 1, method, activations=kept, **CHEAP.get(method, {}))
    assert (network.runs == before) == bool(made)


def test_gradients_of_many_images_come_from_one_run_each_of_a_faster_copy(
    network: Counting, images: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Activations(network, many=True)
    kept.logits(images, ["saliency"])
    runs: list[object] = []
    forward = kept.forward
    monkeypatch.setattr(kept, "forward", lambda x: (runs.append(x), forward(x))[1])
    before = network.runs
    for number in (1, 2):
        inputs = images + number
        with torch.inference_mode():
            logits = kept.logits(inputs, ["saliency"])
        assert torch.allclose(logits, network.network(inputs), rtol=1e-4, atol=1e-5)
        for method in ("saliency", "input_x_gradient"):
            for target in (0, 1):
                found = explain(network, inputs, target, method, activations=kept).relevance
                plain = attribute(network.network, inputs, target, method)
                assert float((found - plain).norm() / plain.norm()) < 1e-5
    assert len(runs) == 2
    assert network.runs == before  # all by the copy


def test_where_memory_is_short_no_run_is_kept_and_the_map_is_the_same(
    network: Counting, images: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ample, short = Activations(network, many=True), Activations(network, many=True)
    map_then = explain(network, images, 1, "saliency", activations=ample).relevance
    logits_then = ample.logits(images, ["saliency"])
    monkeypatch.setattr("cxr_desktop.attribution.activations.certainly_fit", lambda _: False)
    assert short.differentiable(images) is None
    assert torch.equal(explain(network, images, 1, "saliency", activations=short).relevance, map_then)
    assert torch.equal(short.logits(images, ["saliency"]), logits_then)


def test_a_network_that_cannot_be_recorded_is_scored_all_the_same(images: Tensor) -> None:
    class Sorting(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.flatten(1).sort(dim=1).values[:, :3] * x.mean().item()

    network = Sorting().eval()
    kept = Activations(network, many=True)
    assert torch.equal(kept.logits(images, ["rap", "saliency"]), network(images))
