"""An evaluation under way: its progress, and how it is paused, gone on with, or stopped. No widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.jobs import Context
from cxr_desktop.ui.engine import Engine, EvaluationRequest
from cxr_desktop.ui.job_bridge import JobBridge, Request
from cxr_desktop.ui.translation import tr

CHANNEL = "evaluation"


class State(StrEnum):
    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"


class Evaluating(QObject):
    """changed: state, progress or problem is another. finished (folder): its results are there.

    What was measured is kept image by image, so that pausing is stopping, and going on takes up what is there,
    after another start of the program too.
    """

    changed = Signal()
    finished = Signal(object)

    def __init__(
        self,
        engine: Engine,
        bridge: JobBridge,
        clock: Callable[[], float] = monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine, self._bridge, self._clock = engine, bridge, clock
        self._request: EvaluationRequest | None = None
        self._begun, self._begun_at = 0.0, 0.0
        self.state = State.IDLE
        self.progress = 0.0
        self.problem = ""

    @property
    def seconds_left(self) -> float | None:
        """From the pace since it was last started; None before anything can be said."""
        gained = self.progress - self._begun_at
        if self.state is not State.RUNNING or gained <= 0.02:
            return None
        return (self._clock() - self._begun) / gained * (1 - self.progress)

    def start(self, request: EvaluationRequest) -> None:
        """Takes the place of one under way."""
        self._request, self.progress = request, 0.0
        self._run(request)

    def pause(self) -> None:
        if self.state is State.RUNNING:
            self._stop(State.PAUSED)

    def go_on(self) -> None:
        if self.state is State.PAUSED and self._request is not None:
            self._run(replace(self._request, resume=True))

    def cancel(self) -> None:
        """Stop; what was measured stays in the folder."""
        if self.state in (State.RUNNING, State.PAUSED):
            self.progress = 0.0
            self._stop(State.IDLE)

    def _run(self, request: EvaluationRequest) -> None:
        self.state, self.problem = State.RUNNING, ""
        self._begun, self._begun_at = self._clock(), self.progress
        self.changed.emit()

        def work(context: Context, asked: Request) -> Path:
            def tell(done: float) -> None:
                context.report(done)
                asked.part(done)

            return self._engine.evaluate(request, tell)

        self._bridge.submit(
            tr("Evaluating {name}").format(name=request.index.name),
            work,
            self._end,
            self._fail,
            partial=self._grow,
            channel=CHANNEL,
            priority=-1,
        )

    def _stop(self, state: State) -> None:
        self._bridge.cancel(CHANNEL)
        self.state = state
        self.changed.emit()

    def _grow(self, done: float) -> None:
        # Going on passes at once through what is there already.
        self.progress = max(self.progress, done)
        self.changed.emit()

    def _end(self, folder: Path) -> None:
        self.state, self.progress = State.DONE, 1.0
        self.changed.emit()
        self.finished.emit(folder)

    def _fail(self, error: BaseException) -> None:
        self.state = State.IDLE
        self.problem = "" if isinstance(error, Cancelled) else str(error)
        self.changed.emit()
