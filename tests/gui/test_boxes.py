"""Drawing, changing and keeping boxes with mouse and keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt

from cxr_desktop.domain import Box

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NETWORK = Box(100, 80, 120, 100)


def iou(a: Box, b: Box) -> float:
    """From the definition, on corners."""
    width = max(0.0, min(a.x + a.width, b.x + b.width) - max(a.x, b.x))
    height = max(0.0, min(a.y + a.height, b.y + b.height) - max(a.y, b.y))
    return width * height / (a.width * a.height + b.width * b.height - width * height)


def draw(hand, x0, y0, x1, y1):
    hand.key(Qt.Key.Key_D)
    hand.drag(hand.at(x0, y0), hand.at(x1, y1))


def test_a_drag_draws_a_box_where_the_mouse_went(hand):
    start, end = hand.at(90, 70), hand.at(250, 200)
    hand.key(Qt.Key.Key_D)
    hand.drag(start, end)
    (x0, y0), (x1, y1) = hand.stored(start), hand.stored(end)
    (box,) = hand.boxes
    assert (box.x, box.y, box.right, box.bottom) == pytest.approx((x0, y0, x1, y1))
    assert box.source == "reader A"
    assert box.label == "Lung Opacity"


def test_overlap_is_shown_while_the_box_is_drawn(hand):
    table = hand.find("overlaps")
    hand.key(Qt.Key.Key_D)
    start = hand.at(100, 80)
    hand.press(start)
    seen = []
    for corner in (hand.at(140, 120), hand.at(180, 150), hand.at(220, 180)):
        hand.move(corner)
        (box,) = hand.boxes
        assert table.item(0, 2).text() == f"{iou(box, NETWORK):.2f}"
        seen.append(float(table.item(0, 2).text()))
    assert not hand.parts.reading.history.present.boxes, "a drag under way is no event yet"
    hand.release(hand.at(220, 180))
    assert seen == sorted(seen)
    assert seen[-1] > 0.95


def test_a_tool_stays_armed(hand):
    draw(hand, 10, 10, 60, 60)
    hand.drag(hand.at(300, 200), hand.at(360, 260))
    assert len(hand.boxes) == 2


def test_a_click_draws_nothing(hand):
    hand.key(Qt.Key.Key_D)
    hand.drag(hand.at(50, 50), hand.at(50, 50))
    assert not hand.boxes
    assert not hand.parts.reading.history.can_undo


@pytest.mark.parametrize(
    ("grab", "sides"),
    [
        ((300, 200), "se"), ((200, 100), "nw"), ((300, 100), "ne"), ((200, 200), "sw"),
        ((250, 100), "n"), ((250, 200), "s"), ((200, 150), "w"), ((300, 150), "e"),
    ],
)  # fmt: skip
def test_each_handle_moves_its_own_edges(hand, grab, sides):
    draw(hand, 200, 100, 300, 200)
    (before,) = hand.boxes
    hand.key(Qt.Key.Key_S)
    step = QPoint(15, 11)
    start = hand.at(*grab)
    hand.drag(start, start + step)
    (after,) = hand.boxes
    scale = hand.parts.viewer.view.scale
    dx, dy = step.x() / scale, step.y() / scale
    expected = (
        before.x + dx * ("w" in sides),
        before.y + dy * ("n" in sides),
        before.right + dx * ("e" in sides),
        before.bottom + dy * ("s" in sides),
    )
    assert (after.x, after.y, after.right, after.bottom) == pytest.approx(expected, abs=1e-6)


def test_dragging_the_inside_moves_the_box_and_keeps_it_on_the_image(hand):
    draw(hand, 200, 100, 300, 200)
    hand.key(Qt.Key.Key_S)
    hand.drag(hand.at(250, 150), hand.at(250, 150) + QPoint(-2000, 0))
    (box,) = hand.boxes
    assert box.x == 0
    assert box.width == pytest.approx(100, abs=2)


def test_arrow_keys_nudge_by_stored_pixels(hand):
    draw(hand, 200, 100, 300, 200)
    (before,) = hand.boxes
    hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Down, SHIFT)
    (after,) = hand.boxes
    assert (after.x - before.x, after.y - before.y) == pytest.approx((1, 10))


def test_delete_duplicate_undo_and_redo(hand):
    draw(hand, 200, 100, 300, 200)
    (first,) = hand.boxes
    hand.key(Qt.Key.Key_D, CTRL)
    assert len(hand.boxes) == 2
    hand.key(Qt.Key.Key_Delete)
    assert hand.boxes == (first,)
    hand.key(Qt.Key.Key_Z, CTRL)
    assert len(hand.boxes) == 2
    hand.key(Qt.Key.Key_Z, CTRL)
    hand.key(Qt.Key.Key_Z, CTRL)
    assert hand.boxes == ()
    hand.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert hand.boxes == (first,)


def test_the_label_list_names_the_selected_box(hand):
    draw(hand, 200, 100, 300, 200)
    labels = hand.find("boxLabel")
    row = labels.findText("Effusion")
    labels.setCurrentIndex(row)
    labels.textActivated.emit("Effusion")
    (box,) = hand.boxes
    assert box.label == "Effusion"


def test_an_image_change_breaks_off_a_drag_without_an_event(hand):
    hand.key(Qt.Key.Key_D)
    hand.press(hand.at(50, 50))
    hand.move(hand.at(150, 150))
    hand.parts.opening.open_paths([Path("2.dcm")])
    hand.until(lambda: len(hand.parts.studies.headers) == 2)
    hand.key(Qt.Key.Key_BracketRight)
    hand.until(lambda: hand.parts.session.image.radiograph.header.path.name == "2.dcm")
    hand.until(lambda: hand.parts.reading.ready)
    assert hand.boxes == ()


def test_boxes_and_undo_survive_a_restart(make_hand):
    first = make_hand()
    first.open("1.dcm")
    draw(first, 200, 100, 300, 200)
    draw(first, 20, 20, 90, 90)
    drawn = first.boxes
    first.key(Qt.Key.Key_Z, CTRL)
    first.window.close()

    second = make_hand()
    second.open("1.dcm")
    assert second.boxes == drawn[:1]
    second.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert second.boxes == drawn
    second.key(Qt.Key.Key_Z, CTRL)
    second.key(Qt.Key.Key_Z, CTRL)
    assert second.boxes == ()


def test_without_a_usable_store_boxes_can_be_drawn_and_the_reader_is_told(make_hand, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    hand = make_hand()
    hand.open("1.dcm")
    hand.until(lambda: "not being saved" in hand.window.statusBar().currentMessage())
    draw(hand, 200, 100, 300, 200)
    assert len(hand.boxes) == 1


def test_a_damaged_store_is_told_and_boxes_are_saved_in_the_new_one(make_hand, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "readings.sqlite3").write_bytes(b"no store" * 1000)
    hand = make_hand()
    hand.until(lambda: "was damaged" in hand.window.statusBar().currentMessage())
    assert "not being saved" not in hand.window.statusBar().currentMessage()
    hand.open("1.dcm")
    draw(hand, 200, 100, 300, 200)
    drawn = hand.boxes
    hand.window.close()
    again = make_hand()
    again.open("1.dcm")
    again.until(lambda: again.boxes == drawn)
