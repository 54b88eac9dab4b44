"""The reader's boxes on the image that is open: the present, the draft under the hand, the selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain import Box, Reading, Verdict
from cxr_desktop.library import AddBox, Event, History, JudgeBox, Redo, RemoveBox, ReplaceBox, Undo

DUPLICATE_SHIFT = 0.02


class ReadingModel(QObject):
    """Every change is an event; `happened` carries it to the store the moment it happens.

    changed: the boxes to show are others, a draft's included. selection_changed: another box is
    selected.
    """

    changed = Signal()
    selection_changed = Signal()
    happened = Signal(object)

    def __init__(
        self, reader: str, label: str = "", parent: QObject | None = None, labels: Sequence[str] = ()
    ) -> None:
        super().__init__(parent)
        self.labels = tuple(labels)
        self.history = History.start(reader)
        self.label = label
        self.selected: int | None = None
        self.ready = False
        self._extent = (0, 0)
        self._draft: Reading | None = None

    @property
    def reader(self) -> str:
        return self.history.present.reader

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

    def open(self, columns: int, rows: int) -> None:
        """Turn to another image; nothing can be drawn until its history has been loaded."""
        self._extent, self._draft, self.ready = (columns, rows), None, False
        self.history = History.start(self.reader)
        self.select(None)
        self.changed.emit()

    def load(self, history: History) -> None:
        """Go on from where the reader left this image."""
        self.history, self._draft, self.ready = history, None, True
        self.select(None)
        self.changed.emit()

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

    def drop_draft(self) -> None:
        """Forget what the hand was doing."""
        if self._draft is not None:
            self._draft = None
            self._keep_selection()
            self.changed.emit()

    def add(self, box: Box) -> None:
        self._record(AddBox(replace(box, source=self.reader)))
        self.select(len(self.history.present.boxes) - 1)

    def change(self, index: int, box: Box) -> None:
        if box != self.history.present.boxes[index]:
            self._record(ReplaceBox(index, box))
        else:
            self.drop_draft()

    def undo(self) -> None:
        if self.ready and self.history.can_undo:
            self._record(Undo())

    def redo(self) -> None:
        if self.ready and self.history.can_redo:
            self._record(Redo())

    def remove_selected(self) -> None:
        if self.ready and self.selected_box is not None and self.selected is not None:
            self._record(RemoveBox(self.selected))

    def duplicate_selected(self) -> None:
        if self.ready and (box := self.selected_box) is not None:
            shift = DUPLICATE_SHIFT * max(self._extent)
            self.add(self._inside(box.moved(shift, shift)))

    def nudge_selected(self, dx: float, dy: float) -> None:
        """Move the selected box by stored pixels; it stays on the image."""
        if self.ready and (box := self.selected_box) is not None and self.selected is not None:
            self.change(self.selected, self._inside(box.moved(dx, dy)))

    def set_label(self, label: str) -> None:
        """The label of new boxes, and of the one that is selected or under the hand."""
        self.label = label
        if not self.ready or (box := self.selected_box) is None or self.selected is None:
            return
        if self._draft is not None:
            self._draft = self._draft.replacing(self.selected, replace(box, label=label))
            self.changed.emit()
        else:
            self.change(self.selected, replace(box, label=label))

    def set_label_of_key(self, number: int) -> None:
        """The label of a number key, 1 for the first; a key beyond the label set does nothing."""
        if 1 <= number <= len(self.labels):
            self.set_label(self.labels[number - 1])
            self.selection_changed.emit()

    def pending(self, suggested: Sequence[Box]) -> Box | None:
        """The first of the network's boxes that has no verdict yet."""
        present = self.history.present
        return next((box for box in suggested if present.verdict_on(box) is None), None)

    def judge(self, verdict: Verdict, suggested: Sequence[Box], method: str, label: str) -> None:
        """Accept, correct or reject the first pending box; one accepted or corrected becomes the reader's, selected."""
        box = self.pending(suggested)
        if not self.ready or self._draft is not None or box is None:
            return
        own = None
        if verdict is not Verdict.REJECTED:
            own = replace(box, label=label, score=None, source=self.reader)
        self._record(JudgeBox(verdict, box, method, own))
        if own is not None:
            self.select(len(self.history.present.boxes) - 1)

    def snap_selected(self, suggested: Sequence[Box]) -> None:
        """Give the selected box the edges of the network's box that it shares most with."""
        box = self.selected_box
        if not self.ready or self._draft is not None or box is None or self.selected is None:
            return
        under = max(suggested, key=box.intersection_area, default=None)
        if under is not None and box.intersection_area(under) > 0:
            snapped = replace(box, x=under.x, y=under.y, width=under.width, height=under.height)
            self.change(self.selected, snapped)

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
