"""The state of a reading in words. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cxr_desktop.domain import Commitment, Reading, ReadingState

HIDDEN = "The network and other readers are hidden until you commit your reading."
WAITING = "Being written to disk …"


@dataclass(frozen=True, slots=True)
class ReadingWords:
    """word: on the chip. tone: its colour's name. sentence: when, why, and what is hidden. button: what comes next."""

    word: str
    tone: str
    sentence: str
    button: str


def reading_words(reading: Reading, *, veiled: bool) -> ReadingWords:
    """What the window says of a reading."""
    if reading.state is ReadingState.DRAFT:
        return ReadingWords("Draft", "draft", HIDDEN if veiled else "", "Commit")
    if reading.state is ReadingState.AMENDING:
        return ReadingWords("Amending", "amending", f"Reason: {reading.reason}", "Commit")
    if reading.state is ReadingState.ADJUDICATED:
        a, b = reading.settlements[-1].between
        when = told_time(reading.commitments[-1].time)
        return ReadingWords("Adjudicated", "committed", f"Decided between {a} and {b}, {when}", "Amend…")
    first, last = reading.commitments[0], reading.commitments[-1]
    if veiled:
        return ReadingWords("Committed", "committed", WAITING, "Amend…")
    if last is first:
        return ReadingWords("Committed", "committed", _committed(first), "Amend…")
    return ReadingWords(
        "Amended", "amended", f"{_committed(first)}. Amended {told_time(last.time)}: {last.reason}", "Amend…"
    )


def told_time(time: str) -> str:
    """An ISO 8601 time as a person reads it, to the minute; what is none as it stands."""
    try:
        return datetime.fromisoformat(time).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return time


def _committed(first: Commitment) -> str:
    sight = "before the network was seen" if first.blinded else "with the network in sight"
    return f"Committed {told_time(first.time)}, {sight}"
