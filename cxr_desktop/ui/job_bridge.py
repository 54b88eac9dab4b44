"""From worker threads to the GUI thread: jobs asked for by channel, late results dropped."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from cxr_desktop.jobs import Context, Event, Finished, Job, JobPool, Progressed, Started
from cxr_desktop.ui.translation import tr
from cxr_desktop.ui.worker_priority import give_way

AWAITED = 2
"""Threads for what somebody waits for: the next image need not wait for one that is no longer wanted."""
Done = Callable[[Any], None]
Failed = Callable[[BaseException], None]


@dataclass(eq=False)
class Request:
    """Work asked for, and who wants its outcome. `part` sends an intermediate result to the GUI thread.

    title: as the jobs strip shows it; empty for work too short to be shown.
    """

    title: str
    done: Done
    failed: Failed
    partial: Done | None
    channel: str
    bridge: JobBridge
    job: Job = field(init=False)

    def part(self, value: Any) -> None:
        self.bridge.arrived.emit((self, value))


Work = Callable[[Context, Request], Any]


class JobBridge(QObject):
    """Submits work to the pool and calls back on the GUI thread.

    A request on a channel takes the place of the earlier one there: that one is cancelled, and
    whatever still comes from it is dropped.
    """

    started = Signal(object)
    progressed = Signal(object, float, str)
    finished = Signal(object)
    arrived = Signal(object)

    def __init__(self, workers: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = JobPool(self.arrived.emit, workers)
        self._at_once = JobPool(self.arrived.emit, AWAITED)
        self._requests: dict[Job, Request] = {}
        self._current: dict[str, Request] = {}
        self._closed = False
        self.arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def closed(self) -> bool:
        """The window is gone, and nothing more can be asked for."""
        return self._closed

    def submit(
        self,
        title: str,
        work: Work,
        done: Done,
        failed: Failed,
        *,
        channel: str = "",
        partial: Done | None = None,
        priority: int = 0,
        awaited: bool = False,
    ) -> Request:
        """Run `work(context, request)` on a worker; done or failed is called once, unless superseded.

        awaited: somebody looks at the screen until it is done, so it waits for no other work and gives way
        to no other program.
        """
        self.cancel(channel)
        request = Request(title, done, failed, partial, channel, self)
        if awaited:
            request.job = self._at_once.submit(title, lambda context: work(context, request))
        else:
            request.job = self._pool.submit(title, _politely(work, request), priority=priority)
        self._requests[request.job] = request
        if channel:
            self._current[channel] = request
        return request

    def cancel(self, channel: str) -> None:
        """Ask the work of a channel to stop, and drop what it still gives."""
        request = self._current.pop(channel, None) if channel else None
        if request is not None:
            request.job.cancel()

    def close(self) -> bool:
        """Cancel everything and wait for the workers; True when they ended in time."""
        self._closed = True
        ended = [pool.close(timeout=10.0) for pool in (self._at_once, self._pool)]
        return all(ended)

    def _wanted(self, request: Request) -> bool:
        return not request.channel or self._current.get(request.channel) is request

    @Slot(object)
    def _deliver(self, arrived: Event | tuple[Request, Any]) -> None:
        if self._closed:
            return
        if isinstance(arrived, tuple):
            request, value = arrived
            if self._wanted(request) and not request.job.cancel_requested and request.partial:
                request.partial(value)
            return
        known = self._requests.get(arrived.job)
        if known is None:
            return
        match arrived:
            case Started():
                self.started.emit(known)
            case Progressed(done=done, text=text):
                self.progressed.emit(known, done, text)
            case Finished():
                self._finish(known, arrived)

    def _finish(self, request: Request, outcome: Finished) -> None:
        wanted = self._wanted(request)
        del self._requests[outcome.job]
        if request.channel and wanted:
            del self._current[request.channel]
        self.finished.emit(request)
        if not wanted:
            return
        if outcome.error is not None:
            request.failed(outcome.error)
        elif outcome.cancelled:
            request.failed(_cancelled(request))
        else:
            request.done(outcome.result)


def _politely(work: Work, request: Request) -> Callable[[Context], Any]:
    """The work as the pool runs it, on a thread that gives way to the window."""

    def run(context: Context) -> Any:
        give_way()
        return work(context, request)

    return run


def _cancelled(request: Request) -> BaseException:
    from cxr_desktop.domain.errors import Cancelled

    return Cancelled(tr("{value} was cancelled").format(value=request.title or tr("The work")))


def shorten_switches() -> None:
    """Let the GUI thread have the interpreter within a millisecond of asking for it."""
    sys.setswitchinterval(0.001)
