"""The state of a reading in words. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cxr_desktop.domain import Commitment, Reading, ReadingState
from cxr_desktop.ui.translation import later, tr

HIDDEN = later("The network and other readers are hidden until you commit your reading.")
WAITING = later("Being written to disk …")


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
        return ReadingWords(tr("Draft"), "draft", tr(HIDDEN) if veiled else "", tr("Commit"))
    if reading.state is ReadingState.AMENDING:
        return ReadingWords(
            tr("Amending"), "amending", tr("Reason: {reason}").format(reason=reading.reason), tr("Commit")
        )
    if reading.state is ReadingState.ADJUDICATED:
        a, b = reading.settlements[-1].between
        when = told_time(reading.commitments[-1].time)
        return ReadingWords(
            tr("Adjudicated"),
            "committed",
            tr("Decided between {a} and {b}, {when}").format(a=a, b=b, when=when),
            tr("Amend…"),
        )
    first, last = reading.commitments[0], reading.commitments[-1]
    if veiled:
        return ReadingWords(tr("Committed"), "committed", tr(WAITING), tr("Amend…"))
    if last is first:
        return ReadingWords(tr("Committed"), "committed", _committed(first), tr("Amend…"))
    return ReadingWords(
        tr("Amended"),
        "amended",
        tr("{committed}. Amended {told_time}: {reason}").format(
            committed=_committed(first), told_time=told_time(last.time), reason=last.reason
        ),
        tr("Amend…"),
    )


def told_time(time: str) -> str:
    """An ISO 8601 time as a person reads it, to the minute; what is none as it stands."""
    try:
        return datetime.fromisoformat(time).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return time


def _committed(first: Commitment) -> str:
    sight = tr("before the network was seen") if first.blinded else tr("with the network in sight")
    return tr("Committed {told_time}, {sight}").format(told_time=told_time(first.time), sight=sight)
