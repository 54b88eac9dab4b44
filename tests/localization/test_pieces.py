"""Connected pieces against scipy's labelling of every pixel."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.ndimage import find_objects, label

from cxr_desktop.localization.pieces import pieces_of, running_sum


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=14)), st.integers(0, 2**32 - 1))
def test_pieces_are_those_of_labelled_pixels(mask: np.ndarray, seed: int) -> None:
    weights = np.random.default_rng(seed).random(mask.shape, np.float32)
    names, count = label(mask, np.ones((3, 3)))
    found = pieces_of(mask, running_sum(weights))
    assert len(found.areas) == count
    for piece, (down, across) in enumerate(find_objects(names)):
        inside = names == piece + 1
        frame = (found.top[piece], found.bottom[piece], found.left[piece], found.right[piece])
        assert frame == (down.start, down.stop, across.start, across.stop)
        assert found.areas[piece] == inside.sum()
        np.testing.assert_allclose(found.sums[piece], weights[inside].sum(dtype=np.float64), rtol=1e-10)


def test_corners_join_and_the_ends_of_neighbouring_rows_do_not() -> None:
    mask = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], bool)
    found = pieces_of(mask, running_sum(np.ones(mask.shape, np.float32)))
    assert found.areas.tolist() == [1, 2]
    assert pieces_of(np.zeros((3, 0), bool), running_sum(np.zeros((3, 0), np.float32))).areas.size == 0
