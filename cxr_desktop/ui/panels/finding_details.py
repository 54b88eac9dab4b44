"""What is said of the selected finding, and of the study as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.domain import Certainty, Laterality, StudyFinding
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import Section
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.saying import CERTAINTY_WORDS, say, selected_finding
from cxr_desktop.ui.theme import icon
from cxr_desktop.ui.translation import later, tr

SIDES = {Laterality.RIGHT: later("Right"), Laterality.LEFT: later("Left"), Laterality.BOTH: later("Both")}
ADD = later("Add a finding of the whole study …")


class FindingDetails(Section):
    """Certainty, side and comment of a finding; labels that have no region.

    left: the comment is written, and the keyboard can go back to the image.
    """

    left = Signal()

    def __init__(self, reading: ReadingModel, parent: QWidget | None = None) -> None:
        super().__init__(tr("Details"), parent)
        self.setObjectName("findingDetails")
        self._reading = reading
        sure = {step: tr(CERTAINTY_WORDS[step]) for step in Certainty if step}
        self._certainty = Segments("certainty", sure, lambda step: say(reading, certainty=step))
        self._side = Segments(
            "laterality",
            {side: tr(word) for side, word in SIDES.items()},
            lambda side: say(reading, laterality=side),
        )
        self._comment = named(QLineEdit(), "findingComment")
        self._comment.setAccessibleName(tr("Comment on the finding"))
        self._comment.setPlaceholderText(tr("Comment"))
        self._comment.setMaxLength(500)
        self._comment.editingFinished.connect(self._say_comment)
        self._comment.returnPressed.connect(self.left)
        reading.committing.connect(self._say_comment)
        self._add = named(QComboBox(), "studyFinding")
        self._add.setAccessibleName(tr("Finding of the whole study"))
        self._offer_labels()
        reading.labels_changed.connect(self._offer_labels)
        self._add.textActivated.connect(self._state)
        self._stated = QVBoxLayout()
        self._stated.setSpacing(4)
        self._said = self._grid()
        self.body.addWidget(self._said)
        self.body.addWidget(self._add)
        self.body.addLayout(self._stated)
        self._cross = icon("cancel")
        self._shown: tuple[StudyFinding, ...] = ()
        for signal in (reading.changed, reading.selection_changed):
            signal.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is said now."""
        finding, able = selected_finding(self._reading), self._reading.editable
        self._said.setVisible(finding is not None)
        self._said.setEnabled(able)
        self._add.setEnabled(able)
        if finding is not None:
            self._certainty.show_value(finding.certainty)
            self._side.show_value(finding.laterality)
            if not self._comment.hasFocus() and self._comment.text() != finding.comment:
                self._comment.setText(finding.comment)
                self._comment.setCursorPosition(0)
                self._comment.setToolTip(finding.comment)
        stated = self._reading.shown.study_findings
        if stated != self._shown:
            self._shown = stated
            self._list(stated)

    def _offer_labels(self) -> None:
        self._add.clear()
        self._add.addItems([tr(ADD), *self._reading.labels])

    def _grid(self) -> QWidget:
        said = QWidget()
        grid = QGridLayout(said)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (title, widget) in enumerate(
            ((tr("Certainty"), self._certainty), (tr("Side"), self._side), (tr("Comment"), self._comment))
        ):
            label = QLabel(title)
            label.setProperty("role", "muted")
            grid.addWidget(label, row, 0)
            grid.addWidget(widget, row, 1)
        return said

    def _say_comment(self) -> None:
        finding = selected_finding(self._reading)
        if finding is not None and self._comment.text().strip() != finding.comment:
            say(self._reading, comment=self._comment.text().strip())

    def _state(self, label: str) -> None:
        self._add.setCurrentIndex(0)
        if label in self._reading.labels:
            self._reading.state(StudyFinding(label))

    def _list(self, stated: tuple[StudyFinding, ...]) -> None:
        while (item := self._stated.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for finding in stated:
            self._stated.addWidget(StatedRow(finding, self._reading, self._cross))


class Segments(QWidget):
    """Buttons of which one or none is down; pressing the one that is down lets it go."""

    def __init__(self, name: str, titles: Mapping[Any, str], chosen: Callable[[Any], None]) -> None:
        super().__init__()
        self.setObjectName(name)
        self._buttons: dict[Any, QPushButton] = {}
        group = QButtonGroup(self)
        group.setExclusive(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for value, title in titles.items():
            button = named(QPushButton(title), f"{name}:{value.name.lower()}")
            button.setCheckable(True)
            button.setProperty("role", "segment")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # number keys stay with the image
            unstated = type(value)["UNSTATED"]
            button.clicked.connect(
                lambda down, value=value, unstated=unstated: chosen(value if down else unstated)
            )
            group.addButton(button)
            self._buttons[value] = button
            row.addWidget(button, 1)

    def show_value(self, shown: Any) -> None:
        for value, button in self._buttons.items():
            button.setChecked(value is shown)


class StatedRow(QWidget):
    """A finding of the whole study: its certainty and side by a click each, and a way to take it out."""

    def __init__(self, finding: StudyFinding, reading: ReadingModel, cross: QIcon) -> None:
        super().__init__()
        label = named(QLabel(finding.label), f"stated:{finding.label}")
        label.setToolTip(tr("Whole study, without a region"))
        sure, side = finding.certainty, finding.laterality
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(label, 1)
        for name, text, tip, stepped in (
            (
                "sure",
                tr(CERTAINTY_WORDS[sure]) if sure else tr("Sure?"),
                tr("How sure"),
                {"certainty": sure.following},
            ),
            (
                "side",
                tr(SIDES.get(side, later("Side?"))),
                tr("On which side"),
                {"laterality": side.following},
            ),
        ):
            button = named(QToolButton(), f"{name}:{finding.label}")
            button.setText(text)
            button.setToolTip(tr("{tip}: the next step").format(tip=tip))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(partial(reading.state, replace(finding, **stepped)))
            layout.addWidget(button)
        remove = named(QToolButton(), f"withdraw:{finding.label}")
        remove.setIcon(cross)
        remove.setIconSize(QSize(12, 12))
        remove.setToolTip(tr("Take it out"))
        remove.setAccessibleName(tr("Take out {label}").format(label=finding.label))
        remove.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        remove.clicked.connect(partial(reading.withdraw, finding.label))
        layout.addWidget(remove)
