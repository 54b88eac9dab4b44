"""A pool of worker threads that runs the most urgent job first and never kills one from outside."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cxr_desktop.domain.errors import Cancelled, CxrError
from cxr_desktop.jobs.memory import give_back

_log = logging.getLogger(__name__)
LONG_SECONDS = 0.25
"""Work from which on the memory that it needed is given back when it ends."""


@dataclass(frozen=True, slots=True)
class Started:
    """A worker took the job up."""

    job: Job


@dataclass(frozen=True, slots=True)
class Progressed:
    """done: share 0..1 of the work. text: what is being done."""

    job: Job
    done: float
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of every job: exactly one of result, error, cancelled."""

    job: Job
    result: Any = None
    error: BaseException | None = None
    cancelled: bool = False


Event = Started | Progressed | Finished
Listener = Callable[[Event], None]


class Context:
    """What a running job is given: a way to tell progress and to learn that nobody wants it any more."""

    def __init__(self, job: Job, listener: Listener) -> None:
        self._job = job
        self._listener = listener

    def check(self) -> None:
        """Raises Cancelled where the job was cancelled."""
        if self._job.cancel_requested:
            raise Cancelled(f"{self._job.title} was cancelled")

    def report(self, done: float, text: str = "") -> None:
        """Tell progress; a cancellation point."""
        self.check()
        self._listener(Progressed(self._job, min(max(done, 0.0), 1.0), text))


Work = Callable[[Context], Any]


@dataclass(eq=False)
class Job:
    """A piece of work on its way; `cancel` only asks, the work stops at its next step."""

    title: str
    work: Work
    priority: int = 0
    _cancel: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def cancel_requested(self) -> bool:
        return self._cancel.is_set()

    def cancel(self) -> None:
        self._cancel.set()


class JobPool:
    """Runs jobs on a fixed number of threads; listeners are called on the worker's thread.

    listener: receives every event of every job. Raises RuntimeError on submit after close.
    """

    def __init__(self, listener: Listener, workers: int = 2, name: str = "cxr-job") -> None:
        self._listener = listener
        self._ready = threading.Condition()
        self._queue: list[tuple[int, int, Job]] = []
        self._running: set[Job] = set()
        self._order = itertools.count()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{i}", daemon=True) for i in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, title: str, work: Work, *, priority: int = 0) -> Job:
        """Queue `work(context)`; a higher priority runs earlier, equal ones in order."""
        job = Job(title, work, priority)
        with self._ready:
            if self._closed:
                raise RuntimeError("the job pool is closed")
            heapq.heappush(self._queue, (-priority, next(self._order), job))
            self._ready.notify()
        return job

    def cancel_all(self) -> None:
        with self._ready:
            for job in (*self._running, *(entry[2] for entry in self._queue)):
                job.cancel()

    def close(self, timeout: float = 30.0) -> bool:
        """Cancel everything, wait for the workers; True when all of them ended in time (seconds)."""
        self.cancel_all()
        with self._ready:
            self._closed = True
            self._ready.notify_all()
        for thread in self._threads:
            thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads)

    def _serve(self) -> None:
        while True:
            with self._ready:
                while not self._queue and not self._closed:
                    self._ready.wait()
                if not self._queue:
                    return
                job = heapq.heappop(self._queue)[2]
                self._running.add(job)
            begun = time.monotonic()
            try:
                self._listener(self._run(job))
            finally:
                with self._ready:
                    self._running.discard(job)
                del job
            if time.monotonic() - begun >= LONG_SECONDS:
                give_back()

    def _run(self, job: Job) -> Finished:
        if job.cancel_requested:
            return Finished(job, cancelled=True)
        self._listener(Started(job))
        try:
            return Finished(job, result=job.work(Context(job, self._listener)))
        except Cancelled:
            return Finished(job, cancelled=True)
        except CxrError as error:
            return Finished(job, error=error)
        except Exception as error:  # noqa: BLE001 -- the one place that must survive any work
            _log.error("job failed: %s", type(error).__name__)
            return Finished(job, error=error)
