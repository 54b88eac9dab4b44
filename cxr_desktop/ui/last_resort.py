"""The hook for errors that nothing else has caught."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from types import TracebackType

_log = logging.getLogger(__name__)


class LastResort:
    """While entered, an uncaught error is told in the window and the program goes on.

    The log gets the kind of the error and the place in the program, never its text: that may name
    a patient.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._before = sys.excepthook

    def __enter__(self) -> LastResort:
        self._before, sys.excepthook = sys.excepthook, self._caught
        return self

    def __exit__(self, *_: object) -> None:
        sys.excepthook = self._before

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before(kind, error, trace)
            return
        _log.error("uncaught %s at %s", kind.__name__, _place(trace))
        self._tell(f"Something went wrong ({kind.__name__}); your boxes are saved. {error}")


def _place(trace: TracebackType | None) -> str:
    where = "unknown place"
    while trace is not None:
        where = f"{trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return where
