"""Overlaps of any shapes against closed forms and against masks of many small pixels."""

from __future__ import annotations

from math import acos, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxr_desktop.domain import Box, Ellipse, Finding, Point, Polygon, region_of
from cxr_desktop.domain.region_overlap import MaskRegion, Overlap, overlap

FINE = 8
places = st.tuples(st.floats(0, 60), st.floats(0, 50))
sides = st.floats(4, 40)
rectangles = st.builds(Box, st.floats(0, 40), st.floats(0, 40), sides, sides)
ellipses = st.builds(Ellipse, st.floats(0, 40), st.floats(0, 40), sides, sides).map(Finding.around)
polygons = st.builds(Polygon, st.lists(places, min_size=3, max_size=6).map(tuple)).map(Finding.around)
marks = rectangles | ellipses | polygons


def raster(box):
    """Where the region lies, on a grid of an eighth of a pixel."""
    y, x = (np.indices((90 * FINE, 90 * FINE)) + 0.5) / FINE
    region = region_of(box)
    if isinstance(region, Box):
        return (x >= box.x) & (x < box.right) & (y >= box.y) & (y < box.bottom)
    return region.covers(x, y)


@settings(max_examples=40, deadline=None)
@given(marks, marks)
def test_it_is_that_of_fine_masks(first, second):
    a, b = raster(first), raster(second)
    simple = all(abs(raster(m).sum() / FINE**2 - region_of(m).area) < 8 for m in (first, second))
    if not simple:
        return  # an outline that crosses itself has another area by the shoelace formula
    found = overlap(first, second)
    common, union = (a & b).sum() / FINE**2, (a | b).sum() / FINE**2
    if union > 20:
        assert found.iou == pytest.approx(common / union, abs=0.03)
        assert found.dice == pytest.approx(2 * common / (common + union), abs=0.03)


def test_two_circles_meet_in_a_lens():
    """Area of the lens of two circles of radius r at distance d: 2 r^2 acos(d/2r) - d/2 sqrt(4r^2 - d^2)."""
    r, d = 50.0, 40.0
    lens = 2 * r * r * acos(d / (2 * r)) - d / 2 * sqrt(4 * r * r - d * d)
    one, other = Finding.around(Ellipse(0, 0, 2 * r, 2 * r)), Finding.around(Ellipse(d, 0, 2 * r, 2 * r))
    area = pi * r * r
    found = overlap(one, other)
    assert found.iou == pytest.approx(lens / (2 * area - lens), abs=1e-4)
    assert found.iobb == pytest.approx(lens / area, abs=1e-4)
    assert found.dice == pytest.approx(lens / area, abs=1e-4)


def test_rectangles_are_exact_in_every_dress():
    a, b = Box(0, 0, 10, 10), Box(5, 5, 10, 10)
    square = Finding.around(Polygon(((5, 5), (15, 5), (15, 15), (5, 15))))
    assert overlap(a, b) == Overlap(25 / 175, 0.25, 0.25)
    drawn = overlap(a, square)
    assert (drawn.iou, drawn.iobb, drawn.dice) == pytest.approx((25 / 175, 0.25, 0.25))
    assert overlap(a, Finding.around(Point(5, 5))) == Overlap()
    assert overlap(a, Box(20, 20, 5, 5)) == Overlap()


@settings(max_examples=40, deadline=None)
@given(marks, st.integers(0, 10_000))
def test_a_mask_of_coarse_cells_is_held_against_as_its_fine_one(mark, seed):
    step = 2.0
    mask = np.random.default_rng(seed).random((45, 45)) < 0.4
    fine = np.kron(mask, np.ones((2 * FINE, 2 * FINE), bool))
    found = MaskRegion(mask, step).overlap(mark)
    inside = raster(mark)
    area = region_of(mark).area
    if abs(inside.sum() / FINE**2 - area) < 8 and area > 100:
        common = (inside & fine).sum() / FINE**2
        assert found.iobb * MaskRegion(mask, step).area == pytest.approx(common, abs=0.06 * area + 10)


def test_a_box_on_a_mask_is_exact():
    mask = np.zeros((20, 30), bool)
    mask[5:15, 10:20] = True
    found = MaskRegion(mask, 4.0).overlap(Box(38.5, 21, 20, 30))
    common = (58.5 - 40) * 30
    assert found.iou == pytest.approx(common / (600 + 1600 - common))
    assert MaskRegion(mask, 4.0).overlap(Box(200, 200, 5, 5)) == Overlap()


def test_an_edge_that_is_nearly_level_has_no_slope_to_overflow() -> None:
    level = Finding.around(Polygon(((0.0, 1e-310), (10.0, 0.0), (10.0, 4.0), (0.0, 4.0))))
    with np.errstate(all="raise", under="ignore"):
        assert overlap(level, Box(0, 0, 10, 4)).iou == pytest.approx(1.0)
