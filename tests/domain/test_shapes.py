"""Regions against closed forms and an independent rasteriser."""

from __future__ import annotations

from dataclasses import replace
from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.draw import ellipse, polygon2mask

from cxr_desktop.domain import (
    Box,
    Certainty,
    Ellipse,
    Finding,
    Laterality,
    Point,
    Polygon,
    ShapeKind,
    plain,
    region_of,
)

places = st.tuples(st.floats(-20, 90), st.floats(-20, 70))
polygons = st.builds(Polygon, st.lists(places, min_size=3, max_size=7).map(tuple))


@given(polygons)
def test_a_polygons_pixels_are_those_of_another_rasteriser(shape):
    """Away from the outline: on it, rasterisers may decide either way."""
    rows, columns = 50, 70
    centred = [(y - 0.5, x - 0.5) for x, y in shape.vertices]
    expected = polygon2mask((rows, columns), centred)
    different = np.argwhere(shape.mask(rows, columns) != expected)
    assert all(_distance(shape, x + 0.5, y + 0.5) < 1e-6 for y, x in different)


def test_an_ellipses_pixels_are_those_of_another_rasteriser():
    shape = Ellipse(10, 5, 40, 30)
    expected = np.zeros((50, 70), bool)
    expected[ellipse(5 + 15 - 0.5, 10 + 20 - 0.5, 15, 20, shape=expected.shape)] = True
    assert np.array_equal(shape.mask(50, 70), expected)
    assert shape.mask(400, 400).sum() == pytest.approx(shape.area, rel=0.01)
    assert shape.area == pytest.approx(pi * 20 * 15)


def test_areas_and_frames():
    square = Polygon(((0, 0), (10, 0), (10, 4), (0, 4)))
    assert square.area == 40
    assert square.bounding_box == Box(0, 0, 10, 4)
    assert square.mask(8, 12).sum() == 40
    assert Point(3.7, 2.2).mask(5, 5).nonzero() == (np.array([2]), np.array([3]))
    assert not Point(9, 2).mask(5, 5).any()
    assert (Point(3, 2).area, Point(3, 2).bounding_box) == (0, Box(3, 2, 0, 0))
    assert not Ellipse(1, 1, 0, 5).mask(9, 9).any()


@pytest.mark.parametrize("vertices", [(), ((0, 0), (1, 1)), ((0, 0), (1, 1), (float("nan"), 0))])
def test_what_is_no_polygon_is_refused(vertices):
    with pytest.raises(ValueError, match="vert"):
        Polygon(vertices)


@given(polygons)
def test_a_finding_keeps_its_outline(shape):
    finding = Finding.around(shape, Box(0, 0, 1, 1, "Mass", source="A"))
    assert (finding.label, finding.source) == ("Mass", "A")
    assert plain(finding) == replace(shape.bounding_box, label="Mass", source="A")
    back = region_of(finding)
    assert np.allclose(back.vertices, shape.vertices, atol=1e-9)


@given(polygons, places)
def test_an_outline_goes_along_with_its_box(shape, step):
    moved = region_of(Finding.around(shape).moved(*step))
    assert np.allclose(moved.vertices, np.array(shape.vertices) + step, atol=1e-9)


def test_other_shapes_by_their_boxes():
    assert region_of(Finding(1, 2, 3, 4, shape=ShapeKind.ELLIPSE)) == Ellipse(1, 2, 3, 4)
    assert region_of(Finding(1, 2, 0, 0, shape=ShapeKind.POINT)) == Point(1, 2)
    assert region_of(Finding(1, 2, 3, 4, comment="?")) == Box(1, 2, 3, 4)
    assert region_of(Box(1, 2, 3, 4)) == Box(1, 2, 3, 4)
    assert Finding.of(Box(1, 2, 3, 4, "Mass"), certainty=Certainty.DEFINITE).certainty == 3
    with pytest.raises(ValueError, match="a box with 3 vertices"):
        Finding(0, 0, 1, 1, vertices=((0, 0), (1, 0), (0, 1)))


def test_steps_go_round():
    assert [step.following.name for step in Certainty] == ["POSSIBLE", "PROBABLE", "DEFINITE", "UNSTATED"]
    assert [side.following.value for side in Laterality] == ["R", "L", "B", ""]


def _distance(shape, x, y):
    """From a point to the outline."""
    corners = np.array(shape.vertices)
    ends = np.roll(corners, -1, axis=0)
    along = ends - corners
    length = np.maximum((along**2).sum(axis=1), 1e-300)
    share = np.clip((((x, y) - corners) * along).sum(axis=1) / length, 0, 1)
    return np.linalg.norm(corners + share[:, None] * along - (x, y), axis=1).min()
