"""The products that the rules are made of, where they take a shorter way than their definition."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import fold, unfold

from cxr_desktop.attribution import explain
from cxr_desktop.attribution.linear_map import LinearMap, known_sum
from cxr_desktop.attribution.live_planes import live_planes, narrowed
from cxr_desktop.attribution.lrp import Contribution, alpha_beta
from cxr_desktop.attribution.places import Places
from cxr_desktop.attribution.signed_parts import signed_parts


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((8, 70, 1, 1), {}),
        ((8, 70, 3, 3), {"padding": (1, 1), "stride": (2, 2)}),
    ],
)
@pytest.mark.parametrize("mixed", [False, True])
def test_contributions_of_either_sign_by_subtraction(
    shape: tuple[int, ...], options: dict, mixed: bool
) -> None:
    generator = torch.Generator().manual_seed(3)
    weight = torch.randn(shape, generator=generator)
    weight[0] = weight[0].abs()
    weight[1] = -weight[1].abs()
    layer = LinearMap(weight, None, **options)
    x = torch.rand(2, 70, 9, 9, generator=generator) * (torch.rand(2, 70, 9, 9, generator=generator) > 0.7)
    x = x - mixed * torch.rand(2, 70, 9, 9, generator=generator)
    parts = signed_parts(layer, x, mixed=mixed)
    z = layer.forward(x, weight)
    assert known_sum(layer, z) is z
    found, expected = (torch.stack(sums, 1) for sums in (parts.sums(z), parts.sums()))
    assert found.min() >= 0
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6 * float(expected.max()))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_what_is_rounded_or_biased_is_no_good_for_differences(bias: bool, dtype: torch.dtype) -> None:
    z = torch.ones(1, 2, 4, 4, dtype=dtype)
    layer = LinearMap(torch.ones(2, 64, 1, 1, dtype=dtype), torch.ones(2) if bias else None)
    assert (known_sum(layer, z) is z) is (dtype is torch.float64 and not bias)


@pytest.mark.parametrize("weight", [torch.ones(8, 63, 1, 1), torch.ones(100, 1, 9, 9)])
def test_few_contributions_are_no_good_for_differences(weight: Tensor) -> None:
    layer = LinearMap(weight, None, groups=100 if len(weight) == 100 else 1)
    assert known_sum(layer, torch.ones(1, len(weight), 4, 4)) is None


def test_rsp_from_nothing_is_nothing(build: Callable[..., nn.Module], images: Tensor) -> None:
    start = torch.zeros(2, 512, 2, 2)
    start[1, 3] = 1.0
    found = explain(build("resnet18"), images, 0, "rsp", start=start)
    assert not found.relevance[0].any()
    assert float(found.relevance[1].sum()) == pytest.approx(4.0, rel=1e-4)


@pytest.mark.parametrize(
    ("kernel", "options"),
    [
        ((1, 1), {}),
        ((1, 1), {"stride": (2, 3)}),
        ((3, 3), {"padding": (1, 1)}),
        ((3, 5), {"padding": (0, 2), "stride": (2, 1)}),
        ((3, 3), {"padding": (4, 4), "dilation": (2, 3)}),
        ((2, 3), {"padding": (9, 0), "dilation": (7, 1), "stride": (3, 2)}),
    ],
)
def test_pairs_of_places_stand_for_the_columns_they_see(kernel: tuple[int, int], options: dict) -> None:
    generator = torch.Generator().manual_seed(3)
    x = torch.rand(1, 5, 7, 8, generator=generator, dtype=torch.float64)
    layer = LinearMap(torch.zeros(4, 5, *kernel, dtype=torch.float64), None, **options)
    size = layer.forward(x, layer.weight).shape[2:]
    how = {"kernel_size": kernel, "padding": (0, 0), "stride": (1, 1), "dilation": (1, 1), **options}
    columns = unfold(x, **how)[0]
    places = Places(layer, x, (size[0], size[1]))
    torch.testing.assert_close(places.products(), columns.T @ columns)
    pairs = torch.rand(columns.shape[1], columns.shape[1], generator=generator, dtype=torch.float64)
    torch.testing.assert_close(places.gathered(pairs), fold((columns @ pairs)[None], x.shape[2:], **how))


def with_empty_planes(count: int, kept: list[int], generator: torch.Generator) -> Tensor:
    found = torch.zeros(2, count, 20, 20, dtype=torch.float64)
    found[:, kept] = torch.rand(2, len(kept), 20, 20, generator=generator, dtype=torch.float64)
    found[0, kept[0]] = 0  # empty in one image alone
    return found


@pytest.mark.parametrize("kernel", [1, 3])
def test_without_its_empty_planes_a_layer_shares_out_the_same(kernel: int) -> None:
    generator = torch.Generator().manual_seed(3)
    weight = torch.randn(544, 48, kernel, kernel, generator=generator, dtype=torch.float64)
    layer = LinearMap(
        weight, torch.randn(544, generator=generator, dtype=torch.float64), padding=(kernel // 2,) * 2
    )
    x = with_empty_planes(48, [3, 5, 11, 40], generator)
    relevance = with_empty_planes(544, [0, 7, 300, 543], generator) - with_empty_planes(
        544, [7, 9], generator
    )
    live = narrowed(layer, x, relevance, layer.forward(x, weight))
    assert live.x.shape[1] == 16
    assert live.relevance.shape[1] == 8
    torch.testing.assert_close(live.z, live.layer.forward(live.x, live.layer.weight))
    found = live.widened(live.x * live.layer.adjoint(live.relevance, live.layer.weight, live.x))
    torch.testing.assert_close(found, x * layer.adjoint(relevance, weight, x))
    at = Contribution(layer, x, layer.forward(x, weight), relevance)
    positive = layer.forward(x, weight.clamp(min=0), layer.bias.clamp(min=0)) + 1e-6
    torch.testing.assert_close(
        alpha_beta(at), x * layer.adjoint(relevance / positive, weight.clamp(min=0), x)
    )


def test_planes_that_are_not_numbers_are_no_empty_ones() -> None:
    x = torch.zeros(1, 64, 4, 4)
    x[0, 9, 2, 2], x[0, 33, 1, 1] = torch.nan, -1.0
    live = live_planes(x, 16)
    assert live is not None
    assert len(live) == 16
    assert {9, 33} < set(live.tolist())
    assert live_planes(x - 1, 16) is None
