"""One after the other, what two readers differ on; the answers make a reading of their own. No widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain import Box, Decision, Settlement
from cxr_desktop.ui.comparing import Comparing
from cxr_desktop.ui.comparing_sources import NETWORK, OWN, Source
from cxr_desktop.ui.reading_model import ReadingModel

if TYPE_CHECKING:
    from cxr_desktop.localization.agreement import Disagreement

SUFFIX = " (adjudication)"


class Adjudicating(QObject):
    """changed: the question, or whether there is any. redraw_wanted: the reader draws the box anew."""

    changed = Signal()
    redraw_wanted = Signal()

    def __init__(self, comparing: Comparing, reading: ReadingModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._comparing, self._reading = comparing, reading
        self._keys = ("", "")
        self._self = ("", "")
        reading.reader_changed.connect(self._notice)
        reading.changed.connect(self._advance)
        comparing.changed.connect(self._advance)

    @property
    def active(self) -> bool:
        return self._reading.adjudicating

    @property
    def possible(self) -> bool:
        """Whether two people's boxes are held against each other on the image."""
        pair = self._comparing.pair
        return pair is not None and pair[0].key != pair[1].key and NETWORK not in (pair[0].key, pair[1].key)

    @property
    def questions(self) -> tuple[Disagreement, ...]:
        """All that the two differ on, decided or not."""
        from cxr_desktop.domain.labels import LabelMap
        from cxr_desktop.localization.agreement import disagreements

        pair = self._pair()
        if pair is None:
            return ()
        labels = LabelMap.load()
        return disagreements(*pair, lambda a, b: labels.matches(a, b) or labels.matches(b, a))

    @property
    def pending(self) -> tuple[Disagreement, ...]:
        """What is still to be decided."""
        settled = {(s.first, s.second) for s in self._reading.history.present.settlements}
        return tuple(one for one in self.questions if (one.first, one.second) not in settled)

    def begin(self) -> None:
        """Go on with the adjudicator's reading of the image; what both readers see is taken over at once."""
        if self.active or not self.possible or self._comparing.pair is None:
            return
        own = f"reader:{self._reading.reader}"
        first, second = self._comparing.pair
        self._keys = (own if first.key == OWN else first.key, own if second.key == OWN else second.key)
        self._self = (self._reading.reader, self._reading.role)
        self._reading.adjudicating = True
        self._reading.set_reader(self._self[0] + SUFFIX, self._self[1])
        self._comparing.choose(*self._keys)
        self._comparing.reload()

    def end(self) -> None:
        """Back to one's own reading."""
        if self.active:
            self._reading.adjudicating = False
            self._comparing.set_focus(None)
            self._reading.set_reader(*self._self)
            self._comparing.reload()
            self.changed.emit()

    def decide(self, decision: Decision) -> None:
        """Answer the question at hand; the next one follows."""
        if not self.active or not self._reading.editable or not self.pending:
            return
        question = self.pending[0]
        self._reading.settle(
            Settlement(self._names(), decision, question.first, question.second),
            _taken(question.first, question.second)[decision],
        )
        if decision is Decision.REDRAWN:
            self.redraw_wanted.emit()

    def _advance(self) -> None:
        """Take over what both see, once; then show the next question."""
        if not self.active or not self._reading.ready or self._pair() is None:
            self.changed.emit()
            return
        if not self._reading.history.present.settlements and self._reading.editable:
            self._take_over()
        pending = self.pending
        self._comparing.set_focus(pending[0].boxes if pending else ())
        self.changed.emit()

    def _take_over(self) -> None:
        from cxr_desktop.domain.labels import LabelMap
        from cxr_desktop.localization.agreement import accords

        pair, labels = self._pair(), LabelMap.load()
        if pair is None:
            return
        for one in accords(*pair, lambda a, b: labels.matches(a, b) or labels.matches(b, a)):
            settled = Settlement(self._names(), Decision.AGREED, one.first, one.second)
            self._reading.settle(settled, (one.fused,))

    def _pair(self) -> tuple[Sequence[Box], Sequence[Box]] | None:
        """The two readers' boxes, while both are there."""
        found = self._sources()
        return (found[0].boxes, found[1].boxes) if found else None

    def _names(self) -> tuple[str, str]:
        found = self._sources()
        return (found[0].title, found[1].title) if found else ("", "")

    def _sources(self) -> tuple[Source, Source] | None:
        by_key = {source.key: source for source in self._comparing.sources}
        first, second = (by_key.get(key) for key in self._keys)
        return (first, second) if first and second else None

    def _notice(self) -> None:
        """Somebody else reads: the adjudication is over."""
        if self.active and not self._reading.reader.endswith(SUFFIX):
            self._reading.adjudicating = False
            self._comparing.set_focus(None)
            self.changed.emit()


def _taken(first: Box | None, second: Box | None) -> Mapping[Decision, tuple[Box, ...]]:
    """What the reading gains by each answer."""
    one, other = ((box,) if box else () for box in (first, second))
    return {
        Decision.FIRST: one,
        Decision.SECOND: other,
        Decision.BOTH: (*one, *other),
        Decision.NEITHER: (),
        Decision.REDRAWN: (),
    }
