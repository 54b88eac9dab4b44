"""The products that the rules are made of, where they take a shorter way than their definition."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cxr_desktop.attribution import explain
from cxr_desktop.attribution.linear_map import LinearMap, known_sum
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
    found, expected = parts.sums(z), parts.sums()
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
