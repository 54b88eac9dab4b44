"""The questions of an adjudication, one key an answer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from cxr_desktop.domain import Box, Decision
from cxr_desktop.ui.adjudicating import Adjudicating
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import Section, note
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.translation import later, tr

ANSWERS = (
    (Decision.FIRST, "A", "A", later("Take over what A says")),
    (Decision.SECOND, "B", "B", later("Take over what B says")),
    (Decision.BOTH, "2", later("Both"), later("Take over the boxes of both")),
    (Decision.NEITHER, "0", later("None"), later("Take over nothing")),
    (Decision.REDRAWN, "R", later("Redraw"), later("Draw the box anew on the image")),
)
ABOUT = later("Go through what A and B differ on. Your answers make a reading of their own.")


class AdjudicationSection(Section):
    """commit_wanted: all is decided, and the reading is to be locked."""

    commit_wanted = Signal()

    def __init__(
        self, adjudicating: Adjudicating, reading: ReadingModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Adjudication"), parent)
        self._adjudicating, self._reading = adjudicating, reading
        self._question = note(tr(ABOUT), name="adjudicationQuestion")
        self._begin = named(QPushButton(tr("Adjudicate")), "adjudicate")
        self._begin.clicked.connect(adjudicating.begin)
        self._commit = named(QPushButton(tr("Commit")), "adjudicationCommit")
        self._commit.setProperty("role", "primary")
        self._commit.clicked.connect(self.commit_wanted)
        self._end = named(QPushButton(tr("Back to my reading")), "adjudicationEnd")
        self._end.clicked.connect(adjudicating.end)
        self._answers = [self._answer(*answer) for answer in ANSWERS]
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, reading.undo)
        self._lay_out()
        for signal in (adjudicating.changed, reading.changed):
            signal.connect(self.refresh)
        self.refresh()

    def _answer(self, decision: Decision, key: str, title: str, tip: str) -> QPushButton:
        button = named(QPushButton(key if title == key else f"{tr(title)}  {key}"), f"answer:{decision}")
        button.setProperty("role", "segment")
        button.setToolTip(f"{tr(tip)}  ({key})")
        button.clicked.connect(lambda _checked=False: self._adjudicating.decide(decision))
        QShortcut(QKeySequence(key), self, lambda: self._adjudicating.decide(decision))
        return button

    def _lay_out(self) -> None:
        answers, ends = QHBoxLayout(), QHBoxLayout()
        answers.setSpacing(6)
        for button in self._answers:
            answers.addWidget(button)
        ends.addWidget(self._begin)
        ends.addWidget(self._end)
        ends.addStretch(1)
        ends.addWidget(self._commit)
        self.body.addWidget(self._question)
        self.body.addLayout(answers)
        self.body.addLayout(ends)

    def refresh(self) -> None:
        """Say what is asked now."""
        model, active = self._adjudicating, self._adjudicating.active
        pending = model.pending if active else ()
        open_question = bool(pending) and self._reading.editable
        for button in self._answers:
            button.setVisible(open_question)
        self._begin.setVisible(not active)
        self._begin.setEnabled(model.possible)
        self._end.setVisible(active)
        self._commit.setVisible(active and not pending and self._reading.editable)
        self._question.setText(self._told() if active else tr(ABOUT))

    def _told(self) -> str:
        model = self._adjudicating
        if not self._reading.ready:
            return tr("Being read from the library …")
        asked, pending = len(model.questions), model.pending
        if self._reading.history.locked:
            return tr("This adjudication is committed. Amend it, with a reason, to change it.")
        if not pending:
            both = (
                tr("They differ on nothing.") if not asked else tr("All {asked} decided.").format(asked=asked)
            )
            return tr("{both} Commit the reading to lock it.").format(both=both)
        one = pending[0]
        boxes = f"A: {_said(one.first)} · B: {_said(one.second)}"
        overlap = tr(", IoU {iou:.2f}").format(iou=one.iou) if one.first and one.second else ""
        return tr("{number} of {count}.  {boxes}{overlap}").format(
            number=asked - len(pending) + 1, count=asked, boxes=boxes, overlap=overlap
        )


def _said(box: Box | None) -> str:
    return "nothing" if box is None else box.label or tr("a box without label")
