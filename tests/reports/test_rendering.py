"""Compositing against what the eye must find: colours, places, nothing where nothing is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxr_desktop.domain import (
    AttributionMap,
    Box,
    Ellipse,
    Finding,
    LocalizedMap,
    ModelIdentity,
    Point,
    Polygon,
    Threshold,
    colormap,
)
from cxr_desktop.domain.palette import NETWORK, READER, REFERENCE
from cxr_desktop.localization import localize
from cxr_desktop.reports.marks import Mark, drawn
from cxr_desktop.reports.rendering import (
    HeatStyle,
    clean,
    contour_distance,
    fitted,
    heat,
    line_opacity,
    line_width,
    overlaid,
    resampled_map,
)

MODEL = ModelIdentity("m", "1", "0" * 64)
CUT = LocalizedMap("rap", "Opacity", Threshold(), 0.3, ())


def map_of(values):
    return AttributionMap(np.asarray(values, dtype=np.float32), "rap", "Opacity", MODEL)


@pytest.mark.parametrize(
    ("shape", "longest", "size"),
    [((2000, 1000), 500, (500, 250)), ((10, 20), 400, (200, 400)), ((1, 5000), 300, (1, 300))],
)
def test_fitted_keeps_the_shape(shape, longest, size):
    assert fitted(*shape, longest) == size


def test_figures_are_limited():
    assert max(fitted(9000, 8000, 9000)) == 1600


def test_a_map_of_zeros_changes_nothing():
    base = np.full((40, 60, 3), 90, dtype=np.uint8)
    assert np.array_equal(overlaid(base, map_of(np.zeros((40, 60))), CUT), base)


def test_heat_lies_where_the_map_is_and_nowhere_else():
    values = np.zeros((40, 60), dtype=np.float32)
    values[:, :20] = 1.0
    figure = overlaid(np.full((40, 60, 3), 90, dtype=np.uint8), map_of(values))
    assert np.all(figure[:, 30:] == 90)
    expected = 0.25 * 90 + 0.75 * colormap.table("inferno")[255].astype(float)
    assert np.allclose(figure[20, 5], expected, atol=1)


def test_signed_maps_show_both_signs_in_opposite_colours():
    plane = np.array([[-1.0, 0.0, 1.0]], dtype=np.float32)
    colours, opacity = heat(plane, True, HeatStyle(saturation=100))
    assert colours[0, 0, 2] > colours[0, 0, 0]
    assert colours[0, 2, 0] > colours[0, 2, 2]
    assert opacity[0].tolist() == pytest.approx([0.75, 0.0, 0.75])


def test_positive_only_drops_what_speaks_against():
    plane = np.array([[-1.0, 0.0, 1.0]], dtype=np.float32)
    _, opacity = heat(plane, True, HeatStyle(positive_only=True, saturation=100))
    assert opacity[0].tolist() == pytest.approx([0.0, 0.0, 0.75])


def test_uniform_opacity_covers_everything():
    _, opacity = heat(np.eye(5, dtype=np.float32), False, HeatStyle(uniform=True, opacity=0.3))
    assert np.all(opacity == np.float32(0.3))


def test_contour_is_a_circle_of_known_radius():
    down, right = np.mgrid[0:200, 0:200].astype(np.float32)
    radius = np.hypot(down - 100, right - 100)
    plane = np.exp(-((radius / 40) ** 2)).astype(np.float32)
    distance = contour_distance(plane, float(np.exp(-1)))
    near = np.abs(radius - 40) < 3
    assert np.allclose(distance[near], np.abs(radius - 40)[near], atol=0.2)
    line = line_opacity(distance, 2.0)
    assert line.sum() == pytest.approx(2 * np.pi * 40 * 2.0, rel=0.03)


def test_specks_get_no_contour():
    plane = np.zeros((60, 60), dtype=np.float32)
    plane[30, 30] = 1.0
    assert line_opacity(contour_distance(plane, 0.5), 2.0).max() == 0
    plane[20:40, 20:40] = 1.0
    assert line_opacity(contour_distance(plane, 0.5), 2.0).max() > 0.7


@pytest.mark.parametrize("style", [NETWORK, REFERENCE, READER])
def test_box_colour_runs_along_the_inside_of_the_box_edge(style):
    base = clean(np.full((100, 200), 50, dtype=np.uint8), (400, 800))
    figure = drawn(base, (100, 200), [Mark(Box(20, 10, 60, 40), style)])
    width = line_width((400, 800))
    left, top, right, bottom = 80, 40, 320, 200
    for row, column in ((top, left), (bottom - 1, right - 1), (top, right - 1), (bottom - 1, left)):
        assert tuple(figure[row, column]) == style.colour
    top_edge = figure[top : top + width, left:right]
    coloured = np.all(top_edge == style.colour, axis=2).mean()
    assert coloured == 1 if not style.dash else 0.4 < coloured < 0.95
    assert np.all(figure[top + width + 2 : bottom - width - 2, left + width + 2 : right - width - 2] == 50)
    assert np.all(figure[: top - 2] == 50)
    assert np.all(figure[:, right + 2 :] == 50)


def test_a_box_off_the_image_is_not_drawn():
    base = np.full((50, 50, 3), 7, dtype=np.uint8)
    marks = [Mark(Box(60, 60, 10, 10), NETWORK, "AI"), Mark(Box(5, 5, 0, 9), NETWORK, "AI")]
    assert np.array_equal(drawn(base, (50, 50), marks), base)


def test_tags_never_cover_each_other():
    base = np.zeros((600, 600, 3), dtype=np.uint8)
    together = [Mark(Box(10, 20, 20, 20), NETWORK, "AI 1"), Mark(Box(10, 20, 20, 20), READER, "Reader")]
    figure = drawn(base, (100, 100), together)
    alone = [drawn(base, (100, 100), [mark]) for mark in together]
    text = [
        np.all(picture == mark.style.colour, axis=2).sum()
        for picture, mark in zip(alone, together, strict=True)
    ]
    assert np.all(figure == READER.colour, axis=2).sum() >= 0.9 * text[1]


def test_not_a_number_counts_as_nothing():
    assert np.array_equal(resampled_map(np.full((4, 4), np.nan), (4, 4)), np.zeros((4, 4)))


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(1, 300),
    columns=st.integers(1, 300),
    box=st.tuples(*[st.floats(0, 300)] * 4),
    longest=st.integers(1, 200),
)
def test_any_shape_can_be_composed(rows, columns, box, longest):
    size = fitted(rows, columns, longest)
    base = clean(np.zeros((rows, columns), dtype=np.uint8), size)
    values = np.linspace(-1, 1, rows * columns, dtype=np.float32).reshape(rows, columns)
    figure = drawn(overlaid(base, map_of(values), CUT), (rows, columns), [Mark(Box(*box), REFERENCE, "NIH")])
    assert figure.shape == (*size, 3)
    assert figure.dtype == np.uint8


def test_the_line_of_a_grainy_map_agrees_with_the_box_cut_from_it():
    grain = np.random.default_rng(1).random((400, 400)).astype(np.float32)
    values = grain * 0.2
    values[120:240, 80:260] += 0.8 * grain[120:240, 80:260]
    localized, _ = localize(map_of(values), Threshold.parse("relative:0.5"), ())
    (box,) = localized.boxes
    base = np.zeros((400, 400, 3), dtype=np.uint8)
    plain, lined = overlaid(base, map_of(values)), overlaid(base, map_of(values), localized)
    rows, columns = np.nonzero(np.any(plain != lined, axis=2))
    assert (columns.min(), rows.min()) == pytest.approx((box.x, box.y), abs=4)
    assert (columns.max(), rows.max()) == pytest.approx((box.right, box.bottom), abs=4)
    inner = np.any(plain != lined, axis=2)[140:220, 100:240]
    assert not inner.any()


def test_outlines_ellipses_and_points_are_drawn_along_their_border():
    blank = np.zeros((300, 400, 3), np.uint8)
    outline = Polygon(((50, 40), (350, 60), (200, 260)))
    round_ = Ellipse(100, 60, 160, 120)
    for shape, on, off in (
        (outline, [(200, 50), (275, 160), (125, 150)], [(50, 260), (200, 150)]),
        (round_, [(100, 120), (260, 120), (180, 60)], [(102, 62), (180, 120)]),
        (Point(210, 130), [(205, 130), (210, 136)], [(230, 130), (216, 138)]),
    ):
        mark = Mark(Finding.around(shape), REFERENCE)
        painted = drawn(blank, (300, 400), [mark]).any(axis=2)
        for x, y in on:
            assert painted[y - 4 : y + 5, x - 4 : x + 5].any(), (shape, x, y)
        for x, y in off:
            assert not painted[y - 4 : y + 5, x - 4 : x + 5].any(), (shape, x, y)


def test_half_the_figure_shows_an_outline_at_half_its_size():
    mark = Mark(Finding.around(Ellipse(100, 60, 160, 120)), READER)
    painted = drawn(np.zeros((150, 200, 3), np.uint8), (300, 400), [mark]).any(axis=2)
    rows, columns = np.nonzero(painted)
    assert (columns.min(), columns.max()) == pytest.approx((50, 130), abs=3)
    assert (rows.min(), rows.max()) == pytest.approx((30, 90), abs=3)
