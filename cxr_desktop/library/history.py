"""A reading and all that it has been: undo without inverse code."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from cxr_desktop.domain import Reading
from cxr_desktop.library.events import AddBox, Event, Override, Redo, RemoveBox, ReplaceBox, Undo


@dataclass(frozen=True, slots=True)
class History:
    """Readings in the order in which they came about; `position` is the present one."""

    states: tuple[Reading, ...]
    position: int = 0

    @classmethod
    def start(cls, reader: str) -> History:
        return cls((Reading(reader),))

    @classmethod
    def replay(cls, reader: str, events: Iterable[Event]) -> History:
        """What the events made of an empty reading, in order.

        An event on a box that is not there changes nothing: two windows may have written at once.
        """
        states, position = [Reading(reader)], 0
        for event in events:
            if isinstance(event, Undo):
                position = max(position - 1, 0)
            elif isinstance(event, Redo):
                position = min(position + 1, len(states) - 1)
            elif not isinstance(event, Override):
                with suppress(IndexError):
                    after = _after(states[position], event)
                    states[position + 1 :] = [after]
                    position += 1
        return cls(tuple(states), position)

    @property
    def present(self) -> Reading:
        return self.states[self.position]

    @property
    def can_undo(self) -> bool:
        return self.position > 0

    @property
    def can_redo(self) -> bool:
        return self.position + 1 < len(self.states)

    def after(self, event: Event) -> History:
        """The history with one more event. Raises IndexError for a box that is not there."""
        if isinstance(event, Override):
            return self
        if isinstance(event, Undo):
            return replace(self, position=max(self.position - 1, 0))
        if isinstance(event, Redo):
            return replace(self, position=min(self.position + 1, len(self.states) - 1))
        kept = self.states[: self.position + 1]
        return History((*kept, _after(self.present, event)), self.position + 1)


def _after(reading: Reading, event: AddBox | ReplaceBox | RemoveBox) -> Reading:
    if isinstance(event, AddBox):
        return reading.with_box(event.box)
    if not 0 <= event.index < len(reading.boxes):
        raise IndexError(f"the reading has {len(reading.boxes)} boxes, none at {event.index}")
    if isinstance(event, ReplaceBox):
        return reading.replacing(event.index, event.box)
    return reading.without(event.index)
