"""What a reader has drawn on an image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from cxr_desktop.domain.box import Box


class Verdict(StrEnum):
    """What a reader made of a network's box."""

    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"


class ReadingState(StrEnum):
    """draft: being read. committed: locked. amending: being changed after it was committed, for a stated reason."""

    DRAFT = "draft"
    COMMITTED = "committed"
    AMENDING = "amending"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A network's box and what the reader said of it. method: that cut it from its map."""

    suggested: Box
    verdict: Verdict
    method: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's boxes on one image, and verdicts on the network's; an edit makes a new value."""

    reader: str
    boxes: tuple[Box, ...] = ()
    judgements: tuple[Judgement, ...] = ()

    def with_box(self, box: Box) -> Reading:
        return replace(self, boxes=(*self.boxes, box))

    def replacing(self, index: int, box: Box) -> Reading:
        return replace(self, boxes=(*self.boxes[:index], box, *self.boxes[index + 1 :]))

    def without(self, index: int) -> Reading:
        return replace(self, boxes=self.boxes[:index] + self.boxes[index + 1 :])

    def with_judgement(self, judgement: Judgement) -> Reading:
        """A later verdict on the same box takes the place of the earlier one."""
        others = tuple(one for one in self.judgements if one.suggested != judgement.suggested)
        return replace(self, judgements=(*others, judgement))

    def verdict_on(self, suggested: Box) -> Verdict | None:
        return next((one.verdict for one in self.judgements if one.suggested == suggested), None)
