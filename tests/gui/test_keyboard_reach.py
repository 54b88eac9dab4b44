"""Everything that can be operated is reached by Tab, in the window and in its dialogs, and shows that it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollBar,
    QToolButton,
    QWidget,
)

OPERATED = (QAbstractButton, QAbstractItemView, QAbstractSlider, QComboBox, QLineEdit)
MOST_STEPS = 200


def operated(top: QWidget) -> list[QWidget]:
    """What a hand can use, but for tool bar buttons, whose actions have keys, and parts of other widgets."""
    return [
        w
        for w in top.findChildren(QWidget)
        if isinstance(w, OPERATED)
        and not isinstance(w, (QScrollBar, QToolButton))
        and w.isVisible()
        and w.isEnabled()
        and w.window() is top
        and not w.objectName().startswith("qt_")
        and not isinstance(w.parent(), (QComboBox, QAbstractItemView))
    ]


def reached(top: QWidget) -> set[QWidget]:
    """What gets the focus while Tab is pressed until it comes round; of buttons that exclude each other, whose
    chosen one it gets, the arrow keys reach the others."""
    found: set[QWidget] = set()
    for _ in range(MOST_STEPS):
        QTest.keyClick(QApplication.focusWidget() or top, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        found |= {focused} if focused is not None else set()
        if (
            isinstance(focused, QAbstractButton)
            and focused.group() is not None
            and focused.group().exclusive()
        ):
            found |= set(focused.group().buttons())
    return found


def told(widgets: list[QWidget]) -> list[str]:
    return sorted(f"{type(w).__name__} {w.objectName() or w.accessibleName()}" for w in widgets)


def test_tab_reaches_everything_in_the_window(make_hand):
    hand = make_hand()
    hand.start()
    hand.open("1.dcm")
    hand.until(lambda: hand.parts.session.cut is not None)
    hand.activate(hand.window)
    found = reached(hand.window)
    assert told([w for w in operated(hand.window) if w not in found]) == []


def test_tab_reaches_everything_in_a_dialog(make_hand, dialog_action):
    hand = make_hand()
    hand.start()
    hand.open("1.dcm")
    hand.until(lambda: hand.parts.session.cut is not None)
    dialog = hand.opened_by(dialog_action)
    hand.activate(dialog)
    found = reached(dialog)
    missed = [w for w in operated(dialog) if w not in found]
    dialog.close()
    assert told(missed) == []
