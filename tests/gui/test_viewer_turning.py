"""Rotate and flip: the picture, its marks, the tools and the letters turn as one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage

from cxr_desktop.domain import Box
from cxr_desktop.ui.viewer.edge_letters import EdgeLetters, edge_letters
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.view_transform import UPRIGHT, Turn, ViewTransform

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
turns = st.builds(Turn, st.integers(0, 3), st.booleans())
KEYS = {Qt.Key.Key_R: "right", Qt.Key.Key_L: "left", Qt.Key.Key_H: "across", Qt.Key.Key_V: "down"}


@given(turns)
def test_an_array_and_a_vector_turn_alike(turn):
    values = np.arange(12).reshape(3, 4)
    turned = turn.turned(values)
    for row in range(3):
        for column in range(4):
            x, y = turn.vector(column - 1.5, row - 1.0)
            rows, columns = turned.shape
            there = turned[round(y + (rows - 1) / 2), round(x + (columns - 1) / 2)]
            assert there == values[row, column]
            assert turn.inverse_vector(x, y) == (column - 1.5, row - 1.0)


@given(turns)
def test_turns_follow_the_screen(turn):
    picture = np.arange(12).reshape(3, 4)
    shown = turn.turned(picture)
    assert np.array_equal(turn.rotated(1).turned(picture), np.rot90(shown, -1))
    assert np.array_equal(turn.flipped_across().turned(picture), shown[:, ::-1])
    assert np.array_equal(turn.flipped_down().turned(picture), shown[::-1])


@given(turns, st.floats(0.1, 5), st.floats(0.5, 2), st.floats(-300, 300), st.floats(-300, 300))
def test_a_turned_view_and_its_inverse_agree_and_keep_the_middle(turn, scale, aspect, x, y):
    view = ViewTransform(scale, 13.0, -7.0, aspect)
    after = view.turned(turn, 200, 150)
    assert after.to_image(*after.to_view(x, y)) == pytest.approx((x, y), abs=1e-6)
    assert after.to_image(200, 150) == pytest.approx(view.to_image(200, 150), abs=1e-6)
    visible = after.visible(100, 100, 400, 300)
    inside = after.to_image(200, 150)
    if 0 <= inside[0] < 100 and 0 <= inside[1] < 100:
        assert visible[0] <= inside[0] < visible[2]
        assert visible[1] <= inside[1] < visible[3]


@given(turns, st.floats(0.5, 2))
def test_a_fitted_image_fills_one_side_and_is_centred(turn, aspect):
    view = ViewTransform.fitted(400, 300, 900, 700, aspect, turn)
    corners = np.sort([view.to_view(0, 0), view.to_view(400, 300)], axis=0)
    assert np.allclose(corners.sum(axis=0), (900, 700))
    margins = corners[0]
    assert margins.min() == pytest.approx(12)


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (UPRIGHT, EdgeLetters("R", "H", "L", "F")),
        (Turn(1), EdgeLetters("F", "R", "H", "L")),
        (Turn(2), EdgeLetters("L", "F", "R", "H")),
        (Turn(0, True), EdgeLetters("L", "H", "R", "F")),
        (UPRIGHT.flipped_down(), EdgeLetters("R", "F", "L", "H")),
    ],
)
def test_letters_of_a_frontal_chest_go_with_the_picture(turn, expected):
    assert edge_letters(("L", "F"), turn) == expected


def test_no_letters_where_the_file_has_none_and_both_of_an_oblique_one():
    assert edge_letters(("", ""), Turn(1)) == EdgeLetters()
    assert edge_letters(("LP", "F"), UPRIGHT).left == "RA"


def grays(hand):
    image = QImage(hand.canvas.size(), QImage.Format.Format_RGB888)
    hand.canvas.render(image)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


@pytest.mark.parametrize("keys", [(k,) for k in KEYS] + [(Qt.Key.Key_R, Qt.Key.Key_H)])
def test_every_pixel_is_where_the_view_says(hand, keys):
    hand.parts.viewer.set_overlays_hidden(True)
    for key in keys:
        hand.key(key, SHIFT)
    hand.key(Qt.Key.Key_1, CONTROL)
    expected = hand.parts.session.image.radiograph.display()
    picture = grays(hand)
    for x, y in ((150, 150), (400, 160), (250, 333), (320, 90)):
        at = hand.at(x + 0.5, y + 0.5)
        column, row = hand.parts.viewer.view.to_image(at.x() + 0.5, at.y() + 0.5)
        assert picture[at.y(), at.x(), 0] == expected[int(row), int(column)]


def test_marks_turn_with_the_picture(hand):
    centre = (160, 130)
    upright = grays(hand)[hand.at(*centre).y(), hand.at(*centre).x()].astype(int)
    hand.key(Qt.Key.Key_R, SHIFT)
    turned = grays(hand)[hand.at(*centre).y(), hand.at(*centre).x()].astype(int)
    assert np.ptp(turned) > 20, "the map's colour lies where the map is"
    assert np.abs(turned - upright).max() < 25


def test_a_box_drawn_on_a_turned_image_is_in_stored_pixels_and_arrows_follow_the_screen(hand):
    hand.key(Qt.Key.Key_R, SHIFT)
    hand.key(Qt.Key.Key_D)
    start, end = QPoint(400, 300), QPoint(500, 360)
    hand.drag(start, end)
    (box,) = hand.boxes
    xs, ys = zip(hand.stored(start), hand.stored(end), strict=True)
    assert (box.x, box.y) == pytest.approx((min(xs), min(ys)))
    assert (box.right, box.bottom) == pytest.approx((max(xs), max(ys)))
    hand.key(Qt.Key.Key_Right)
    moved = hand.boxes[0]
    assert (moved.x, moved.y) == pytest.approx((box.x, box.y - 1)), "right on the screen is up on the image"


def test_a_handle_is_taken_hold_of_on_a_flipped_image(hand):
    hand.parts.reading.add(Box(100, 100, 80, 60, "Lung Opacity"))
    hand.key(Qt.Key.Key_H, SHIFT)
    hand.key(Qt.Key.Key_S)
    hand.drag(hand.at(180, 130), hand.at(220, 130))
    (box,) = hand.boxes
    assert box.x == 100
    assert box.right == pytest.approx(220, abs=2)


def test_the_canvas_shows_the_letters_and_the_turn_and_reset_takes_it_back(hand):
    hand.parts.viewer.set_overlays_hidden(True)
    radiograph = replace(hand.parts.session.image.radiograph, sha256="other")
    hand.parts.session.set_image(LoadedImage.prepare(radiograph))
    bare = grays(hand)
    hand.parts.session.set_image(LoadedImage.prepare(replace(radiograph, orientation=("L", "F"))))
    with_letters = grays(hand)
    changed = np.argwhere((bare != with_letters).any(axis=2))
    height, width = bare.shape[:2]
    sides = {(x < 40, x > width - 40, y < 40, y > height - 40) for y, x in changed}
    assert len(sides) == 4, "a letter at each edge and nothing else"
    hand.key(Qt.Key.Key_R, SHIFT)
    assert hand.parts.viewer.view.turn == Turn(1)
    hand.key(Qt.Key.Key_R)
    assert hand.parts.viewer.view.turn == UPRIGHT
    assert np.array_equal(grays(hand), with_letters)


def test_pixels_that_are_not_square_keep_the_patients_shape_when_turned(hand):
    radiograph = replace(hand.parts.session.image.radiograph, pixel_aspect=1.6, sha256="tall")
    hand.parts.session.set_image(LoadedImage.prepare(radiograph))
    for _ in range(2):
        corner, opposite = hand.at(0, 0), hand.at(100, 100)
        span = opposite - corner
        long, short = (span.y(), span.x()) if hand.parts.viewer.view.turn == UPRIGHT else (span.x(), span.y())
        assert abs(long / short) == pytest.approx(1.6, abs=0.05)
        hand.key(Qt.Key.Key_R, SHIFT)
