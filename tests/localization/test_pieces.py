"""Connected pieces against scipy's labelling of every pixel."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.ndimage import find_objects, label

from cxr_desktop.localization.pieces import levels_of, nested_pieces, pieces_of


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=14)), st.integers(0, 2**32 - 1))
def test_pieces_are_those_of_labelled_pixels(mask: np.ndarray, seed: int) -> None:
    weights = np.random.default_rng(seed).random(mask.shape, np.float32)
    names, count = label(mask, np.ones((3, 3)))
    found = pieces_of(mask, weights)
    assert len(found.areas) == count
    for piece, (down, across) in enumerate(find_objects(names)):
        inside = names == piece + 1
        frame = (found.top[piece], found.bottom[piece], found.left[piece], found.right[piece])
        assert frame == (down.start, down.stop, across.start, across.stop)
        assert found.areas[piece] == inside.sum()
        np.testing.assert_allclose(found.sums[piece], weights[inside].sum(dtype=np.float64), rtol=1e-10)


def test_corners_join_and_the_ends_of_neighbouring_rows_do_not() -> None:
    mask = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], bool)
    found = pieces_of(mask, np.ones(mask.shape, np.float32))
    assert found.areas.tolist() == [1, 2]
    assert pieces_of(np.zeros((3, 0), bool), np.zeros((3, 0), np.float32)).areas.size == 0


@given(
    arrays(
        np.float32, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.sampled_from([0, 1, 2, 3])
    ),
    st.lists(st.sampled_from([0.5, 1.0, 2.5, 3.0, 4.0]), min_size=1, unique=True),
)
def test_nested_pieces_are_those_of_each_mask(values: np.ndarray, chosen: list[float]) -> None:
    cuts = sorted(chosen)
    together = nested_pieces(levels_of(values, cuts), len(cuts), values)
    for level, cut in enumerate(cuts, start=1):
        alone = pieces_of(values >= cut, values)
        for name in ("top", "left", "bottom", "right", "areas", "sums"):
            np.testing.assert_array_equal(
                getattr(together, name)[together.level == level], getattr(alone, name)
            )
