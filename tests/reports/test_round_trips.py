"""What is exported reads back as what was drawn, as far as each format can hold it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cxr_desktop.domain import Box, Certainty, Finding, Laterality, Point, Polygon, Reading, ShapeKind
from cxr_desktop.localization import read_boxes
from cxr_desktop.reports import export

COLUMNS, ROWS = 400, 200
LABELS = st.sampled_from(["Lung Opacity", "Nodule/Mass", "Trübung, links", 'a "quoted" <label> & more'])
SOURCES = ("NIH", "Dr. Chen", "RSNA")
edges = st.floats(0, 1, allow_nan=False)


def _spanning(
    x0: float, y0: float, x1: float, y1: float, label: str, score: float | None, source: str
) -> Box:
    low_x, high_x = sorted((x0 * (COLUMNS - 2), x1 * (COLUMNS - 2)))
    low_y, high_y = sorted((y0 * (ROWS - 2), y1 * (ROWS - 2)))
    return Box(low_x, low_y, high_x - low_x + 1, high_y - low_y + 1, label, score, source)


scores = st.none() | st.floats(0, 1)
boxes = st.builds(_spanning, edges, edges, edges, edges, LABELS, scores, st.sampled_from(SOURCES))
drawn = st.lists(boxes, max_size=6)
shared = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def trip(make_analysis) -> Callable[[str, list[Box]], list[Box]]:
    """A function that exports boxes, some as references and some as readings, and reads them back."""

    def go(name: str, drawn: list[Box]) -> list[Box]:
        readings = tuple(
            Reading(reader, tuple(box for box in drawn if box.source == reader)) for reader in SOURCES[1:]
        )
        references = tuple(box for box in drawn if box.source == SOURCES[0])
        header = {"path": Path("incoming") / "case-7.png"}
        analysis = make_analysis(
            rows=ROWS, columns=COLUMNS, methods=(), references=references, readings=readings, header=header
        )
        with tempfile.TemporaryDirectory() as folder:
            Image.new("L", (COLUMNS, ROWS)).save(Path(folder) / "case-7.png")
            main = export(analysis, [name], Path(folder))[0]
            (found,) = read_boxes(main).values() or ((),)
            return list(found)

    return go


def ordered(drawn: list[Box]) -> list[Box]:
    return [box for source in SOURCES for box in drawn if box.source == source]


def numbers(box: Box) -> tuple[float, ...]:
    return box.x, box.y, box.width, box.height


@pytest.mark.parametrize("name", ["csv", "coco", "labelme", "labelstudio"])
@shared
@given(drawn=drawn)
def test_nothing_is_lost(trip, name, drawn):
    """CSV, COCO, LabelMe and Label Studio hold all of a box that lies on the image."""
    back, expected = trip(name, drawn), ordered(drawn)
    assert [_words(box) for box in back] == [_words(box) for box in expected]
    for one, other in zip(back, expected, strict=True):
        assert numbers(one) == pytest.approx(numbers(other), abs=1e-9)


def _words(box: Box) -> tuple[object, ...]:
    return box.label, box.source, box.score


@shared
@given(drawn=drawn)
def test_voc_holds_whole_pixels(trip, drawn):
    """Each box comes back as the smallest one of whole pixels that holds it, with label, source and score."""
    back = trip("voc", drawn)
    assert back == [_whole(box) for box in ordered(drawn)]


def _whole(box: Box) -> Box:
    left, top = float(int(box.x)), float(int(box.y))
    right, bottom = -float(int(-box.right // 1)), -float(int(-box.bottom // 1))
    return replace(box, x=left, y=top, width=right - left, height=bottom - top)


@shared
@given(drawn=drawn)
def test_yolo_holds_six_places_and_no_score(trip, drawn):
    back = trip("yolo", drawn)
    by_source = {
        source: [box for box in drawn if box.source == source] for source in ("NIH", "Dr. Chen", "RSNA")
    }
    for source, boxes_of in by_source.items():
        found = [box for box in back if box.source == source]
        assert [box.label for box in found] == [box.label for box in boxes_of]
        for one, other in zip(found, boxes_of, strict=True):
            assert numbers(one) == pytest.approx(numbers(other), abs=1e-3)
            assert one.score is None


said = {
    "certainty": st.sampled_from(Certainty),
    "laterality": st.sampled_from(Laterality),
    "comment": st.sampled_from(["", "near the hilum", 'a "quoted" <comment>']),
}
shares = st.tuples(st.floats(0, 1), st.floats(0, 1))
outlines = st.lists(shares, min_size=3, max_size=6).filter(lambda some: Polygon(tuple(some)).area > 0.01)
findings = st.one_of(
    st.builds(Finding.of, boxes, shape=st.sampled_from([ShapeKind.BOX, ShapeKind.ELLIPSE]), **said),
    st.builds(
        lambda box, outline, said: Finding.of(Finding.around(_within(box, outline), box), **said),
        boxes,
        outlines,
        st.fixed_dictionaries(said),
    ),
    st.builds(
        lambda box, said: Finding.of(Finding.around(Point(box.x, box.y), box), **said),
        boxes,
        st.fixed_dictionaries(said),
    ),
)


def _within(box: Box, outline: list[tuple[float, float]]) -> Polygon:
    return Polygon(tuple((box.x + u * box.width, box.y + v * box.height) for u, v in outline))


@pytest.mark.parametrize("name", ["coco", "labelme"])
@shared
@given(drawn=st.lists(boxes | findings, max_size=5))
def test_shapes_and_what_was_said_of_them_are_held(trip, name, drawn):
    back, expected = trip(name, drawn), ordered(drawn)
    assert [_words(box) for box in back] == [_words(box) for box in expected]
    for one, other in zip(back, expected, strict=True):
        assert numbers(one) == pytest.approx(numbers(other), abs=1e-9)
        assert type(one) is type(other)
        if isinstance(other, Finding):
            assert (one.shape, one.certainty, one.laterality, one.comment) == (
                other.shape,
                other.certainty,
                other.laterality,
                other.comment,
            )
            assert len(one.vertices) == len(other.vertices)
            for vertex, drawn_at in zip(one.vertices, other.vertices, strict=True):
                assert vertex == pytest.approx(drawn_at, abs=1e-6)


def test_formats_for_boxes_hold_the_bounding_box_of_a_shape(trip):
    outline = Finding.around(Polygon(((10, 20), (60, 20), (30, 80))), Box(0, 0, 1, 1, "Mass", source="NIH"))
    for name in ("csv", "voc", "yolo", "labelstudio"):
        (found,) = trip(name, [outline])
        assert type(found) is Box
        assert numbers(found) == pytest.approx((10, 20, 50, 60), abs=1e-3)
