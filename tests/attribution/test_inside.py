"""What the engine does with networks it cannot see into, odd devices of memory, competing classes, plug-ins."""

from __future__ import annotations

import logging
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from cxr_desktop.attribution import (
    AttributionError,
    Family,
    MethodInfo,
    UnsupportedOperation,
    attribute,
    explain,
    memory,
    methods,
    registry,
)
from cxr_desktop.attribution.memory import in_pieces
from cxr_desktop.attribution.tape import record


def distance(a: Tensor, b: Tensor) -> float:
    return float((a.double() - b.double()).norm() / b.double().norm().clamp(min=1e-30))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_torchscript_gets_the_methods_that_need_no_inside(build, images: Tensor) -> None:
    network = build("resnet18")
    scripted = torch.jit.trace(network, images).eval()
    for method in ("saliency", "integrated_gradients"):
        options = {"steps": 4} if method == "integrated_gradients" else {}
        expected = attribute(network, images, 1, method, **options)
        assert distance(attribute(scripted, images, 1, method, **options), expected) < 1e-4
    with pytest.raises(UnsupportedOperation, match=r"TorchScript.*integrated_gradients"):
        attribute(scripted, images, 1, "rap")


def test_an_operation_without_rule_is_named(images: Tensor) -> None:
    class Sorted(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)
            self.fc = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            planes = self.conv(x).relu()
            return self.fc(torch.cumsum(planes, 1).mean((2, 3)))

    torch.manual_seed(0)
    network = Sorted().eval()
    with pytest.raises(UnsupportedOperation, match=r"rap has no rule for cumsum.*saliency"):
        attribute(network, images, 0, "rap")
    assert attribute(network, images, 0, "guided_backprop").shape == images.shape


def test_recording_sees_every_step_and_leaves_the_network_alone(build, images: Tensor) -> None:
    network = build("resnet18")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    tape = record(network, images)
    names = [step.name for step in tape.steps]
    assert names.count("conv2d") == 20
    assert names.count("add") == 8
    assert torch.equal(tape.result.get(), network(images).detach())
    assert next(step.path for step in tape.steps if step.name == "conv2d") == "conv1"
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_a_lean_tape_forgets_early_steps_alone(build, images: Tensor) -> None:
    network = build("vgg11_bn")
    assert torch.equal(record(network, images, lean=True).result.get(), network(images).detach())
    resnet = build("resnet50")
    tape = record(resnet, images, lean=True)
    assert tape.steps[0].outputs[0].tensor is None
    assert tape.steps[-3].outputs[0].tensor is not None


def test_own_class_among_the_hostile_ones_is_left_out_image_by_image(build, images: Tensor) -> None:
    network = build("resnet18").double()
    x, targets = images.double(), torch.tensor([1, 3])
    both = attribute(network, x, targets, "rsp", hostile=[1, 2])
    first = attribute(network, x[:1], 1, "rsp", hostile=[2])
    second = attribute(network, x[1:], 3, "rsp", hostile=[2, 1])
    assert distance(both, torch.cat([first, second])) < 1e-8
    alone = explain(network, x[:1], 1, "rsp", hostile=[1])
    assert "own class map" in alone.notes[0]
    assert distance(alone.relevance, attribute(network, x[:1], 1, "rsp")) < 1e-12
    assert explain(network, x[:1], 1, "rsp", hostile=[2]).notes == ()
    with pytest.raises(AttributionError, match="do not all exist"):
        attribute(network, x, 1, "rsp", hostile=[9])


@pytest.mark.parametrize("method", ["rap", "rsp", "epsilon_plus", "deeplift"])
def test_one_and_two_threads_give_the_same_map(build, images: Tensor, method: str) -> None:
    network = build("resnet18")
    torch.set_num_threads(1)
    one = attribute(network, images, 1, method)
    torch.set_num_threads(2)
    assert distance(attribute(network, images, 1, method), one) < 1e-3


def test_one_channel_torchxrayvision_networks(images: Tensor) -> None:
    xrv = pytest.importorskip("torchxrayvision")
    torch.manual_seed(0)
    network = xrv.models.DenseNet(weights=None, num_classes=3, in_channels=1).eval()
    x = nn.functional.interpolate(images[:1, :1], 224) * 1000
    for method in ("rap", "rsp", "epsilon_plus", "gradcam", "cam"):
        found = explain(network, x, 2, method)
        assert found.relevance.shape == x.shape
        assert found.gap is None or float(found.gap.max()) < 1e-5


class _Equilibrium:
    """The authors' rule, written out for a chain of layers; `towards` and `against` sum to one in magnitude."""

    def conv(self, m: nn.Conv2d, x: Tensor, r: Tensor, ratio: float) -> Tensor:
        def send(v: Tensor, part: Tensor) -> Tensor:
            v = v.detach().requires_grad_()
            z = torch.conv2d(v, m.weight.detach().abs(), None, m.stride, m.padding)
            s = torch.where(z == 0, 0.0, part / z)
            return v.detach() * torch.autograd.grad(z, v, s)[0]

        up, down = r.clamp(min=0), r.clamp(max=0)
        towards, against = up / up.sum(), -down / down.sum() if bool((r < 0).any()) else down
        on = (x > 0).double()
        inactive = send(on, towards) + send(1 - on, against)
        if m.kernel_size == (1, 1):
            return send(x.clamp(min=0), towards) + send(x.clamp(min=0), against) + inactive
        c = send(x.clamp(min=0), ratio * towards) + send(x.clamp(min=0), against)
        return c - (c != 0) / (c != 0).sum() + inactive


def test_attribution_equilibrium_is_the_formula(images: Tensor) -> None:
    torch.manual_seed(0)
    first, middle, last = nn.Conv2d(3, 6, 3), nn.Conv2d(6, 8, 1), nn.Conv2d(8, 10, 3)
    features = nn.Sequential(first, nn.ReLU(), middle, nn.ReLU(), last, nn.ReLU()).double()
    head = nn.Linear(10, 3).double()
    network = nn.Sequential(features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head).eval()
    x = images[:1, :, :16, :16].double()
    xs = [x]
    for m in features:
        xs.append(m(xs[-1]).detach())
    weights = head.weight.detach()[1] / xs[-1][0, 0].numel()
    r = xs[-1] * weights.view(1, -1, 1, 1)
    r = r / r.sum().abs()
    rule = _Equilibrium()
    r = rule.conv(last, xs[4], r, 2.0)
    r = rule.conv(middle, xs[2], r, 2.0)
    low, high, w = float(x.min()), float(x.max()), first.weight.detach()
    up, down = w.clamp(min=0), w.clamp(max=0)
    leaf = x.requires_grad_()
    at = [torch.full_like(x, low).requires_grad_(), torch.full_like(x, high).requires_grad_()]
    z = torch.conv2d(leaf, w) - torch.conv2d(at[0], up) - torch.conv2d(at[1], down)
    gradients = torch.autograd.grad(z, [leaf, *at], r / z.detach())
    expected = leaf.detach() * gradients[0] + low * gradients[1] + high * gradients[2]
    found = attribute(network, x.detach(), 1, "attribution_equilibrium", ratio=2.0)
    assert distance(found, expected) < 1e-6


def test_pieces_are_halved_when_memory_runs_out() -> None:
    done: list[tuple[int, int]] = []

    def run(start: int, stop: int) -> None:
        if stop - start > 3:
            raise torch.OutOfMemoryError("too large")
        done.append((start, stop))

    in_pieces(7, 8, run)
    assert done == [(0, 2), (2, 4), (4, 6), (6, 7)]
    with pytest.raises(torch.OutOfMemoryError):
        in_pieces(1, 1, lambda *_: run(0, 9))


def test_a_batch_too_large_for_memory_is_computed_in_halves(build, images: Tensor) -> None:
    class Small(nn.Module):
        """Refuses more than one image at a time, as a full memory would."""

        def __init__(self, inner: nn.Module) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, x: Tensor) -> Tensor:
            if len(x) > 1:
                raise torch.OutOfMemoryError("out of memory")
            return self.inner(x)

    network = build("resnet18")
    expected = explain(network, images, torch.tensor([1, 2]), "rap")
    found = explain(Small(network).eval(), images, torch.tensor([1, 2]), "rap")
    assert distance(found.relevance, expected.relevance) < 1e-4
    assert torch.allclose(found.start, expected.start)


BESIDE_BASELINE = {"deeplift": 4, "integrated_gradients": 3}
"""Baselines go beside the images, but for what is known already."""


class Crowd(nn.Module):
    """Notes how many images came at a time."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.sizes: list[int] = []  # which a copy shares

    def forward(self, x: Tensor) -> Tensor:
        self.sizes.append(len(x))
        return self.inner(x)


@pytest.mark.parametrize(
    "method", ["rap", "gradcam", "saliency", "integrated_gradients", "occlusion", "deeplift"]
)
def test_no_more_images_go_at_once_than_free_memory_holds(
    build, images: Tensor, method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner, many = build("resnet18"), torch.cat([images, images + 0.1, images - 0.1])
    expected = [attribute(Crowd(inner).eval(), one[None], 1, method) for one in many]
    tape = record(inner, many[:1])
    values = tape.source.shape.numel() + sum(v.shape.numel() for step in tape.steps for v in step.outputs)
    network, told = Crowd(inner).eval(), []
    monkeypatch.setattr(memory, "SYSTEM", tmp_path / "meminfo")
    memory.SYSTEM.write_text(
        f"MemTotal: 9 kB\nMemAvailable: {2 * 2 * 4 * 4 * values // 1024 + 8} kB\n", "ascii"
    )
    found = attribute(network, many, 1, method, progress=told.append)
    assert max(network.sizes) == BESIDE_BASELINE.get(method, 2)
    assert told == sorted(told)
    assert told[-1] == 1.0
    for one, other in zip(found, expected, strict=True):
        assert distance(one[None], other) < 1e-4


def test_free_memory_is_what_the_system_and_the_container_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = torch.device("cpu")
    monkeypatch.setattr(memory, "SYSTEM", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "GROUP", tmp_path)
    assert memory.free_memory(device) is None
    memory.SYSTEM.write_text("MemTotal: 9000 kB\nMemAvailable: 4000 kB\n", "ascii")
    assert memory.free_memory(device) == 4_096_000
    (tmp_path / "memory.current").write_text("1000000\n", "ascii")
    (tmp_path / "memory.max").write_text("max\n", "ascii")
    assert memory.free_memory(device) == 4_096_000
    (tmp_path / "memory.max").write_text("3000000\n", "ascii")
    assert memory.free_memory(device) == 2_000_000


def test_plugins_are_found_duplicates_and_broken_ones_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, build, images: Tensor
) -> None:
    module = "plugin_under_test"

    class Entries:
        info = MethodInfo("flatmap", "Flat", Family.PLUGIN, "here", "1", "forward", signed=False)
        good = (info, lambda network, x, targets: torch.ones_like(x))
        twin = (MethodInfo("rap", "Mine", Family.PLUGIN, "here", "1", "forward", signed=False), print)
        odd = 42
        failing = (
            MethodInfo("failing", "F", Family.PLUGIN, "here", "1", "forward", signed=False),
            lambda *_: 1 / 0,
        )
        wrong = (
            MethodInfo("wrong", "W", Family.PLUGIN, "here", "1", "forward", signed=False),
            lambda *_: "map",
        )

    import sys

    monkeypatch.setitem(sys.modules, module, Entries)
    names = {"flat": "good", "twin": "twin", "broken": "missing"}
    names |= {"odd": "odd", "failing": "failing", "wrong": "wrong"}
    found = [EntryPoint(name, f"{module}:{value}", registry.GROUP) for name, value in names.items()]
    monkeypatch.setattr(registry, "entry_points", lambda group: found)
    registry.plugins.cache_clear()
    try:
        with caplog.at_level(logging.WARNING):
            assert "flatmap" in methods()
        assert "twin" in caplog.text
        assert "broken" in caplog.text
        assert "odd" in caplog.text
        assert methods()["rap"].title != "Mine"
        assert bool((attribute(build("resnet18"), images, 0, "flatmap") == 1).all())
        for name, words in (("failing", "division by zero"), ("wrong", "gives str")):
            with pytest.raises(AttributionError, match=words):
                attribute(build("resnet18"), images, 0, name)
    finally:
        registry.plugins.cache_clear()


class FarSighted(nn.Module):
    """Its head gates by a value from before many convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.head = nn.Conv2d(3, 4, 3, padding=1), nn.Linear(4, 2)
        self.rest = nn.ModuleList(nn.Conv2d(4, 4, 3, padding=1) for _ in range(8))

    def forward(self, x: Tensor) -> Tensor:
        early = self.first(x)
        late = early
        for layer in self.rest:
            late = layer(late).relu_()
        return self.head(late.mean((2, 3)) * early.mean((2, 3)))


def test_cam_methods_where_the_head_looks_far_back(images: Tensor) -> None:
    torch.manual_seed(0)
    network = FarSighted().eval()
    with torch.no_grad():
        early = network.first(images)
        late = early
        for layer in network.rest:
            late = layer(late).relu()
    features = late.requires_grad_()
    logits = network.head(features.mean((2, 3)) * early.mean((2, 3)))
    gradient = torch.autograd.grad(logits[:, 1].sum(), features)[0]
    expected = (gradient.mean((2, 3), keepdim=True) * features).sum(1, keepdim=True).relu().detach()
    expected = nn.functional.interpolate(expected, images.shape[2:], mode="bilinear")
    before = images.clone()
    torch.testing.assert_close(attribute(network, images, 1, "gradcam"), expected)
    assert torch.equal(images, before)
