"""The strip above the image that says which presentation states there are, and that one is applied."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from cxr_desktop.ui.naming import named
from cxr_desktop.ui.shown_states import ShownStates, title_of


class StateBar(QFrame):
    """Hidden where there is none for the image."""

    def __init__(self, states: ShownStates, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stateBar")
        self._states = states
        self._text = named(QLabel(), "stateText")
        self._choose = named(QPushButton("Show as …"), "stateChoose")
        self._choose.setToolTip("Show the image as a presentation state asks (Shift+S)")
        self._menu = named(QMenu(self._choose), "stateMenu")
        self._menu.aboutToShow.connect(self._fill)
        self._choose.setMenu(self._menu)
        self._back = named(QPushButton("Back to my view"), "stateBack")
        self._back.setToolTip("Take the presentation state off again")
        self._back.clicked.connect(states.withdraw)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 4)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._choose)
        layout.addWidget(self._back)
        states.changed.connect(self._refresh)
        self._refresh()

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
            told = f"Presentation state applied: {title_of(applied)}"
            self._text.setToolTip("\n".join(applied.notes))
            told += "  Not all of it can be shown." if applied.notes else ""
        else:
            several = "s are" if len(offered) > 1 else " is"
            told = f"{len(offered)} presentation state{several} at hand for this image; none is applied."
            self._text.setToolTip("")
        self._text.setText(told)
        role = "strong" if applied is not None else "small"
        if self._text.property("role") != role:
            self._text.setProperty("role", role)
            self._text.style().polish(self._text)
