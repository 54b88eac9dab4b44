"""What networks do that is legal and unusual: overwrite tensors, join constants, hold what cannot be copied."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d, relu

from cxr_desktop.attribution import AttributionError, UnsupportedOperation, attribute, explain, methods

Middle = Callable[["Between", Tensor], Tensor]
SHORT: dict[str, dict[str, Any]] = {
    "smoothgrad": {"samples": 2},
    "integrated_gradients": {"steps": 4},
    "rise": {"masks": 8},
}


class Between(nn.Module):
    """Something between two convolutions and the head."""

    def __init__(self, middle: Middle, seen: int = 8) -> None:
        super().__init__()
        torch.manual_seed(4)
        self.first, self.second = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(seen, 8, 3, padding=1)
        self.rectify, self.head = nn.ReLU(inplace=True), nn.Linear(8, 4)
        self.register_buffer("constant", -torch.rand(1, 2, 1, 1))
        self.middle = middle
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        return self.head(relu(self.middle(self, self.first(x))).mean((2, 3)))


def _overwritten_by_relu(net: Between, y: Tensor) -> Tensor:
    return net.second(net.rectify(y)) + y  # y has been rectified by then


def _overwritten_by_relu_out_of_place(net: Between, y: Tensor) -> Tensor:
    return net.second(relu(y)) + relu(y)


def _gated_in_place(net: Between, y: Tensor) -> Tensor:
    y = relu(y)
    y *= net.second(y).sigmoid()
    return y


def _gated(net: Between, y: Tensor) -> Tensor:
    y = relu(y)
    return y * net.second(y).sigmoid()


def _with_items(net: Between, y: Tensor) -> Tensor:
    y[:, :4] = 0
    return net.second(y)


def _with_ones(net: Between, y: Tensor) -> Tensor:
    y = relu(y)
    y[:, :, :2] = 1
    return net.second(y)


def _masked(net: Between, y: Tensor) -> Tensor:
    return net.second(torch.cat([y[:, :4] * 0, y[:, 4:]], 1))


def _run(network: nn.Module, images: Tensor, method: str) -> Tensor:
    return attribute(network, images, 1, method, **SHORT.get(method, {}))


@pytest.mark.parametrize(
    ("strange", "plain"),
    [
        (_overwritten_by_relu, _overwritten_by_relu_out_of_place),
        (_gated_in_place, _gated),
        (_with_items, _masked),
    ],
)
@pytest.mark.parametrize("method", ["rap", "rsp", "epsilon", "deeplift", "gradcam", "layercam", "cam"])
def test_in_place_steps_mean_what_they_do(
    strange: Middle, plain: Middle, images: Tensor, method: str
) -> None:
    found = _run(Between(strange), images, method)
    assert torch.allclose(found, _run(Between(plain), images, method), rtol=1e-4, atol=1e-7)


def test_a_change_through_a_view_is_refused_where_it_cannot_be_followed(images: Tensor) -> None:
    def changed(net: Between, y: Tensor) -> Tensor:
        y[:, :4].relu_()
        return net.second(y)

    with pytest.raises(UnsupportedOperation, match="in place"):
        attribute(Between(changed), images, 1, "rap")


def _added_twofold(net: Between, y: Tensor) -> Tensor:
    return torch.add(net.second(relu(y)), relu(y), alpha=-2)


@pytest.mark.parametrize("residual", ["magnitude", "signed"])
def test_the_factor_of_an_addend_counts(images: Tensor, residual: str) -> None:
    def spelled_out(net: Between, y: Tensor) -> Tensor:
        return net.second(relu(y)) + relu(y) * -2

    found = attribute(Between(_added_twofold), images, 1, "rap", residual=residual)
    assert torch.allclose(
        found, attribute(Between(spelled_out), images, 1, "rap", residual=residual), atol=1e-6
    )


MIDDLES: dict[str, tuple[Middle, int]] = {
    "constant joined": (
        lambda net, y: net.second(torch.cat([relu(y), net.constant.expand(len(y), -1, *y.shape[2:])], 1)),
        10,
    ),
    "subtracted from one": (lambda net, y: net.second(1 - relu(y)), 8),
    "negated": (lambda net, y: net.second(-y), 8),
    "repeated": (lambda net, y: net.second(relu(y).repeat(1, 2, 1, 1)), 16),
    "flipped": (lambda net, y: net.second(relu(y).flip(3)), 8),
    "chosen": (lambda net, y: net.second(relu(y).index_select(1, torch.tensor([7, 2]))), 2),
    "split": (lambda net, y: net.second(relu(y).tensor_split(2, 1)[0]), 4),
    "transposed": (lambda net, y: net.second(relu(y).mT), 8),
    "selu": (lambda net, y: net.second(torch.selu(y)), 8),
    "largest of each row": (lambda net, y: net.second(relu(y).max(2, keepdim=True).values.expand_as(y)), 8),
    "pooled with places": (lambda net, y: net.second(max_pool2d(relu(y), 2, return_indices=True)[0]), 8),
    "global maximum": (lambda net, y: net.second(y).relu() * 0 + net.second(y).amax((2, 3), keepdim=True), 8),
}


@pytest.mark.parametrize("name", MIDDLES)
def test_relevance_is_kept_through(images: Tensor, name: str) -> None:
    middle, seen = MIDDLES[name]
    network = Between(middle, seen)
    found = explain(network, images, 1, "rap")
    with torch.no_grad():
        logits = network(images)[:, 1]
    assert torch.allclose(found.relevance.sum((1, 2, 3)), logits, atol=1e-5)
    one = attribute(network, images[:1], 1, "rap")
    assert (found.relevance[:1] - one).norm() <= 1e-5 * one.norm()


@pytest.mark.parametrize(
    "pooled",
    [lambda y: y.flatten(2).mean(-1), lambda y: y.mean(3).mean(2), lambda y: y.mean((2, 3)).flatten(1)],
)
def test_a_map_pooled_in_steps_is_a_feature_map_too(
    images: Tensor, pooled: Callable[[Tensor], Tensor]
) -> None:
    network = Between(lambda net, y: net.second(relu(y)))

    class Flat(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            y = relu(network.second(relu(network.first(x))))
            return network.head(pooled(y))

    flat = Flat().eval()
    for method in ("cam", "gradcam", "rsp"):
        assert torch.allclose(_run(flat, images, method), _run(network, images, method), atol=1e-6)


class Viewed(nn.Module):
    """The head of many older networks: `view`, which does not take channels last."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(4)
        self.conv, self.norm = nn.Conv2d(3, 4, 3, stride=4), nn.BatchNorm2d(4, track_running_stats=False)
        self.head, self.lock = nn.Linear(4 * 16 * 16, 3), threading.Lock()
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        y = relu(self.norm(self.conv(x)))
        return self.head(y.view(len(y), -1))


def test_views_locks_and_norms_without_statistics_stop_no_method(images: Tensor) -> None:
    network = Viewed()
    for method in methods():
        if method not in ("cam", "rollout"):
            assert bool(torch.isfinite(_run(network, images, method)).all()), method


@pytest.mark.parametrize(
    "method", ["saliency", "integrated_gradients", "deeplift", "guided_backprop", "rap", "gradcam"]
)
def test_inference_mode_and_autocast_around_a_call_change_nothing(build, images: Tensor, method: str) -> None:
    network = build("resnet18")
    expected = _run(network, images, method)
    with torch.inference_mode():
        assert torch.equal(_run(network, images.clone(), method), expected)
        made_inside = images.clone()
    assert torch.equal(_run(network, made_inside, method), expected)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(_run(network, images, method), expected)


def test_a_network_that_overwrites_its_input_leaves_the_caller_his(images: Tensor) -> None:
    class Shifting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Between(lambda net, y: net.second(relu(y)))

        def forward(self, x: Tensor) -> Tensor:
            return self.inner(x.sub_(0.5))

    before = images.clone()
    for method in methods():
        if method != "rollout":
            _run(Shifting().eval(), images, method)
            assert torch.equal(images, before), method


def test_no_bias_is_lost_where_no_feature_speaks_against(images: Tensor) -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 1)).eval()
    with torch.no_grad():
        network[1].weight.copy_(torch.tensor([[1.0, 1.0, 1.0, 1.0]]))
        network[1].bias.fill_(5.0)
    found = explain(network, torch.tensor([[1.0, 2.0, -1.0, -1.5]]).view(1, 1, 2, 2), 0, "rap")
    assert float(found.relevance.sum()) == pytest.approx(5.5)


@pytest.mark.parametrize("targets", ["a", None, 2**70, [[0, 1], [2]]])
def test_targets_that_are_no_indices_are_refused(images: Tensor, targets: Any) -> None:
    with pytest.raises(AttributionError, match="whole numbers"):
        attribute(Between(_gated), images, targets)


@pytest.mark.parametrize(
    "options",
    [
        {"start": "map"},
        {"start": torch.full((2, 8, 64, 64), torch.nan)},
        {"hostile": None},
        {"hostile": "ab"},
    ],
)
def test_rsp_refuses_what_it_cannot_start_from(images: Tensor, options: dict[str, Any]) -> None:
    with pytest.raises(AttributionError, match=r"rsp: (start|hostile)"):
        attribute(Between(_gated), images, 1, "rsp", **options)


def test_what_is_no_network_and_no_image_is_refused(images: Tensor) -> None:
    with pytest.raises(AttributionError, match=r"torch\.nn\.Module"):
        attribute(lambda x: x, images, 1)  # type: ignore[arg-type]
    for inputs in (images.to_sparse(), images.to("meta")):
        with pytest.raises(AttributionError, match="dense"):
            attribute(Between(_gated), inputs, 1)


def test_traced_and_frozen_networks_are_in_no_train_mode(images: Tensor) -> None:
    network = nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 2, 5), nn.ReLU()), nn.Flatten(), nn.Linear(7200, 3)
    ).eval()
    expected = attribute(network, images, 1, "saliency")
    frozen = torch.jit.freeze(torch.jit.trace(network, images))
    assert torch.allclose(attribute(frozen, images, 1, "saliency"), expected, atol=1e-6)
    graph = torch.fx.symbolic_trace(network)
    assert torch.allclose(attribute(graph, images, 1, "rap"), attribute(network, images, 1, "rap"), atol=1e-6)


def test_cam_is_refused_where_a_dense_layer_lies_between(images: Tensor) -> None:
    def headed(*dense: nn.Module) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), *dense
        ).eval()

    assert attribute(headed(nn.Linear(6, 4)), images, 1, "cam").shape == (2, 1, 64, 64)
    with pytest.raises(UnsupportedOperation, match="gradcam works"):
        attribute(headed(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 4)), images, 1, "cam")


def test_largest_values_with_their_places_are_a_pooling(images: Tensor) -> None:
    """`x.max(2)` gives a named pair, which networks take apart by name."""
    named = Between(lambda net, y: net.second(relu(y)).flatten(2).max(2).values[..., None, None])
    plain = Between(lambda net, y: net.second(relu(y)).amax((2, 3), keepdim=True))
    for method in methods():
        if method not in ("rollout", "cam"):
            assert torch.allclose(_run(named, images, method), _run(plain, images, method), atol=1e-6), method


def test_whatever_a_network_raises_comes_back_in_words(images: Tensor) -> None:
    def choosy(net: Between, y: Tensor) -> Tensor:
        assert y.shape[2] == 32, "32 rows are needed"
        return net.second(y)

    def mistaken(net: Between, y: Tensor) -> Tensor:
        return net.third(y)

    for middle in (choosy, mistaken):
        for method in ("rap", "gradcam", "saliency", "integrated_gradients", "occlusion"):
            with pytest.raises(AttributionError, match="cannot run on this network"):
                _run(Between(middle), images, method)


def test_a_result_that_is_no_tensor_is_named(images: Tensor) -> None:
    class Named(nn.Module):
        def forward(self, x: Tensor) -> dict[str, Tensor]:
            return {"logits": x.mean((2, 3))}

    for method in ("rap", "gradcam", "saliency", "deeplift"):
        with pytest.raises(AttributionError, match="returns dict"):
            _run(Named().eval(), images, method)


def test_deeplift_adds_up_where_a_value_is_multiplied_by_itself(images: Tensor) -> None:
    squared = Between(lambda net, y: net.second(y * y))
    assert float(explain(squared.double(), images.double(), 1, "deeplift").gap.max()) < 1e-6


@pytest.mark.parametrize("method", ["rap", "rsp"])
def test_a_frame_of_any_gray_takes_no_relevance(images: Tensor, method: str) -> None:
    network = nn.Sequential(nn.ConstantPad2d(1, 1.5), Between(lambda net, y: net.second(relu(y)))).eval()
    assert float(explain(network, images, 1, method).gap.max()) < 1e-5


def test_an_empty_map_is_told(images: Tensor) -> None:
    network = Between(lambda net, y: net.second(relu(y)))
    one_black = torch.stack([images[0], torch.zeros_like(images[1])])
    assert any("map is empty" in note for note in explain(network, one_black, 1, "rap").notes)
    assert not any("map is empty" in note for note in explain(network, images, 1, "rap").notes)


@pytest.mark.parametrize("residual", ["magnitude", "signed"])
def test_a_dense_head_at_every_place_is_shared_like_any_layer(images: Tensor, residual: str) -> None:
    class Placed(nn.Module):
        """Logits of every place, averaged."""

        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(4)
            self.first, self.head = nn.Conv2d(3, 8, 3), nn.Linear(8, 4)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(relu(self.first(x)).permute(0, 2, 3, 1)).mean((1, 2))

    found = explain(Placed().double().eval(), images.double(), 1, "rap", residual=residual)
    assert float(found.gap.max()) < 1e-6


CURVES: dict[str, Middle] = {
    "clip": lambda net, y: net.second(y.clip(0, 6)),
    "sigmoid": lambda net, y: net.second(y.sigmoid()),
    "tanh": lambda net, y: net.second(y.tanh()),
    "log sigmoid": lambda net, y: net.second(-nn.functional.logsigmoid(y)),
    "tanhshrink": lambda net, y: net.second(nn.functional.tanhshrink(y)),
}


@pytest.mark.parametrize("name", CURVES)
def test_relevance_passes_any_curve_and_deeplift_adds_up(images: Tensor, name: str) -> None:
    network = Between(CURVES[name]).double()
    for method in ("rap", "rsp", "deeplift"):
        assert float(explain(network, images.double(), 1, method).gap.max()) < 1e-6, method
    assert bool(attribute(network, images.double(), 1, "epsilon_plus").any())


def test_a_network_that_ends_in_probabilities_is_explained(images: Tensor) -> None:
    logits = Between(lambda net, y: net.second(relu(y))).double()
    network, x = nn.Sequential(logits, nn.Sigmoid()).eval(), images.double()
    for method in ("rap", "epsilon_plus"):
        found = attribute(network, x, 1, method)
        share = (logits(x).sigmoid() / logits(x))[:, 1].detach()
        torch.testing.assert_close(found, attribute(logits, x, 1, method) * share[:, None, None, None])


FRAMES: dict[str, Middle] = {
    "padded": lambda net, y: net.second(nn.functional.pad(relu(y), (1, 2, 0, 1), value=0.7)),
    "overwritten": _with_ones,
}


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("method", ["rap", "rsp"])
def test_what_no_image_makes_takes_no_relevance(images: Tensor, name: str, method: str) -> None:
    assert float(explain(Between(FRAMES[name]).double(), images.double(), 1, method).gap.max()) < 1e-6
