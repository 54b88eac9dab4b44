"""Ellipses, outlines, points and what is said of findings, by mouse and keys."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from cxr_desktop.domain import (
    Box,
    Certainty,
    Ellipse,
    Finding,
    Laterality,
    Point,
    Polygon,
    StudyFinding,
    region_of,
)
from cxr_desktop.library import ReadingStore

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def open_hand(make_hand):
    """A window on an image, without a network."""
    hand = make_hand()
    hand.open("1.dcm")
    return hand


def click(hand, x, y):
    at = hand.at(x, y)
    hand.press(at)
    hand.release(at)


def outline(hand, *corners):
    hand.key(Qt.Key.Key_V)
    for corner in corners:
        click(hand, *corner)


def near(vertices, expected):
    return np.allclose(vertices, expected, atol=1.0)


def test_one_drag_draws_an_ellipse(open_hand):
    open_hand.key(Qt.Key.Key_D, SHIFT)
    start, end = open_hand.at(100, 80), open_hand.at(200, 140)
    open_hand.drag(start, end)
    (found,) = open_hand.boxes
    (x0, y0), (x1, y1) = open_hand.stored(start), open_hand.stored(end)
    region = region_of(found)
    assert isinstance(region, Ellipse)
    assert (region.x, region.y, region.width, region.height) == pytest.approx((x0, y0, x1 - x0, y1 - y0))
    assert (found.label, found.source) == ("Lung Opacity", "reader A")


def test_one_click_marks_a_point_which_can_be_moved_and_nudged(open_hand):
    open_hand.key(Qt.Key.Key_G, SHIFT)
    click(open_hand, 150, 120)
    (found,) = open_hand.boxes
    assert isinstance(region_of(found), Point)
    open_hand.key(Qt.Key.Key_S)
    open_hand.drag(open_hand.at(150, 120), open_hand.at(180, 130))
    open_hand.key(Qt.Key.Key_Right)
    (moved,) = open_hand.boxes
    assert (moved.x - found.x, moved.y - found.y) == pytest.approx((31, 10), abs=1.5)


@pytest.mark.parametrize("end", ["first", "last", "return"])
def test_clicks_draw_an_outline_closed_on_a_vertex_or_by_return(open_hand, end):
    corners = [(100, 80), (200, 90), (180, 200), (110, 180)]
    outline(open_hand, *corners)
    assert open_hand.parts.reading.history.present.boxes == (), "an open outline is no event yet"
    if end == "return":
        open_hand.key(Qt.Key.Key_Return)
    else:
        click(open_hand, *corners[0 if end == "first" else -1])
    (found,) = open_hand.parts.reading.history.present.boxes
    region = region_of(found)
    assert isinstance(region, Polygon)
    assert near(region.vertices, corners)


def test_one_drag_draws_a_whole_outline(open_hand):
    open_hand.key(Qt.Key.Key_V)
    circle = [(200 + 60 * np.cos(a), 200 + 60 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 40)]
    open_hand.press(open_hand.at(*circle[0]))
    for place in circle[1:]:
        open_hand.move(open_hand.at(*place))
    open_hand.release(open_hand.at(*circle[-1]))
    (found,) = open_hand.parts.reading.history.present.boxes
    assert region_of(found).area == pytest.approx(np.pi * 60**2, rel=0.05)


def test_escape_gives_an_outline_up_and_the_next_begins_anew(open_hand):
    outline(open_hand, (100, 80), (200, 90), (180, 200))
    open_hand.key(Qt.Key.Key_Escape)
    assert open_hand.boxes == ()
    outline(open_hand, (300, 80), (350, 90), (320, 200), (300, 80))
    (found,) = open_hand.boxes
    assert found.x == pytest.approx(300, abs=1)


def test_another_tool_gives_an_open_outline_up(open_hand):
    outline(open_hand, (100, 80), (200, 90), (180, 200))
    open_hand.key(Qt.Key.Key_S)
    assert open_hand.boxes == ()
    open_hand.key(Qt.Key.Key_V)
    click(open_hand, 100, 80)
    click(open_hand, 101, 180)
    open_hand.key(Qt.Key.Key_Return)
    assert open_hand.boxes == (), "two vertices are no outline"


def test_a_vertex_is_moved_alone_and_the_inside_moves_all(open_hand):
    corners = [(100, 80), (200, 80), (200, 180), (100, 180)]
    outline(open_hand, *corners, corners[0])
    open_hand.key(Qt.Key.Key_S)
    open_hand.drag(open_hand.at(200, 180), open_hand.at(260, 240))
    (found,) = open_hand.boxes
    assert near(region_of(found).vertices, [*corners[:2], (260, 240), corners[3]])
    open_hand.drag(open_hand.at(150, 130), open_hand.at(150, 130) + QPoint(0, 20))
    (moved,) = open_hand.boxes
    step = 20 / open_hand.parts.viewer.view.scale
    assert moved.y - found.y == pytest.approx(step, abs=0.5)
    assert moved.vertices == found.vertices


def test_keys_say_how_sure_and_on_which_side(open_hand):
    open_hand.key(Qt.Key.Key_D)
    open_hand.drag(open_hand.at(100, 80), open_hand.at(200, 140))
    plain = open_hand.boxes
    open_hand.key(Qt.Key.Key_0)
    open_hand.key(Qt.Key.Key_0)
    open_hand.key(Qt.Key.Key_K, SHIFT)
    (found,) = open_hand.boxes
    assert (found.certainty, found.laterality) == (Certainty.PROBABLE, Laterality.RIGHT)
    assert open_hand.find("certainty:probable").isChecked()
    assert open_hand.find("laterality:right").isChecked()
    for _ in range(3):
        open_hand.key(Qt.Key.Key_Z, CTRL)
    assert open_hand.boxes == plain
    assert type(open_hand.boxes[0]) is Box


def test_the_panel_says_it_too_and_all_survives_a_restart(open_hand, make_hand, tmp_path):
    open_hand.key(Qt.Key.Key_D, SHIFT)
    open_hand.drag(open_hand.at(100, 80), open_hand.at(200, 140))
    left = Qt.MouseButton.LeftButton
    open_hand.qtbot.mouseClick(open_hand.find("certainty:definite"), left)
    open_hand.qtbot.mouseClick(open_hand.find("laterality:left"), left)
    comment = open_hand.find("findingComment")
    comment.setFocus()
    open_hand.qtbot.keyClicks(comment, "near the hilum")
    open_hand.qtbot.keyClick(comment, Qt.Key.Key_Return)
    open_hand.canvas.setFocus()
    open_hand.key(Qt.Key.Key_2, ALT)
    stated = open_hand.parts.labels[1]
    open_hand.window.close()
    again = make_hand()
    again.open("1.dcm")
    (found,) = again.boxes
    assert isinstance(found, Finding)
    assert (found.certainty, found.laterality, found.comment) == (
        Certainty.DEFINITE,
        Laterality.LEFT,
        "near the hilum",
    )
    assert again.parts.reading.shown.study_findings == (StudyFinding(stated),)
    again.qtbot.mouseClick(again.find(f"withdraw:{stated}"), left)
    assert again.parts.reading.shown.study_findings == ()
    again.key(Qt.Key.Key_Z, CTRL)
    assert again.parts.reading.shown.study_findings == (StudyFinding(stated),)
    again.window.close()
    with closing(ReadingStore(tmp_path / "data")) as store:
        assert store.history("sha of 1.dcm", "reader A").present.boxes == (found,)


def test_duplicating_and_snapping_keep_the_shape(hand):
    hand.key(Qt.Key.Key_D, SHIFT)
    hand.drag(hand.at(110, 90), hand.at(190, 160))
    hand.key(Qt.Key.Key_D, CTRL)
    hand.key(Qt.Key.Key_B)
    first, second = hand.boxes
    assert isinstance(region_of(first), Ellipse)
    assert region_of(second) == Ellipse(100, 80, 120, 100)


def test_a_study_finding_alone_makes_a_reading_that_is_not_empty(open_hand):
    open_hand.key(Qt.Key.Key_3, ALT)
    open_hand.key(Qt.Key.Key_Return, CTRL)
    assert open_hand.parts.reading.history.locked
    assert open_hand.parts.reading.history.present.first.study_findings
    open_hand.key(Qt.Key.Key_4, ALT)
    assert len(open_hand.parts.reading.shown.study_findings) == 1, "locked"


def test_keys_in_the_middle_of_a_drag_do_no_harm(open_hand):
    open_hand.key(Qt.Key.Key_D)
    open_hand.press(open_hand.at(50, 50))
    open_hand.move(open_hand.at(120, 120))
    for key, modifier in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_D, CTRL),
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Return, CTRL),
    ):
        open_hand.key(key, modifier)
    open_hand.move(open_hand.at(130, 130))
    open_hand.release(open_hand.at(130, 130))
    assert len(open_hand.boxes) <= 1


def test_a_study_finding_is_made_surer_and_given_a_side_by_clicks(open_hand):
    open_hand.key(Qt.Key.Key_3, ALT)
    label = open_hand.parts.labels[2]
    for name in (f"sure:{label}", f"sure:{label}", f"side:{label}"):
        open_hand.qtbot.mouseClick(open_hand.find(name), Qt.MouseButton.LeftButton)
        open_hand.qtbot.wait(1)  # the row is made anew
    (stated,) = open_hand.parts.reading.shown.study_findings
    assert stated == StudyFinding(label, Certainty.PROBABLE, Laterality.RIGHT)
    open_hand.key(Qt.Key.Key_Z, CTRL)
    assert open_hand.parts.reading.shown.study_findings[0].laterality is Laterality.UNSTATED


def test_a_comment_in_the_making_is_part_of_what_is_committed(open_hand):
    open_hand.key(Qt.Key.Key_D)
    open_hand.drag(open_hand.at(100, 80), open_hand.at(200, 140))
    comment = open_hand.find("findingComment")
    comment.setFocus()
    open_hand.qtbot.keyClicks(comment, "old scar")
    open_hand.key(Qt.Key.Key_Return, CTRL)
    assert open_hand.parts.reading.history.present.first.boxes[0].comment == "old scar"


def test_clicks_beside_the_image_leave_the_number_keys_with_it(open_hand):
    open_hand.key(Qt.Key.Key_D)
    open_hand.drag(open_hand.at(100, 80), open_hand.at(200, 140))
    open_hand.canvas.setFocus()
    open_hand.qtbot.mouseClick(open_hand.find("certainty:definite"), Qt.MouseButton.LeftButton)
    assert open_hand.canvas.hasFocus()
    comment = open_hand.find("findingComment")
    comment.setFocus()
    open_hand.qtbot.keyClick(comment, Qt.Key.Key_Return)
    assert open_hand.canvas.hasFocus()
