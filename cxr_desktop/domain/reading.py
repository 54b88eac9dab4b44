"""What a reader has drawn on an image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.finding import StudyFinding


class Verdict(StrEnum):
    """What a reader made of a network's box."""

    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"


class ReadingState(StrEnum):
    """draft: being read. committed: locked. amending: being changed after it was committed, for a stated reason.

    adjudicated: committed, and made by deciding between other readers.
    """

    DRAFT = "draft"
    COMMITTED = "committed"
    AMENDING = "amending"
    ADJUDICATED = "adjudicated"


class Decision(StrEnum):
    """What becomes of a finding on which two readers differ. agreed: they do not. redrawn: neither's, drawn anew."""

    AGREED = "agreed"
    FIRST = "first"
    SECOND = "second"
    BOTH = "both"
    NEITHER = "neither"
    REDRAWN = "redrawn"


@dataclass(frozen=True, slots=True)
class Settlement:
    """A finding of two readers, and what an adjudicator made of it.

    between: the readers. first, second: their boxes, None where one of them has none.
    """

    between: tuple[str, str]
    decision: Decision
    first: Box | None = None
    second: Box | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A network's box and what the reader said of it. method: that cut it from its map."""

    suggested: Box
    verdict: Verdict
    method: str = ""


@dataclass(frozen=True, slots=True)
class Commitment:
    """A reading as it stood when its reader committed it.

    time: ISO 8601 with offset, '' where it was not kept. role: of the reader, in the reader's words.
    blinded: neither network nor other readers were to be seen until then. reason: for what was changed
    since the commitment before, '' for the first.
    """

    boxes: tuple[Box, ...]
    judgements: tuple[Judgement, ...] = ()
    time: str = ""
    role: str = ""
    blinded: bool = False
    reason: str = ""
    study_findings: tuple[StudyFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's boxes on one image, and verdicts on the network's; an edit makes a new value.

    boxes: rectangles, and Findings of any shape by their bounding boxes. study_findings: a label each.
    commitments: what was committed so far, the first one first. reason: for which it is being amended.
    settlements: what an adjudicator decided, empty in a reading of one's own.
    """

    reader: str
    boxes: tuple[Box, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    state: ReadingState = ReadingState.DRAFT
    commitments: tuple[Commitment, ...] = ()
    reason: str = ""
    settlements: tuple[Settlement, ...] = ()
    study_findings: tuple[StudyFinding, ...] = ()

    @property
    def locked(self) -> bool:
        return self.state in (ReadingState.COMMITTED, ReadingState.ADJUDICATED)

    @property
    def is_empty(self) -> bool:
        return not (self.boxes or self.judgements or self.study_findings)

    @property
    def tells(self) -> bool:
        """Whether a report has anything to say of it: it holds something, or was committed as it is."""
        return not self.is_empty or bool(self.commitments)

    @property
    def first(self) -> Commitment | None:
        """The first reading, locked for good; None while it is a draft."""
        return self.commitments[0] if self.commitments else None

    @property
    def amended(self) -> bool:
        """Whether it was changed, or opened to be, after it was first committed."""
        return len(self.commitments) > 1 or self.state is ReadingState.AMENDING

    def committed(self, time: str = "", role: str = "", blinded: bool = False) -> Reading:
        """The reading locked as it stands; a locked one as it was."""
        if self.locked:
            return self
        kept = Commitment(self.boxes, self.judgements, time, role, blinded, self.reason, self.study_findings)
        state = ReadingState.ADJUDICATED if self.settlements else ReadingState.COMMITTED
        return replace(self, state=state, commitments=(*self.commitments, kept), reason="")

    def amending(self, reason: str) -> Reading:
        """A locked reading opened for changes; any other as it was."""
        return replace(self, state=ReadingState.AMENDING, reason=reason) if self.locked else self

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

    def with_settlement(self, settlement: Settlement, boxes: tuple[Box, ...]) -> Reading:
        """One more finding decided; boxes: what the reading gains by it."""
        return replace(self, settlements=(*self.settlements, settlement), boxes=(*self.boxes, *boxes))

    def stating(self, finding: StudyFinding) -> Reading:
        """With a finding of the whole study; a later one of the same label takes the earlier one's place."""
        return replace(
            self, study_findings=(*self.without_study_finding(finding.label).study_findings, finding)
        )

    def without_study_finding(self, label: str) -> Reading:
        return replace(self, study_findings=tuple(f for f in self.study_findings if f.label != label))

    def study_finding(self, label: str) -> StudyFinding | None:
        return next((one for one in self.study_findings if one.label == label), None)

    def verdict_on(self, suggested: Box) -> Verdict | None:
        return next((one.verdict for one in self.judgements if one.suggested == suggested), None)
