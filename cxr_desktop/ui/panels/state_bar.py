"""The strip above the image that says which presentation states there are, and that one is applied."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from cxr_desktop.ui.naming import named
from cxr_desktop.ui.shown_states import ShownStates, title_of
from cxr_desktop.ui.translation import tr

NARROW = 620


class StateBar(QFrame):
    """Hidden where there is none for the image."""

    def __init__(self, states: ShownStates, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stateBar")
        self._states = states
        self._text = named(QLabel(), "stateText")
        self._text.setWordWrap(True)
        self._choose = named(QPushButton(tr("Show as …")), "stateChoose")
        self._choose.setToolTip(tr("Show the image as a presentation state asks (Shift+S)"))
        self._menu = named(QMenu(self._choose), "stateMenu")
        self._menu.aboutToShow.connect(self._fill)
        self._choose.setMenu(self._menu)
        self._back = named(QPushButton(tr("Back to my view")), "stateBack")
        self._back.setToolTip(tr("Take the presentation state off again"))
        self._back.clicked.connect(states.withdraw)
        buttons = QHBoxLayout()
        buttons.addWidget(self._choose)
        buttons.addWidget(self._back)
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._rows.setContentsMargins(12, 4, 12, 4)
        self._rows.addWidget(self._text, 1)
        self._rows.addLayout(buttons)
        states.changed.connect(self._refresh)
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room the buttons go below the sentence."""
        directions = QBoxLayout.Direction
        wanted = directions.TopToBottom if event.size().width() < NARROW else directions.LeftToRight
        if self._rows.direction() is not wanted:
            self._rows.setDirection(wanted)

    def _fill(self) -> None:
        self._menu.clear()
        for state in self._states.offered:
            action = self._menu.addAction(title_of(state))
            action.setCheckable(True)
            action.setChecked(state is self._states.applied)
            action.triggered.connect(lambda _on=False, state=state: self._states.apply(state))

    def _refresh(self) -> None:
        offered, applied = self._states.offered, self._states.applied
        self.setVisible(bool(offered))
        self._back.setVisible(applied is not None)
        if applied is not None:
            told = tr("Presentation state applied: {title}").format(title=title_of(applied))
            self._text.setToolTip("\n".join((title_of(applied), *applied.notes)))
            told += "  " + tr("Not all of it can be shown.") if applied.notes else ""
        else:
            told = (
                tr("{count} presentation states are at hand for this image; none is applied.")
                if len(offered) > 1
                else tr("1 presentation state is at hand for this image; it is not applied.")
            ).format(count=len(offered))
            self._text.setToolTip("")
        self._text.setText(told)
        role = "strong" if applied is not None else "small"
        if self._text.property("role") != role:
            self._text.setProperty("role", role)
            self._text.style().polish(self._text)
