"""The reader's boxes on the image that is open: the present, the draft under the hand, the selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain import Box, Reading, Settlement, StudyFinding, Verdict, region_of
from cxr_desktop.library import (
    AddBox,
    Amend,
    Commit,
    Event,
    History,
    JudgeBox,
    Redo,
    RemoveBox,
    ReplaceBox,
    Reveal,
    Settle,
    StateFinding,
    Undo,
    WithdrawFinding,
)

DUPLICATE_SHIFT = 0.02
SMALLEST_AREA = 4.0
"""Stored pixels, below which an outline was not meant."""


class ReadingModel(QObject):
    """Every change is an event; `happened` carries it to the store the moment it happens.

    changed: the boxes to show are others, a draft's included. selection_changed: another box is
    selected. reader_changed: somebody else reads. refused: a change of a committed reading was tried.
    committing: what is still in a text field must be said now.
    kept: the first reading, if committed, is
    known to be on disk. adjudicating: the reading is made by deciding between others, who are in sight.
    """

    changed = Signal()
    selection_changed = Signal()
    happened = Signal(object)
    reader_changed = Signal()
    refused = Signal()
    committing = Signal()
    labels_changed = Signal()

    def __init__(
        self, reader: str, label: str = "", parent: QObject | None = None, labels: Sequence[str] = ()
    ) -> None:
        super().__init__(parent)
        self.labels = tuple(labels)
        self.history = History.start(reader)
        self.label = label
        self.selected: int | None = None
        self.role = ""
        self.ready = False
        self.kept = True
        self.adjudicating = False
        self._extent = (0, 0)
        self._draft: Reading | None = None

    @property
    def reader(self) -> str:
        return self.history.present.reader

    @property
    def editable(self) -> bool:
        """Whether the reading is here, and not locked."""
        return self.ready and not self.history.locked

    @property
    def shown(self) -> Reading:
        """The reading, with what the hand is doing to it just now."""
        return self._draft or self.history.present

    @property
    def extent(self) -> tuple[int, int]:
        """(columns, rows) of the image."""
        return self._extent

    @property
    def selected_box(self) -> Box | None:
        boxes = self.shown.boxes
        return boxes[self.selected] if self.selected is not None and self.selected < len(boxes) else None

    @property
    def _settled(self) -> Box | None:
        """The selected box, unless a hand is at work."""
        return self.selected_box if self._draft is None else None

    def open(self, columns: int, rows: int) -> None:
        """Turn to another image; nothing can be drawn until its history has been loaded."""
        self._extent, self._draft, self.ready = (columns, rows), None, False
        self.history = History.start(self.reader)
        self.select(None)
        self.changed.emit()

    def load(self, history: History) -> None:
        """Go on from where the reader left this image."""
        self.history, self._draft, self.ready, self.kept = history, None, True, True
        self.select(None)
        self.changed.emit()

    def set_reader(self, name: str, role: str = "") -> None:
        """Another reader begins, or goes on with, a reading of their own; the same may state another role."""
        self.role = role
        if name != self.reader:
            self.history, self._draft, self.ready = History.start(name), None, False
            self.select(None)
            self.changed.emit()
            self.reader_changed.emit()
        else:
            self.changed.emit()

    def commit(self, blinded: bool) -> None:
        """Lock the reading as it stands. blinded: neither network nor other readers were to be seen."""
        self.committing.emit()
        self.finish_draft()
        if self.editable:
            self.kept = self.history.committed
            seen = self.history.revealed or self.history.committed
            self._record(Commit(blinded and not seen, _now(), self.role))

    def confirm_kept(self) -> None:
        """What was committed is on disk."""
        if not self.kept:
            self.kept = True
            self.changed.emit()

    def amend(self, reason: str) -> None:
        """Open a committed reading for changes."""
        if self.ready and self.history.locked and reason.strip():
            self._record(Amend(reason.strip(), _now()))

    def note_reveal(self) -> None:
        """Record, once, that network or others are seen before the first reading is committed."""
        if self.ready and not self.history.revealed and not self.history.committed:
            seen = Reveal(_now())
            self.history = self.history.after(seen)
            self.happened.emit(seen)

    def may_change(self) -> bool:
        """Whether the reading may be changed now; says so where it is locked."""
        if self.ready and self.history.locked:
            self.refused.emit()
        return self.editable

    def settle(self, settlement: Settlement, boxes: Sequence[Box]) -> None:
        """Record what was decided on a finding of two readers; boxes become the reading's."""
        if self.editable and self._draft is None:
            own = tuple(replace(box, score=None, source=self.reader) for box in boxes)
            self._record(Settle(settlement, own))

    def select(self, index: int | None) -> None:
        if index != self.selected:
            self.selected = index
            self.selection_changed.emit()

    def preview(self, box: Box, index: int | None = None) -> None:
        """Show a box as the hand draws it (no index) or changes it, without recording."""
        present = self.history.present
        self._draft = present.with_box(box) if index is None else present.replacing(index, box)
        self.select(len(present.boxes) if index is None else index)
        self.changed.emit()

    @property
    def drafting(self) -> bool:
        """Whether the hand is drawing or changing something."""
        return self._draft is not None

    def finish_draft(self) -> None:
        """Record what is under the hand as a new finding; one without an area is dropped."""
        box = self.selected_box
        new = self._draft is not None and len(self._draft.boxes) > len(self.history.present.boxes)
        if new and box is not None and region_of(box).area >= SMALLEST_AREA and self.editable:
            self.add(box)
        else:
            self.drop_draft()

    def drop_draft(self) -> None:
        """Forget what the hand was doing."""
        if self._draft is not None:
            self._draft = None
            self._keep_selection()
            self.changed.emit()

    def add(self, box: Box) -> None:
        """A new box, selected; a locked reading stays as it is."""
        if not self.may_change():
            self.drop_draft()
            return
        self._record(AddBox(replace(box, source=self.reader)))
        self.select(len(self.history.present.boxes) - 1)

    def change(self, index: int, box: Box) -> None:
        """Another box in the place of one."""
        if self.editable and box != self.history.present.boxes[index]:
            self._record(ReplaceBox(index, box))
        else:
            self.drop_draft()

    def undo(self) -> None:
        if self.editable and self.history.can_undo:
            self._record(Undo())

    def redo(self) -> None:
        if self.editable and self.history.can_redo:
            self._record(Redo())

    def remove_selected(self) -> None:
        if self._draft is not None:
            self.drop_draft()
        elif self.selected_box is not None and self.selected is not None and self.may_change():
            self._record(RemoveBox(self.selected))

    def duplicate_selected(self) -> None:
        if (box := self._settled) is not None and self.may_change():
            shift = DUPLICATE_SHIFT * max(self._extent)
            self.add(self._inside(box.moved(shift, shift)))

    def nudge_selected(self, dx: float, dy: float) -> None:
        """Move the selected box by stored pixels; it stays on the image."""
        if (box := self._settled) is not None and self.selected is not None and self.may_change():
            self.change(self.selected, self._inside(box.moved(dx, dy)))

    def set_label(self, label: str) -> None:
        """The label of new boxes, and of the one that is selected or under the hand."""
        self.label = label
        if (box := self.selected_box) is not None:
            self.change_selected(replace(box, label=label))

    def change_selected(self, box: Box) -> None:
        """Put a box in the place of the one that is selected or under the hand."""
        if self.selected is None or not self.may_change():
            return
        if self._draft is not None:
            self._draft = self._draft.replacing(self.selected, box)
            self.changed.emit()
        else:
            self.change(self.selected, box)

    def state(self, finding: StudyFinding) -> None:
        """A finding of the whole study, in place of an earlier one of its label."""
        if self.history.present.study_finding(finding.label) != finding and self.may_change():
            self._record(StateFinding(finding))

    def withdraw(self, label: str) -> None:
        """Take a study finding out."""
        if self.history.present.study_finding(label) is not None and self.may_change():
            self._record(WithdrawFinding(label))

    def set_labels(self, labels: Sequence[str]) -> None:
        """Another label set, in the order of its number keys."""
        if tuple(labels) != self.labels:
            self.labels = tuple(labels)
            self.label = self.label if self.label in self.labels else self.labels[0]
            self.labels_changed.emit()

    def set_label_of_key(self, number: int) -> None:
        """The label of a number key, 1 for the first; a key beyond the label set does nothing."""
        if 1 <= number <= len(self.labels):
            self.set_label(self.labels[number - 1])
            self.selection_changed.emit()

    def record_verdict(self, verdict: Verdict, suggested: Box, method: str, own: Box | None) -> None:
        """What was made of a network's box; own: what the reading gains by it, then selected."""
        if self.may_change():
            self._record(JudgeBox(verdict, suggested, method, own))
            if own is not None:
                self.select(len(self.history.present.boxes) - 1)

    def _record(self, event: Event) -> None:
        self._draft = None
        self.history = self.history.after(event)
        self._keep_selection()
        self.happened.emit(event)
        self.changed.emit()

    def _keep_selection(self) -> None:
        if self.selected is not None and self.selected >= len(self.history.present.boxes):
            self.select(None)

    def _inside(self, box: Box) -> Box:
        columns, rows = self._extent
        x = min(max(box.x, 0.0), max(columns - box.width, 0.0))
        y = min(max(box.y, 0.0), max(rows - box.height, 0.0))
        return replace(box, x=x, y=y)


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
