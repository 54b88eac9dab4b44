"""Measures of trust against scipy, scikit-image and networks whose answer is known."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from cxr_desktop.attribution import (
    AttributionError,
    attribute,
    deletion_insertion,
    overlap,
    randomisation_test,
    rank_correlation,
    structural_similarity,
)


def maps() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    a = torch.randn(20, 24, generator=generator)
    return a, a + torch.randn(20, 24, generator=generator)


def test_rank_correlation_is_spearmans() -> None:
    stats = pytest.importorskip("scipy.stats")
    a, b = maps()
    a = (a * 3).round()  # ties
    assert rank_correlation(a, b) == pytest.approx(
        stats.spearmanr(a.flatten(), b.flatten()).statistic, abs=1e-12
    )
    assert rank_correlation(a, torch.zeros_like(a)) == 0.0


def test_ssim_is_scikit_images() -> None:
    metrics = pytest.importorskip("skimage.metrics")
    a, b = (part.double() for part in maps())
    scaled = [(part / part.abs().max()).numpy() for part in (a, b)]
    expected, whole = metrics.structural_similarity(*scaled, win_size=7, data_range=2.0, full=True)
    assert structural_similarity(a, b) == pytest.approx(expected, abs=1e-10)
    assert whole.shape == tuple(a.shape)
    assert structural_similarity(a, 5 * a) == pytest.approx(1.0)


def test_overlap_counts_the_strongest_places() -> None:
    a, b = torch.zeros(10, 10), torch.zeros(10, 10)
    a[0], b[0, :5], b[1, :5] = 1.0, 1.0, 1.0
    assert overlap(a, b, 0.1) == pytest.approx(5 / 15)
    with pytest.raises(AttributionError, match="cannot be compared"):
        overlap(a, b[:5])


def test_randomisation_changes_the_map_and_not_the_network(build, images: Tensor) -> None:
    network = build("resnet18")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    found = randomisation_test(network, images[:1], 1, "saliency", stages=3)
    again = randomisation_test(network, images[:1], 1, "saliency", stages=3)
    assert found == again
    assert [stage.layer for stage in found][-1] == "conv1"
    assert found[-1].rank_correlation < 0.9
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_a_map_that_shows_the_image_alone_fails_the_randomisation_test(images: Tensor) -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
    found = randomisation_test(network, images[:1, :1, :16, :16], 0, "input_x_gradient", stages=1)
    assert found[-1].rank_correlation == pytest.approx(1.0, abs=1e-6)


class _Corner(nn.Module):
    """Its logit is the sum of the left upper quarter."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, :8, :8].sum((1, 2, 3))[:, None]


def test_curves_fall_and_rise_where_the_map_is_right() -> None:
    network, x = _Corner().eval(), torch.zeros(1, 1, 16, 16)
    x[..., :8, :8] = 1.0
    right = x[0, 0]
    good, bad = (deletion_insertion(network, x, 0, part, steps=4) for part in (right, 1 - right))
    assert good.shares == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert good.deletion == pytest.approx((64.0, 16.0, 16.0, 16.0, 16.0))
    assert good.insertion == pytest.approx((16.0, 64.0, 64.0, 64.0, 64.0))
    assert good.areas[0] < bad.areas[0]
    assert good.areas[1] > bad.areas[1]
    with pytest.raises(AttributionError, match="the map is"):
        deletion_insertion(network, x, 0, right[:4])


def test_curves_take_a_map_of_the_engine(build, images: Tensor) -> None:
    network = build("resnet18")
    relevance = attribute(network, images[:1], 1, "rap")[0]
    curves = deletion_insertion(network, images[:1], 1, relevance, steps=3)
    logit = float(network(images[:1])[0, 1].detach())
    assert curves.deletion[0] == pytest.approx(logit, rel=1e-4)
    assert curves.insertion[-1] == pytest.approx(logit, rel=1e-4)


def test_curves_of_a_network_with_auxiliary_results(images: Tensor) -> None:
    plain = nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 60 * 60, 2)).eval()

    class Auxiliary(nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return plain(x.mul_(1.0)), x

    found = deletion_insertion(Auxiliary().eval(), images[:1], 1, images[0], steps=3)
    assert found == deletion_insertion(plain, images[:1], 1, images[0], steps=3)
