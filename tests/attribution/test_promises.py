"""What every method promises: no trace left, threads, batches, precision, conservation, clear errors."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn

from cxr_desktop.attribution import AttributionError, UnsupportedOperation, attribute, explain, methods
from cxr_desktop.domain.errors import Cancelled

QUICK = {
    "smoothgrad": {"samples": 2},
    "integrated_gradients": {"steps": 6},
    "scorecam": {"channels": 3},
    "occlusion": {"window": 32, "stride": 32},
    "rise": {"masks": 8},
}
CONVOLUTIONAL = [name for name in methods() if name not in ("rollout", "cam")]
THREAD_CALLS = int(os.environ.get("CXR_THREAD_CALLS", "176"))
"""In all, by eight threads. 500 take a minute."""
NETWORKS = [
    "vgg11",
    "vgg11_bn",
    "resnet18",
    "resnext50_32x4d",
    "wide_resnet50_2",
    "densenet121",
    "googlenet",
    "inception_v3",
    "efficientnet_b0",
    "efficientnet_b1",
    "efficientnet_v2_s",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "convnext_tiny",
    "regnet_y_400mf",
    "squeezenet1_1",
    "shufflenet_v2_x0_5",
    "mnasnet0_5",
    "timm:tf_efficientnet_lite0",
    "xrv:densenet",
]


def distance(a: Tensor, b: Tensor) -> float:
    return float((a.double() - b.double()).norm() / b.double().norm().clamp(min=1e-30))


def sized(name: str, images: Tensor) -> Tensor:
    if name == "xrv:densenet":  # one channel, between -1024 and 1024
        images = images[:, :1] * 1024
    size = 96 if name in ("inception_v3", "squeezenet1_1") else 64
    return nn.functional.interpolate(images, size, mode="bilinear")


@pytest.mark.parametrize("name", NETWORKS)
def test_conservation_on_every_architecture(build, images: Tensor, name: str) -> None:
    network, x = build(name).double(), sized(name, images)[:1].double()
    for method in ("rap", "rsp"):
        found = explain(network, x, 1, method)
        assert found.relevance.shape == x.shape
        assert float(found.gap.max()) < 1e-5, method
    logits = network(x)[:, 1].detach()
    assert torch.allclose(explain(network, x, 1, "rap").start, logits, rtol=1e-10)
    found = explain(network, x, 1, "deeplift")  # of a score that hardly changes here
    assert torch.allclose(found.relevance.sum((1, 2, 3)), found.start, atol=1e-5 * float(logits.abs()))


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("method", ["epsilon_plus", "deeplift"])
def test_every_architecture_is_treated(build, images: Tensor, name: str, method: str) -> None:
    network, x = build(name), sized(name, images)[:1]
    found = explain(network, x, torch.tensor([2]), method)
    assert found.relevance.shape[-2:] == x.shape[-2:]
    assert float(found.relevance.abs().max()) > 0


@pytest.mark.parametrize("name", ["resnet18", "timm:tf_efficientnet_lite0"])
@pytest.mark.parametrize("method", CONVOLUTIONAL)
def test_batch_equals_one_by_one(build, images: Tensor, name: str, method: str) -> None:
    network, x = build(name).double(), images.double()
    options = QUICK.get(method, {})
    whole = attribute(network, x, torch.tensor([0, 3]), method, **options)
    single = torch.cat([attribute(network, x[i : i + 1], t, method, **options) for i, t in enumerate((0, 3))])
    assert distance(whole, single) < 1e-5


@pytest.mark.parametrize("name", ["vgg11_bn", "resnet50", "densenet121"])
@pytest.mark.parametrize(
    "method", ["rap", "rsp", "epsilon", "epsilon_plus", "alpha2beta1", "excitation_backprop"]
)
def test_float32_is_stable(build, images: Tensor, name: str, method: str) -> None:
    network = build(name)
    low = attribute(network, images, 1, method).double()
    high = attribute(network.double(), images.double(), 1, method)
    assert distance(low, high) < 1e-3
    assert float(nn.functional.cosine_similarity(low.flatten(), high.flatten(), dim=0)) >= 0.9999


@pytest.mark.parametrize("name", ["efficientnet_b0", "mobilenet_v3_small", "timm:tf_efficientnet_lite0"])
def test_rap_neither_grows_nor_strays_without_rectifiers(build, images: Tensor, name: str) -> None:
    """Relevance of either sign cancels in the sum, and must not outgrow it from layer to layer."""
    network = build(name)
    found = explain(network, images, 1, "rap")
    assert float((found.relevance.abs().sum((1, 2, 3)) / found.start.abs()).max()) < 1e4
    assert float(found.gap.max()) < 1e-5
    high = attribute(network.double(), images.double(), 1, "rap")
    assert distance(found.relevance, high) < 1e-3


@pytest.mark.parametrize(
    "norm", [nn.GroupNorm(2, 6), nn.InstanceNorm2d(6, affine=True), nn.LayerNorm([6, 62, 62])]
)
def test_deeplift_adds_up_behind_an_own_mean_and_spread(images: Tensor, norm: nn.Module) -> None:
    torch.manual_seed(0)
    nn.init.normal_(norm.weight)
    network = nn.Sequential(
        nn.Conv2d(3, 6, 3), norm, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3)
    )
    assert float(explain(network.double().eval(), images.double(), 1, "deeplift").gap.max()) < 1e-9


@pytest.mark.parametrize("curve", [torch.abs, torch.exp, lambda y: y**3, nn.functional.softsign])
def test_deeplift_adds_up_behind_any_curve(images: Tensor, curve) -> None:
    class Curved(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.first, self.head = nn.Conv2d(3, 6, 3), nn.Linear(6, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(curve(self.first(x)).mean((2, 3)))

    assert float(explain(Curved().double().eval(), images.double(), 1, "deeplift").gap.max()) < 1e-9


def test_signed_residual_is_computed_in_float64(build, images: Tensor) -> None:
    network = build("resnet50")
    low = attribute(network, images[:1], 1, "rap", residual="signed")
    assert low.dtype == torch.float32
    assert next(network.parameters()).dtype == torch.float32
    high = attribute(network.double(), images[:1].double(), 1, "rap", residual="signed")
    assert distance(low, high) < 1e-3


def test_threads_share_a_network_without_harm(build, images: Tensor) -> None:
    network, images = build("densenet121"), images[:1]
    before = {name: value.clone() for name, value in network.state_dict().items()}
    names = [n for n in CONVOLUTIONAL if n not in ("scorecam", "rise", "smoothgrad")] + ["plain"]

    def compute(name: str) -> Tensor:
        if name == "plain":
            with torch.no_grad():
                return network(images)
        return attribute(network, images, 1, name, **QUICK.get(name, {}))

    expected = {name: compute(name) for name in names}
    wrong: list[str] = []
    gate = threading.Barrier(8)

    def work(number: int) -> None:
        gate.wait()
        for k in range(THREAD_CALLS // 8):
            name = names[(k * 7 + number * 3) % len(names)]
            if distance(compute(name), expected[name]) > 1e-4:
                wrong.append(name)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert wrong == []
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not any(m._forward_hooks or m._backward_hooks for m in network.modules())


def test_single_channel_network_gets_the_first_layer_rule(images: Tensor) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3, bias=False), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)
    ).eval()
    gray = images[:1, :1].clone()
    gray[0, 0, 10, 10] = 0.0
    scaled = attribute(network, gray, 0, "rap")
    assert float(scaled[0, 0, 10, 10]) != 0  # a share by x alone would leave it out
    assert float(scaled.sum()) == pytest.approx(float(network(gray)[0, 0].detach()), rel=1e-5)


def test_transposed_dilated_and_grouped_convolutions_conserve(images: Tensor) -> None:
    torch.manual_seed(0)
    network = (
        nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=2, dilation=2),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, groups=8, stride=2),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 6, 4, stride=2, groups=2),
            nn.GroupNorm(2, 6),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(6, 3),
        )
        .double()
        .eval()
    )
    for method in ("rap", "rsp"):
        found = explain(network, images.double(), 2, method)
        assert float(found.gap.max()) < 1e-6


def test_transformers_get_what_is_possible(build) -> None:
    from torchvision.models import VisionTransformer

    torch.manual_seed(0)
    network = VisionTransformer(32, 8, 2, 2, 16, 32, num_classes=3).eval()
    x = torch.rand(2, 3, 32, 32)
    assert attribute(network, x, 1, "rollout").shape == (2, 1, 32, 32)
    assert attribute(network, x, 1, "saliency").shape == x.shape
    for method in ("rap", "rsp", "gradcam", "epsilon_plus"):
        with pytest.raises(UnsupportedOperation, match="integrated_gradients"):
            attribute(network, x, 1, method)


def test_rsp_start_map_can_be_given(build, images: Tensor) -> None:
    network = build("resnet18")
    start = torch.zeros(2, 512, 2, 2)
    start[:, :, 0, 0] = 1.0
    found = explain(network, images, 0, "rsp", start=start)
    assert torch.allclose(found.start, torch.full((2,), 512.0, dtype=found.start.dtype))
    with pytest.raises(AttributionError, match="start has shape"):
        attribute(network, images, 0, "rsp", start=start[:, :3])


def test_adaptive_steps_reach_their_gap(images: Tensor) -> None:
    torch.manual_seed(0)
    smooth = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.Softplus(beta=4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)
    )
    network, x = smooth.double().eval(), images.double()
    coarse = explain(network, x, 0, "integrated_gradients", steps=1)
    found = explain(network, x, 0, "integrated_gradients", steps=1, adaptive=True, tolerance=1e-4)
    assert float(found.gap.max()) <= 1e-4 < float(coarse.gap.max())
    assert found.options["steps"] > 1


def test_cancelling_stops_at_the_next_step(build, images: Tensor) -> None:
    seen: list[float] = []

    def progress(done: float) -> None:
        seen.append(done)
        if len(seen) == 3:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        attribute(build("resnet18"), images, 0, "rap", progress=progress)
    assert len(seen) == 3


def test_bad_input_is_refused_in_words(build, images: Tensor) -> None:
    network = build("resnet18")
    with pytest.raises(AttributionError, match="out of range"):
        attribute(network, images, 5, "rap")
    with pytest.raises(AttributionError, match="not finite"):
        attribute(network, images * float("nan"), 0, "rap")
    with pytest.raises(AttributionError, match="unknown attribution method"):
        attribute(network, images, 0, "magic")
    with pytest.raises(AttributionError, match="no option 'colour'"):
        attribute(network, images, 0, "rap", colour=1)
    with pytest.raises(AttributionError, match="must lie between"):
        attribute(network, images, 0, "integrated_gradients", steps=0)
    with pytest.raises(AttributionError, match="choose one of"):
        attribute(network, images, 0, "rap", residual="loud")
    with pytest.raises(AttributionError, match="3 channels"):
        attribute(network, images[:, :1], 0, "gradcam")
    with pytest.raises(AttributionError, match="two classes"):
        attribute(build("timm:tf_efficientnet_lite0", classes=1), images, 0, "contrastive")
    network.train()
    with pytest.raises(AttributionError, match="train mode"):
        attribute(network, images, 0, "rap")
    network.eval()
    network.fc.weight.data[0, 0] = float("nan")
    with pytest.raises(AttributionError, match=r"fc\.weight"):
        attribute(network, images, 0, "rap")


@pytest.mark.parametrize(("method", "options"), [("epsilon", {}), ("rap", {"residual": "signed"})])
def test_what_float64_holds_and_the_map_does_not_is_refused(
    images: Tensor, method: str, options: dict[str, str]
) -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 2, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 2)
    )
    for layer in (network[0], network[-1]):
        nn.init.constant_(layer.weight, 1e22)
    with pytest.raises(AttributionError, match="not finite"):
        explain(network.eval(), images, 1, method, **options)


def test_names_are_known_without_torch() -> None:
    import subprocess
    import sys

    code = "import sys, cxr_desktop.attribution as a; a.methods(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("method", ["rap", "epsilon_plus"])
def test_a_negative_logit_is_told(build, images: Tensor, method: str) -> None:
    network = build("resnet18")
    logits = network(images[:1])[0].detach()
    network.fc.bias.data -= logits + torch.tensor([1.0, -1.0, 1.0, 1.0, 1.0])
    assert any("logit is negative" in note for note in explain(network, images[:1], 0, method).notes)
    assert explain(network, images[:1], 1, method).notes == ()


@pytest.mark.parametrize("method", ["rap", "excitation_backprop"])
def test_a_negative_logit_is_shared_out_by_its_magnitude_on_request(
    build, images: Tensor, method: str
) -> None:
    network, targets = build("resnet18"), torch.tensor([0, 1])
    logits = network(images).detach()
    network.fc.bias.data[0] -= logits[0, 0] + 1
    network.fc.bias.data[1] -= logits[1, 1] - 1
    as_it_is = explain(network, images, targets, method)
    found = explain(network, images, targets, method, start="magnitude")
    assert as_it_is.relevance[0].sum() < 0 < found.relevance[0].sum()
    torch.testing.assert_close(found.relevance[1], as_it_is.relevance[1])
    assert ["magnitude" in note for note in (*as_it_is.notes, *found.notes)] == [False, True]
    if method == "rap":
        torch.testing.assert_close(found.start.float(), torch.ones(2), atol=1e-3, rtol=0)
    else:
        assert found.relevance.min() >= 0
