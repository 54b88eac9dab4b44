"""What of an uncaught error may leave the computer: kinds and places, no values."""

from __future__ import annotations

import platform
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cxr_desktop import __version__

KEPT = 20
_LIBRARIES = ("PySide6", "torch", "numpy", "pydicom")


def write_report(folder: Path, error: BaseException) -> Path | None:
    """Write a report of an error, the latest `KEPT` stay; None where nothing can be written.

    It has versions, the kinds of the error and of its causes, and the functions and lines they went
    through. Messages, values and paths of files are left out: they may name a patient.
    """
    path = folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(_lines(error)) + "\n", encoding="utf-8")
        for old in sorted(folder.glob("crash-*.txt"))[:-KEPT]:
            old.unlink()
    except OSError:
        return None
    return path


def _lines(error: BaseException) -> Iterator[str]:
    yield f"CXR Desktop {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    for name in _LIBRARIES:
        if name in sys.modules:
            yield f"{name} {getattr(sys.modules[name], '__version__', '')}"
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield f"{type(cause).__module__}.{type(cause).__name__}"
        for frame, line in traceback.walk_tb(cause.__traceback__):
            yield f"  {frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}, line {line}"
        cause = cause.__cause__ or cause.__context__
