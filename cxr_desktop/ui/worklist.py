"""Which cases of the library are to be read, or looked at again. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from cxr_desktop.domain import Box, InstanceHeader, ReadingState
from cxr_desktop.library import History
from cxr_desktop.localization.agreement import side_by_side

if TYPE_CHECKING:
    from cxr_desktop.cohort.results import NetworkResult

LOW_AGREEMENT = 0.5
"""F1 at an IoU of 0.5 below which two readers hardly agree on an image."""


class Filter(StrEnum):
    """What a worklist shows."""

    ALL = "All"
    UNREAD = "Unread by me"
    MINE = "Begun by me"
    COMMITTED = "Committed by me"
    LOW_AGREEMENT = "Low agreement"
    NETWORK_DISAGREES = "Network disagrees"
    WRONG_REASON = "Right for the wrong reason"


_OF_OTHERS = (Filter.LOW_AGREEMENT, Filter.NETWORK_DISAGREES, Filter.WRONG_REASON)


@dataclass(frozen=True, slots=True)
class WorkCase:
    """An image of the library. readings: of all readers who have one. network: None where it was not evaluated."""

    header: InstanceHeader
    sha256: str
    readings: Mapping[str, History]
    network: NetworkResult | None = None

    def state(self, reader: str) -> str:
        """Of a reader's reading, in a word."""
        history = self.readings.get(reader)
        if history is None or not touched(history):
            return "unread"
        return str(history.state)

    @property
    def settled(self) -> tuple[tuple[Box, ...], ...]:
        """Boxes of each committed reading."""
        return tuple(h.present.boxes for h in self.readings.values() if h.committed)

    @property
    def agreement(self) -> float | None:
        """The lowest F1 of two committed readings at an IoU of 0.5; two that found nothing agree. None below two."""
        pairs = [_f1(a, b) for a, b in combinations(self.settled, 2)]
        return min(pairs) if pairs else None

    def labels(self, reader: str, blinded: bool = False) -> tuple[str, ...]:
        """What readers called their boxes, and what the network predicted, as far as it is to be seen."""
        hidden = self.hidden_from(reader, blinded)
        seen = [h for name, h in self.readings.items() if name == reader or not hidden]
        named = {box.label for history in seen for box in history.present.boxes if box.label}
        if self.network is not None and self.network.predicted and not hidden:
            named.add(self.network.target)
        return tuple(sorted(named))

    @property
    def network_disagrees(self) -> bool:
        """With the truth of the evaluation, or with a committed reading on whether there is anything."""
        if self.network is None:
            return False
        return self.network.disagrees or any(bool(boxes) != self.network.predicted for boxes in self.settled)

    def hidden_from(self, reader: str, blinded: bool) -> bool:
        """Whether network and others are not to be seen yet: the reader has not committed a first reading."""
        history = self.readings.get(reader)
        return blinded and (history is None or not history.committed)

    def passes(self, wanted: Filter, reader: str, blinded: bool = False) -> bool:
        if wanted in _OF_OTHERS and self.hidden_from(reader, blinded):
            return False
        match wanted:
            case Filter.UNREAD:
                return self.state(reader) == "unread"
            case Filter.MINE:
                return self.state(reader) in (ReadingState.DRAFT, ReadingState.AMENDING)
            case Filter.COMMITTED:
                history = self.readings.get(reader)
                return history is not None and history.locked
            case Filter.LOW_AGREEMENT:
                return self.agreement is not None and self.agreement < LOW_AGREEMENT
            case Filter.NETWORK_DISAGREES:
                return self.network_disagrees
            case Filter.WRONG_REASON:
                return self.network is not None and self.network.wrong_reason
            case _:
                return True


def touched(history: History) -> bool:
    """Whether a reader did anything on an image but look."""
    return history.can_undo or history.can_redo or history.committed


def work_cases(
    images: Iterable[tuple[InstanceHeader, str, Mapping[str, History]]],
    results: Sequence[NetworkResult] = (),
) -> tuple[WorkCase, ...]:
    """Images (header, SHA-256, readings) with what an evaluation said of them: by hash, else by file name."""
    by_hash = {result.sha256: result for result in results if result.sha256}
    by_name = {result.image: result for result in results}
    return tuple(
        WorkCase(header, sha256, readings, by_hash.get(sha256) or by_name.get(header.path.name))
        for header, sha256, readings in images
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """Which cases to show. label: '' for any. words: all of them in patient or file name."""

    filter: Filter = Filter.ALL
    label: str = ""
    words: str = ""


def chosen(
    cases: Sequence[WorkCase], choice: Choice, reader: str, blinded: bool = False
) -> tuple[WorkCase, ...]:
    """Those that pass, as far as the reader may know: blinded, what others say of an unread case is no reason."""
    sought = choice.words.casefold().split()
    return tuple(
        case
        for case in cases
        if case.passes(choice.filter, reader, blinded)
        and (not choice.label or choice.label in case.labels(reader, blinded))
        and all(word in _text(case) for word in sought)
    )


def next_unread(cases: Sequence[WorkCase], reader: str, current: Path | None = None) -> WorkCase | None:
    """The first unread case after the current one, from the top again at the end."""
    places = [place for place, case in enumerate(cases) if case.header.path == current]
    start = places[0] + 1 if places else 0
    around = (*cases[start:], *cases[:start])
    return next((c for c in around if c.header.path != current and c.state(reader) == "unread"), None)


def _f1(first: Sequence[Box], second: Sequence[Box]) -> float:
    boxes = len(first) + len(second)
    return 2 * len(side_by_side(first, second, 0.5).matches) / boxes if boxes else 1.0


def _text(case: WorkCase) -> str:
    header = case.header
    return f"{header.patient_name} {header.patient_id} {header.path.name}".casefold()
