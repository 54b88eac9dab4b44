"""Keys that act while they are held: overlays vanish, a magnifier appears."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from cxr_desktop.ui.viewer.viewer_model import ViewerModel

_HIDE, _HIDE_ON_CANVAS, _MAGNIFY = Qt.Key.Key_H, Qt.Key.Key_Space, Qt.Key.Key_X
_HIDING = {_HIDE, _HIDE_ON_CANVAS}


class HeldKeys(QObject):
    """H and X anywhere but in a text field, Space while the image has the focus.

    Looks at the widgets that have, or once had, the focus, as a key goes to no other: were all events of the
    program handed to Python, each would cost a few microseconds.
    """

    def __init__(self, viewer: ViewerModel, window: QWidget, canvas: QWidget) -> None:
        super().__init__(window)
        self._viewer = viewer
        self._window = window
        self._canvas = canvas
        self._held: set[int] = set()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow)
        for widget in (window, canvas):
            widget.installEventFilter(self)

    def _follow(self, _left: QWidget | None, entered: QWidget | None) -> None:
        if entered is not None and entered.window() is self._window:
            entered.installEventFilter(self)  # once for all: Qt keeps a filter but once

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.WindowDeactivate and watched is self._window:
            self._hold(set())
        if kind not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) or not isinstance(watched, QWidget):
            return False
        assert isinstance(event, QKeyEvent)
        if kind == QEvent.Type.KeyRelease and event.key() in self._held:
            if (
                not event.isAutoRepeat()
            ):  # it ends wherever the hand has gone meanwhile, and beside any other key
                self._hold(self._held - {event.key()})
            return True
        if not self._meant(event, watched):
            return False
        if kind == QEvent.Type.KeyPress:
            self._hold(self._held | {event.key()})
        return True

    def _hold(self, keys: set[int]) -> None:
        self._held = keys
        self._viewer.set_overlays_hidden(bool(keys & _HIDING))
        self._viewer.set_magnifying(_MAGNIFY in keys)

    def _meant(self, event: QKeyEvent, watched: QWidget) -> bool:
        if watched.window() is not self._window or event.modifiers() != Qt.KeyboardModifier.NoModifier:
            return False
        if event.key() == _HIDE_ON_CANVAS:
            return watched is self._canvas
        return event.key() in (_HIDE, _MAGNIFY) and not isinstance(watched, QLineEdit)
