"""What a reader makes of the network's boxes, by one key each. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cxr_desktop.domain import Box, Reading, Verdict
from cxr_desktop.ui.reading_model import ReadingModel


def pending(reading: Reading, suggested: Sequence[Box]) -> Box | None:
    """The first of the network's boxes that has no verdict yet."""
    return next((box for box in suggested if reading.verdict_on(box) is None), None)


def judge(reading: ReadingModel, verdict: Verdict, suggested: Sequence[Box], method: str, label: str) -> None:
    """Accept, correct or reject the first pending box; one accepted or corrected becomes the reader's, selected.

    A committed reading is opened for it: the verdict is the reason.
    """
    box = pending(reading.history.present, suggested)
    if not reading.ready or reading.drafting or box is None:
        return
    own = None
    if verdict is not Verdict.REJECTED:
        own = replace(box, label=label, score=None, source=reading.reader)
    reading.amend(f"network's box {verdict.value}")
    reading.record_verdict(verdict, box, method, own)


def snap(reading: ReadingModel, suggested: Sequence[Box]) -> None:
    """Give the selected box the edges of the network's box that it shares most with."""
    box = reading.selected_box
    if box is None or reading.drafting:
        return
    under = max(suggested, key=box.intersection_area, default=None)
    if under is not None and box.intersection_area(under) > 0:
        reading.change_selected(replace(box, x=under.x, y=under.y, width=under.width, height=under.height))
