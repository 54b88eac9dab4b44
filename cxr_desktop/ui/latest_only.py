"""Work that a moving hand asks for again and again: one at a time, then the newest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cxr_desktop.ui.job_bridge import Done, Failed, JobBridge, Work


class LatestOnly:
    """Unlike a channel, work under way is finished and shown, so that a slow drag is followed too."""

    def __init__(self, bridge: JobBridge, priority: int = 0) -> None:
        self._bridge = bridge
        self._priority = priority
        self._busy = False
        self._next: tuple[Work, Done, Failed] | None = None

    def submit(self, work: Work, done: Done, failed: Failed) -> None:
        """Run the work, or keep it as the next in place of an earlier next."""
        if self._busy:
            self._next = (work, done, failed)
            return
        self._busy = True
        self._bridge.submit(
            "",
            work,
            lambda result: self._finished(done, result),
            lambda error: self._finished(failed, error),
            priority=self._priority,
        )

    def drop_next(self) -> None:
        """Forget the work that has not begun."""
        self._next = None

    def _finished(self, tell: Callable[[Any], None], outcome: Any) -> None:
        self._busy = False
        waiting, self._next = self._next, None
        if waiting is not None:
            self.submit(*waiting)
        tell(outcome)
