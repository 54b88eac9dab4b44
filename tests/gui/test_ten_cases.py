# ruff: noqa: T201 -- prints what a reader has to do
"""A reader's path of ten cases, by real mouse and keys: what every case costs in actions."""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cxr_desktop.library import ReadingStore

CTRL = Qt.KeyboardModifier.ControlModifier
CASES = 10
MOST_PER_BOX = 3
NUMBER_KEYS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_6)


@dataclass
class Counting:
    """The hand, counting: a drag is one action, a key is one."""

    hand: object
    drawing: int = 0
    all: int = 0
    boxes: int = 0
    lines: list[str] = field(default_factory=list)

    def key(self, key, modifier=Qt.KeyboardModifier.NoModifier):
        self.all += 1
        self.hand.key(key, modifier)

    def box(self, x0, y0, x1, y1, number):
        """Draw and label a box."""
        before = self.all
        self.all += 1
        self.hand.drag(self.hand.at(x0, y0), self.hand.at(x1, y1))
        self.key(NUMBER_KEYS[number])
        self.drawing += self.all - before
        self.boxes += 1


def wanted_boxes(dice):
    """What the reader means to draw: corners and the label's number, far enough from each other."""
    count = dice.randrange(4)
    return [
        (60 + 140 * n, dice.randrange(20, 120), 150 + 140 * n, dice.randrange(200, 380), dice.randrange(6))
        for n in range(count)
    ]


@pytest.mark.parametrize("blinded", [False, True])
def test_ten_cases_take_at_most_three_actions_a_box(make_hand, tmp_path, capsys, blinded):
    dice = random.Random(7)
    hand = make_hand(blinded=blinded)
    hand.start()
    names = [f"{number}.dcm" for number in range(1, CASES + 1)]
    hand.open(*names)
    hand.until(lambda: len(hand.parts.studies.headers) == CASES)
    counting = Counting(hand)
    counting.key(Qt.Key.Key_D)
    drawn, judged = {}, {}
    for number, name in enumerate(names, start=1):
        hand.until(lambda name=name: shown(hand) == name and hand.parts.first.at_hand)
        before, wanted = counting.all, wanted_boxes(dice)
        for one in wanted:
            counting.box(*one)
        drawn[name] = [hand.parts.labels[one[-1]] for one in wanted]
        counting.key(Qt.Key.Key_Return, CTRL)
        if not wanted:
            counting.all += 1
            QTest.keyClick(hand.find("emptyDialog"), Qt.Key.Key_Return)
            back(hand)
        hand.until(lambda: hand.parts.session.cut is not None)
        judged[name] = Qt.Key.Key_Y if number % 2 else Qt.Key.Key_N
        counting.key(judged[name])
        counting.key(Qt.Key.Key_Return, CTRL)
        if number < CASES:
            counting.key(Qt.Key.Key_BracketRight)
        counting.lines.append(f"case {number:2}: {len(wanted)} boxes, {counting.all - before} actions")
    hand.window.close()
    with closing(ReadingStore(tmp_path / "data")) as store:
        for name in names:
            reading = store.history(f"sha of {name}", "reader A").present
            assert [box.label for box in reading.first.boxes] == drawn[name]
            assert reading.first.blinded is blinded
            taken_over = 1 if judged[name] == Qt.Key.Key_Y else 0
            assert len(reading.boxes) == len(drawn[name]) + taken_over
            assert len(reading.judgements) == 1
            assert reading.locked
    with capsys.disabled():
        print(f"\nten cases, {'hidden until committed' if blinded else 'network in sight'}")
        print("\n".join(counting.lines))
        print(f"per box, label included: {counting.drawing / counting.boxes:.1f}; in all {counting.all}")
    assert counting.drawing <= MOST_PER_BOX * counting.boxes


def shown(hand):
    image = hand.parts.session.image
    return image.radiograph.header.path.name if image else ""


def back(hand):
    """A dialog has closed; the window is at hand again."""
    hand.activate(hand.window)
