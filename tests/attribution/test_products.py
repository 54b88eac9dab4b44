"""The products that the rules are made of, where they take a shorter way than their definition."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cxr_desktop.attribution import explain
from cxr_desktop.attribution.arithmetic import by_sign
from cxr_desktop.attribution.linear_map import LinearMap, known_sum


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((8, 6, 1, 1), {}),
        ((8, 6, 3, 3), {"padding": (1, 1), "stride": (2, 2)}),
        ((6, 1, 3, 3), {"groups": 6}),
    ],
)
def test_contributions_of_either_sign_by_subtraction(shape: tuple[int, ...], options: dict) -> None:
    generator = torch.Generator().manual_seed(3)
    weight = torch.randn(shape, generator=generator)
    weight[0] = weight[0].abs()
    weight[1] = -weight[1].abs()
    layer = LinearMap(weight, None, **options)
    x = torch.rand(2, 6, 9, 9, generator=generator) * (torch.rand(2, 6, 9, 9, generator=generator) > 0.7)
    parts = by_sign(weight, 0)
    z = layer.forward(x, weight)
    assert known_sum(layer, z) is z
    found, expected = layer.forward_by_sign(x, parts, z), layer.forward_by_sign(x, parts, None)
    assert found.min() >= 0
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_what_is_rounded_or_biased_is_no_good_for_differences(bias: bool, dtype: torch.dtype) -> None:
    z = torch.ones(1, 2, 4, 4, dtype=dtype)
    layer = LinearMap(torch.ones(2, 1, 1, 1, dtype=dtype), torch.ones(2) if bias else None)
    assert (known_sum(layer, z) is z) is (dtype is torch.float64 and not bias)


def test_rsp_from_nothing_is_nothing(build: Callable[..., nn.Module], images: Tensor) -> None:
    start = torch.zeros(2, 512, 2, 2)
    start[1, 3] = 1.0
    found = explain(build("resnet18"), images, 0, "rsp", start=start)
    assert not found.relevance[0].any()
    assert float(found.relevance[1].sum()) == pytest.approx(4.0, rel=1e-4)
