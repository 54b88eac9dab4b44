"""A reading and all that it has been: undo without inverse code."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from cxr_desktop.domain import Judgement, Reading, ReadingState
from cxr_desktop.library.events import (
    AddBox,
    Amend,
    Change,
    Commit,
    Event,
    JudgeBox,
    Override,
    Redo,
    ReplaceBox,
    Reveal,
    Settle,
    StateFinding,
    Undo,
    WithdrawFinding,
)


class ReadingLocked(ValueError):
    """A committed reading is changed only after an Amend."""


@dataclass(frozen=True, slots=True)
class History:
    """Readings in the order in which they came about; `position` is the present one.

    A committed reading begins a new history: nothing before it can be taken back. revealed: the network
    or other readers were seen before the first reading was committed.
    """

    states: tuple[Reading, ...]
    position: int = 0
    revealed: bool = False

    @classmethod
    def start(cls, reader: str) -> History:
        return cls((Reading(reader),))

    @classmethod
    def replay(cls, reader: str, events: Iterable[Event]) -> History:
        """What the events made of an empty reading, in order.

        An event on a box that is not there, or on a committed reading, changes nothing: two
        windows may have written at once.
        """
        states, position, revealed = [Reading(reader)], 0, False
        for event in events:
            present = states[position]
            if isinstance(event, Override):
                continue
            if isinstance(event, Reveal):
                revealed = revealed or not present.commitments
            elif isinstance(event, Commit | Amend):
                if (stated := _stated(present, event)) is not present:
                    states, position = [stated], 0
            elif present.locked:
                continue
            elif isinstance(event, Undo):
                position = max(position - 1, 0)
            elif isinstance(event, Redo):
                position = min(position + 1, len(states) - 1)
            else:
                with suppress(IndexError):
                    states[position + 1 :] = [_after(present, event)]
                    position += 1
        return cls(tuple(states), position, revealed)

    @property
    def present(self) -> Reading:
        return self.states[self.position]

    @property
    def state(self) -> ReadingState:
        return self.present.state

    @property
    def committed(self) -> bool:
        """Whether it was committed at least once."""
        return bool(self.present.commitments)

    @property
    def reason(self) -> str:
        """Of the amendment under way."""
        return self.present.reason

    @property
    def locked(self) -> bool:
        return self.present.locked

    @property
    def can_undo(self) -> bool:
        return self.position > 0 and not self.locked

    @property
    def can_redo(self) -> bool:
        return self.position + 1 < len(self.states) and not self.locked

    def after(self, event: Event) -> History:
        """The history with one more event.

        Raises IndexError for a box that is not there, ReadingLocked for a change of a committed reading.
        """
        if isinstance(event, Override):
            return self
        if isinstance(event, Reveal):
            return replace(self, revealed=self.revealed or not self.committed)
        if isinstance(event, Commit | Amend):
            stated = _stated(self.present, event)
            return self if stated is self.present else replace(self, states=(stated,), position=0)
        if self.locked:
            raise ReadingLocked("the reading is committed; state a reason to change it")
        if isinstance(event, Undo):
            return replace(self, position=max(self.position - 1, 0))
        if isinstance(event, Redo):
            return replace(self, position=min(self.position + 1, len(self.states) - 1))
        kept = self.states[: self.position + 1]
        return replace(self, states=(*kept, _after(self.present, event)), position=self.position + 1)


def _stated(reading: Reading, event: Commit | Amend) -> Reading:
    if isinstance(event, Commit):
        return reading.committed(event.time, event.role, event.blinded)
    return reading.amending(event.reason)


def _after(reading: Reading, event: Change) -> Reading:
    if isinstance(event, AddBox):
        return reading.with_box(event.box)
    if isinstance(event, JudgeBox):
        judged = reading.with_judgement(Judgement(event.suggested, event.verdict, event.method))
        return judged if event.box is None else judged.with_box(event.box)
    if isinstance(event, Settle):
        return reading.with_settlement(event.settlement, event.boxes)
    if isinstance(event, StateFinding):
        return reading.stating(event.finding)
    if isinstance(event, WithdrawFinding):
        return reading.without_study_finding(event.label)
    if not 0 <= event.index < len(reading.boxes):
        raise IndexError(f"the reading has {len(reading.boxes)} boxes, none at {event.index}")
    if isinstance(event, ReplaceBox):
        return reading.replacing(event.index, event.box)
    return reading.without(event.index)
