"""The display table gives what the formulas give, value by value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxr_desktop.domain.errors import CxrError
from cxr_desktop.domain.grayscale import DisplayLut, Grayscale, VoiFunction, VoiTable, Window, looked_up
from cxr_desktop.domain.radiograph import InstanceHeader, Radiograph

INTEGERS = [np.uint8, np.int8, np.uint16, np.int16]


def every_value(dtype):
    limits = np.iinfo(dtype)
    return np.arange(limits.min, limits.max + 1).astype(dtype).reshape(16, -1)


def windows():
    return st.builds(
        Window,
        centre=st.floats(-70000, 70000),
        width=st.floats(1, 140000),
        function=st.sampled_from(list(VoiFunction)),
    )


class TestDisplayLut:
    @pytest.mark.parametrize("dtype", INTEGERS)
    @given(window=windows(), inverted=st.booleans())
    @settings(max_examples=25, deadline=None)
    def test_equals_the_formulas_on_every_value(self, dtype, window, inverted):
        grayscale, values = Grayscale(inverted=inverted), every_value(dtype)
        table = DisplayLut.of(grayscale, window, values.dtype)
        np.testing.assert_array_equal(table.apply(values), grayscale.grays(values, window))

    @pytest.mark.parametrize("dtype", INTEGERS)
    def test_equals_a_voi_table_on_every_value(self, dtype):
        voi = VoiTable(np.linspace(0, 4095, 300).astype(np.uint16), -20, 12)
        grayscale, values = Grayscale(inverted=True), every_value(dtype)
        np.testing.assert_array_equal(
            DisplayLut.of(grayscale, voi, values.dtype).apply(values), grayscale.grays(values, voi)
        )

    def test_a_large_image_goes_through_it_unnoticed(self):
        pixels = np.random.default_rng(0).integers(-3000, 3000, (700, 501), dtype=np.int16)
        grayscale, window = Grayscale(), Window(100, 2000)
        np.testing.assert_array_equal(grayscale.display(pixels, window), grayscale.grays(pixels, window))

    def test_strided_pixels(self):
        pixels = np.random.default_rng(0).integers(0, 65536, (300, 900), dtype=np.uint16)[:, ::3]
        table = np.arange(65536)[::-1].astype(np.uint16)
        np.testing.assert_array_equal(looked_up(table, pixels), 65535 - pixels)


class TestWindow:
    """PS3.3 C.11.2.1.2.1, C.11.2.1.3.1 and C.11.2.1.3.2, at the points where they bend."""

    def test_linear(self):
        window = Window(2048, 4096)
        assert window.apply(np.array([0, 4095, 2047.5])).tolist() == pytest.approx([0, 1, 0.5])

    def test_linear_of_width_one_is_a_step(self):
        assert Window(100, 1).apply(np.array([99.5, 99.6])).tolist() == [0, 1]

    def test_linear_exact(self):
        window = Window(127.5, 255, VoiFunction.LINEAR_EXACT)
        assert (window.apply(np.arange(256)) * 255).tolist() == pytest.approx(list(range(256)), abs=1e-4)

    def test_sigmoid(self):
        window = Window(1000, 400, VoiFunction.SIGMOID)
        expected = 1 / (1 + np.exp(-4 * np.array([-0.5, 0, 0.5])))
        assert window.apply(np.array([800, 1000, 1200])).tolist() == pytest.approx(expected.tolist())

    def test_thirty_two_bits_keep_their_last_step(self):
        centre = 2**31 + 0.5
        values = np.array([2**31, 2**31 + 1], dtype=np.uint32)
        assert Window(centre, 1, VoiFunction.LINEAR_EXACT).apply(values).tolist() == [0, 1]

    @pytest.mark.parametrize(
        ("width", "function"), [(0.5, "LINEAR"), (0, "SIGMOID"), (float("nan"), "LINEAR")]
    )
    def test_impossible_widths(self, width, function):
        with pytest.raises(CxrError):
            Window(0, width, VoiFunction(function))


def test_padding_is_black_and_the_rest_untouched():
    pixels = np.full((4, 4), 255, dtype=np.uint8)
    valid = np.eye(4, dtype=bool)
    shown = Radiograph(pixels, InstanceHeader(Path("a")), valid=valid).display((128.0, 256.0))
    np.testing.assert_array_equal(shown, np.eye(4) * 255)
