"""A notebook's screen, or a large one scaled up: windows fit on it, views share it, long sentences are read whole."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from cxr_desktop.ui import room
from cxr_desktop.ui.panels.jobs import JobRow

SMALL = QSize(944, 552)
"""1920 x 1200 at 200 %, without a window's frame."""
DIALOGS = ("export", "agreement", "label-sets", "shortcuts", "nodes", "find-studies", "send", "worklist", "deidentify",
           "keys", "tags", "make-pack", "trust", "units", "compare")  # fmt: skip
LONG = "The presentation state shows another image of this patient; open that image first, then choose the state again."


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(room, "room_for", lambda _window: SMALL)


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_opens_within_the_screen(small, hand, name):
    opened = hand.opened_by(name)
    size = opened.size()
    opened.close()
    assert size.boundedTo(SMALL) == size


def test_the_window_fits(hand):
    least = hand.window.minimumSizeHint()
    assert least.boundedTo(SMALL) == least


def test_four_views_are_of_one_size(hand):
    hand.parts.layout.toggle(4)
    QApplication.processEvents()
    views = [hand.canvas, *(hand.find(f"sideCanvas{n}") for n in (1, 2, 3))]
    for sizes in ([view.width() for view in views], [view.height() for view in views]):
        assert max(sizes) - min(sizes) <= 2


def test_two_views_are_of_one_size_after_four(hand):
    hand.parts.layout.toggle(4)
    hand.parts.layout.toggle(2)
    QApplication.processEvents()
    other = hand.find("sideCanvas1")
    assert abs(hand.canvas.width() - other.width()) <= 2
    assert hand.canvas.height() == other.height() > hand.window.height() / 2


def test_a_long_sentence_has_the_whole_line_and_a_tooltip(hand):
    hand.window.resize(1200, 800)
    bar, probe = hand.window.statusBar(), hand.find("probe")
    hand.window.tell("Saved.")
    QApplication.processEvents()
    assert probe.isVisible()
    hand.window.tell(LONG)
    QApplication.processEvents()
    assert not probe.isVisible()
    assert bar.toolTip() == LONG
    bar.clearMessage()
    QApplication.processEvents()
    assert probe.isVisible()
    assert hand.find("disclaimer").isVisible()


def test_work_of_a_long_title_does_not_move_the_image(hand):
    hand.window.resize(1280, 800)
    QApplication.processEvents()
    before = hand.canvas.size()
    hand.engine.hold.clear()
    hand.parts.bridge.submit(
        "Relative Attributing Propagation with a name that goes on, for Lung Opacity and for what is near it",
        lambda _context, _request: hand.engine.hold.wait(5),
        lambda _result: None,
        lambda _error: None,
    )
    hand.until(lambda: any(row.isVisible() for row in hand.window.findChildren(JobRow)))
    QApplication.processEvents()
    assert hand.canvas.width() == before.width()
    hand.engine.hold.set()
