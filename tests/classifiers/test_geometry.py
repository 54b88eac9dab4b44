import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cxr_desktop.classifiers import InputSpec, lay_out
from cxr_desktop.classifiers.card import Fit
from cxr_desktop.domain import Box
from cxr_desktop.domain.errors import ModelError

sizes = st.integers(8, 600)
specs = st.builds(
    InputSpec, height=st.integers(32, 400), width=st.integers(32, 400), fit=st.sampled_from(Fit)
)
unit = st.floats(0, 1)


@given(sizes, sizes, specs, unit, unit)
def test_points_go_there_and_back(rows: int, columns: int, spec: InputSpec, u: float, v: float) -> None:
    geometry = lay_out(rows, columns, spec)
    x, y = u * columns, v * rows
    assert geometry.point_to_image(*geometry.point_to_model(x, y)) == pytest.approx((x, y), abs=1e-6)


@given(sizes, sizes, specs, unit, unit, unit, unit)
def test_boxes_go_there_and_back(
    rows: int, columns: int, spec: InputSpec, u: float, v: float, s: float, t: float
) -> None:
    geometry = lay_out(rows, columns, spec)
    seen = geometry.source
    box = Box(
        seen.left + u * seen.width / 2,
        seen.top + v * seen.height / 2,
        s * seen.width / 2,
        t * seen.height / 2,
    )
    back = geometry.box_to_image(geometry.box_to_model(box))
    assert (back.x, back.y, back.width, back.height) == pytest.approx(
        (box.x, box.y, box.width, box.height), abs=1e-6
    )


@given(sizes, sizes, specs)
def test_the_seen_part_fills_its_place_and_nothing_lies_outside(
    rows: int, columns: int, spec: InputSpec
) -> None:
    geometry = lay_out(rows, columns, spec)
    source, target = geometry.source, geometry.target
    assert 0 <= source.left <= source.right <= columns
    assert 0 <= source.top <= source.bottom <= rows
    assert 0 <= target.left <= target.right <= spec.width
    assert 0 <= target.top <= target.bottom <= spec.height
    assert geometry.point_to_model(source.left, source.top) == pytest.approx((target.left, target.top))
    assert geometry.point_to_model(source.right, source.bottom) == pytest.approx(
        (target.right, target.bottom)
    )


@given(st.integers(100, 600), st.integers(100, 600))
def test_letterbox_and_crop_keep_the_aspect(rows: int, columns: int) -> None:
    for fit in (Fit.LETTERBOX, Fit.CROP):
        scale_x, scale_y = lay_out(rows, columns, InputSpec(320, 320, fit=fit)).scale
        assert scale_x == pytest.approx(scale_y, rel=0.01)


def test_letterbox_by_hand() -> None:
    geometry = lay_out(1000, 500, InputSpec(320, 320, fit=Fit.LETTERBOX))
    assert geometry.scale == (0.32, 0.32)
    assert geometry.offset == (80, 0)
    assert geometry.box_to_model(Box(100, 100, 50, 200)) == Box(112, 32, 16, 64)


def test_crop_by_hand() -> None:
    geometry = lay_out(1000, 500, InputSpec(250, 250, fit=Fit.CROP))
    assert geometry.scale == (0.5, 0.5)
    assert geometry.offset == (0, -125)
    assert geometry.box_to_model(Box(0, 0, 500, 1000)) == Box(0, 0, 250, 250)


@given(sizes, sizes, specs, st.floats(-5, 5))
def test_a_constant_map_stays_constant_where_the_model_sees(
    rows: int, columns: int, spec: InputSpec, value: float
) -> None:
    geometry = lay_out(rows, columns, spec)
    image = geometry.map_to_image(np.full((spec.height, spec.width), value, dtype=np.float64))
    seen = geometry.source
    assert image.shape == (rows, columns)
    assert image.dtype == np.float32
    inside = image[seen.top : seen.bottom, seen.left : seen.right]
    assert np.allclose(inside, np.float32(value))
    assert np.count_nonzero(image) == (inside.size if np.float32(value) else 0)


@pytest.mark.parametrize(("h", "w"), [(320, 320), (10, 10), (7, 13)])
def test_a_map_over_the_whole_image_equals_torchs_bilinear(h: int, w: int) -> None:
    plane = np.random.default_rng(0).normal(size=(h, w)).astype(np.float32)
    found = lay_out(1024, 900, InputSpec(320, 320, fit=Fit.STRETCH)).map_to_image(plane)
    tensor = torch.from_numpy(plane).double()[None, None]
    wanted = torch.nn.functional.interpolate(tensor, size=(1024, 900), mode="bilinear", align_corners=False)
    assert np.abs(found - wanted[0, 0].numpy()).max() < 1e-5


def test_padding_is_not_mixed_into_the_image() -> None:
    spec = InputSpec(320, 320, fit=Fit.LETTERBOX)
    geometry = lay_out(1000, 500, spec)
    plane = np.full((320, 320), 100.0)
    plane[:, geometry.target.left : geometry.target.right] = 1.0
    assert np.all(geometry.map_to_image(plane) == 1.0)


def test_a_bright_model_pixel_lands_where_its_box_does() -> None:
    geometry = lay_out(900, 1200, InputSpec(300, 300, fit=Fit.LETTERBOX))
    plane = np.zeros((300, 300))
    plane[100, 200] = 1.0
    image = geometry.map_to_image(plane)
    row, column = np.unravel_index(image.argmax(), image.shape)
    assert geometry.box_to_image(Box(200, 100, 1, 1)).contains(column + 0.5, row + 0.5)


def test_empty_images_and_maps_are_refused() -> None:
    with pytest.raises(ModelError, match="0 x 5 pixels"):
        lay_out(0, 5, InputSpec(32, 32))
    with pytest.raises(ModelError, match="no plane"):
        lay_out(5, 5, InputSpec(32, 32)).map_to_image(np.zeros((1, 3, 3)))
