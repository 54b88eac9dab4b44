"""Labels by number keys, snapping, and verdicts on the network's boxes, by mouse and keys."""

from __future__ import annotations

from PySide6.QtCore import Qt

from cxr_desktop.domain import Verdict

NETWORK = (100, 80, 120, 100)


def edges(box):
    return box.x, box.y, box.width, box.height


def draw(hand, x0, y0, x1, y1):
    hand.key(Qt.Key.Key_D)
    hand.drag(hand.at(x0, y0), hand.at(x1, y1))


def test_a_number_key_labels_the_selected_box(hand):
    draw(hand, 200, 100, 300, 200)
    hand.key(Qt.Key.Key_6)
    assert [box.label for box in hand.boxes] == ["Effusion"]
    assert hand.find("boxLabel").currentText() == "Effusion"


def test_a_number_key_labels_the_box_under_the_hand(hand):
    hand.key(Qt.Key.Key_D)
    hand.press(hand.at(200, 100))
    hand.move(hand.at(250, 150))
    hand.key(Qt.Key.Key_4)
    assert not hand.parts.reading.history.can_undo
    hand.move(hand.at(300, 200))
    hand.release(hand.at(300, 200))
    assert [box.label for box in hand.boxes] == ["Nodule"]


def test_a_label_given_while_a_box_is_moved_stays(hand):
    draw(hand, 200, 100, 300, 200)
    hand.key(Qt.Key.Key_S)
    hand.press(hand.at(250, 150))
    hand.move(hand.at(260, 160))
    hand.key(Qt.Key.Key_5)
    hand.move(hand.at(280, 170))
    hand.release(hand.at(280, 170))
    assert [box.label for box in hand.boxes] == ["Mass"]


def test_one_key_snaps_a_box_to_the_networks(hand):
    draw(hand, 110, 90, 200, 160)
    hand.key(Qt.Key.Key_B)
    assert [edges(box) for box in hand.boxes] == [NETWORK]
    hand.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert edges(hand.boxes[0]) != NETWORK


def test_a_box_far_from_the_networks_does_not_snap(hand):
    draw(hand, 300, 250, 400, 350)
    before = hand.boxes
    hand.key(Qt.Key.Key_B)
    assert hand.boxes == before


def test_accepting_takes_over_the_box_and_records_the_verdict(hand):
    hand.key(Qt.Key.Key_Y)
    (box,) = hand.boxes
    assert (edges(box), box.label, box.source) == (NETWORK, "Lung Opacity", "reader A")
    (judged,) = hand.parts.reading.history.present.judgements
    assert (judged.verdict, judged.method) == (Verdict.ACCEPTED, hand.parts.session.heat.source.method)
    hand.key(Qt.Key.Key_Y)
    assert len(hand.boxes) == 1, "a box with a verdict is not offered again"


def test_rejecting_adds_nothing_and_can_be_undone(hand):
    hand.key(Qt.Key.Key_N)
    assert hand.boxes == ()
    assert [one.verdict for one in hand.parts.reading.history.present.judgements] == [Verdict.REJECTED]
    hand.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert hand.parts.reading.history.present.judgements == ()


def test_verdicts_survive_a_restart(hand, make_hand):
    hand.key(Qt.Key.Key_J)
    hand.window.close()
    again = make_hand()
    again.start()
    again.open("1.dcm")
    assert [one.verdict for one in again.parts.reading.history.present.judgements] == [Verdict.CORRECTED]
    assert [edges(box) for box in again.boxes] == [NETWORK]


def test_the_verdict_stands_at_the_networks_box(hand):
    blank = hand.canvas.grab().toImage()
    hand.key(Qt.Key.Key_Y)
    hand.parts.reading.select(None)
    accepted = hand.canvas.grab().toImage()
    groups = hand.window._viewer._others()
    assert [box.label for box in groups[0].boxes] == ["accepted"]
    assert accepted != blank
    hand.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [box.label for box in hand.window._viewer._others()[0].boxes] == [""]
