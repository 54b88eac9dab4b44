"""Trust in the map on screen: measured on request, shown as it comes, carried into the report."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from cxr_desktop.domain import Box
from cxr_desktop.ui.exporting import ExportChoice

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def asked(hand):
    """The dialog, opened by its key over a map."""
    hand.until(lambda: hand.parts.session.cut is not None)
    hand.key(Qt.Key.Key_T, SHIFT)
    yield hand
    hand.find("trustDialog").reject()


def measure(hand) -> None:
    hand.qtbot.mouseClick(hand.find("trustMeasure"), Qt.MouseButton.LeftButton)


def told(hand) -> str:
    return "\n".join(label.text() for label in hand.find("trustDialog").findChildren(QLabel))


def plots(hand) -> list[str]:
    views = hand.find("trustDialog").findChildren(QWidget)
    return [view.objectName()[5:] for view in views if view.objectName().startswith("plot:")]


def test_nothing_is_computed_before_it_is_asked_for(asked):
    assert asked.find("trustTitle").text() == "RAP for Lung Opacity"
    assert "Nothing was measured" in asked.find("trustWaiting").text()
    assert asked.engine.trusted == []


def test_figures_come_with_sentences_and_curves(asked):
    measure(asked)
    asked.until(lambda: asked.parts.trusting.complete)
    assert asked.engine.trusted == [("rap", ())]
    assert "it follows what was learnt" in told(asked)
    assert "they cannot show that the network is right" in told(asked)
    assert plots(asked) == ["Random weights"]
    assert asked.find("trustMeasure").text() == "Measure again"


def test_a_part_that_is_ready_is_shown_while_the_rest_is_measured(asked):
    asked.engine.hold.clear()
    measure(asked)
    asked.until(lambda: asked.find("trustProgress").value() == 500)
    assert "misses what it promises" in told(asked)
    assert asked.find("trustMeasure").text() == "Cancel"
    measure(asked)
    assert not asked.parts.trusting.running
    asked.engine.hold.set()
    asked.until(lambda: asked.find("trustMeasure").text() == "Measure")
    assert asked.engine.trusted == []
    assert plots(asked) == []


def test_a_box_that_is_drawn_asks_for_another_measurement(asked):
    measure(asked)
    asked.until(lambda: asked.parts.trusting.complete)
    asked.parts.reading.add(Box(100, 80, 120, 100))
    assert not asked.parts.trusting.complete
    measure(asked)
    asked.until(lambda: asked.parts.trusting.complete)
    assert len(asked.engine.trusted[-1][1]) == 1
    assert plots(asked) == ["Random weights", "IoU by threshold"]


def test_methods_at_hand_are_compared(asked):
    asked.parts.heatmap.set_method("gradcam")
    asked.until(lambda: asked.engine.explained == ["rap", "gradcam"] and asked.parts.session.cut is not None)
    measure(asked)
    asked.until(lambda: asked.parts.trusting.agreement is not None)
    assert asked.parts.trusting.agreement.methods == ("rap", "gradcam")
    assert "0.42" in told(asked)


def test_the_report_holds_what_was_measured_whole(asked, tmp_path):
    choice = ExportChoice(("json",), tmp_path)
    asked.parts.exporting.start(choice)
    asked.until(lambda: len(asked.engine.exported) == 1)
    assert not asked.engine.exported[0].trust.measured
    measure(asked)
    asked.until(lambda: asked.parts.trusting.complete)
    asked.parts.exporting.start(choice)
    asked.until(lambda: len(asked.engine.exported) == 2)
    assert [one.method for one in asked.engine.exported[1].trust.maps] == ["rap"]
