"""The hook for errors that nothing else has caught."""

from __future__ import annotations

import faulthandler
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from cxr_desktop.ui.crash_report import write_report
from cxr_desktop.ui.translation import tr

_log = logging.getLogger(__name__)
NATIVE = "native.txt"


class LastResort:
    """While entered, an uncaught error is told in the window and the program goes on.

    The log and the report in `folder` get the kind of the error and the places in the program,
    never its text: that may name a patient. A crash in a library, which ends the program, leaves
    the places in `native.txt` there.
    """

    def __init__(self, tell: Callable[[str], None], folder: Path, unsaved: Callable[[], bool]) -> None:
        """unsaved: whether something that was drawn could not be kept."""
        self._tell = tell
        self._folder = folder
        self._unsaved = unsaved
        self._before = sys.excepthook
        self._native: IO[str] | None = None

    def __enter__(self) -> LastResort:
        self._before, sys.excepthook = sys.excepthook, self._caught
        with suppress(OSError):  # without a place to write, the program works all the same
            self._folder.mkdir(parents=True, exist_ok=True)
            self._native = (self._folder / NATIVE).open("a", encoding="utf-8")
            faulthandler.enable(self._native)
        return self

    def __exit__(self, *_: object) -> None:
        sys.excepthook = self._before
        if self._native is not None:
            faulthandler.disable()
            self._native.close()

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before(kind, error, trace)
            return
        _log.error("uncaught %s at %s", kind.__name__, _place(trace))
        self._tell(" ".join(self._sentences(kind.__name__, error, write_report(self._folder, error))))

    def _sentences(self, name: str, error: BaseException, report: Path | None) -> Iterator[str]:
        if self._unsaved():
            yield tr("Something went wrong ({name}); not all boxes could be saved. {error}").format(
                name=name, error=error
            )
        else:
            yield tr("Something went wrong ({name}); your boxes are saved. {error}").format(
                name=name, error=error
            )
        if report is not None:
            yield tr("A report without patient data: {path}.").format(path=report)


def _place(trace: TracebackType | None) -> str:
    where = "unknown place"
    while trace is not None:
        where = f"{trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return where
