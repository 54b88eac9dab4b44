"""What is closed is gone: it takes no work and no memory, and nothing stumbles over it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from cxr_desktop.ui.viewer.viewer_model import ToolKind


def bury() -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_dialog_that_was_closed_is_gone(hand, dialog_action):
    gone: list[str] = []
    dialog = hand.opened_by(dialog_action)
    dialog.destroyed.connect(lambda *_: gone.append(dialog_action))
    dialog.close()
    bury()
    assert gone


def test_the_second_window_leaves_nothing_behind(hand):
    toggle = hand.window.findChild(object, "action:second-window")
    for _ in range(2):
        toggle.trigger()
        hand.until(lambda: _second() is not None)
        toggle.trigger()
        bury()
        hand.until(lambda: _second() is None)
    scale = hand.parts.viewer.view.scale
    hand.parts.viewer.zoom(2.0)
    hand.parts.viewer.set_tool(ToolKind.PAN)
    hand.parts.viewer.invert()
    QTest.qWait(20)
    assert hand.parts.viewer.view.scale == pytest.approx(2 * scale)


def _second() -> QWidget | None:
    found = (w for w in QApplication.topLevelWidgets() if w.objectName() == "secondWindow" and w.isVisible())
    return next(found, None)
