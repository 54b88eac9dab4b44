"""Where a command's words go: results to stdout, failures and progress to stderr."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TextIO

from cxr_desktop.domain.errors import CxrError

DONE, FAILED, USAGE = 0, 1, 2
PROGRAM = "cxr-desktop"
_BAR = 30


@contextmanager
def wrong_usage() -> Iterator[None]:
    """For what an option names: that it does not exist is wrong usage. Raises ValueError for any CxrError."""
    try:
        yield
    except CxrError as error:
        raise ValueError(str(error)) from error


def _print(text: str) -> None:
    """To stdout; nowhere once nobody reads it any more, for the work goes on all the same.

    Raises CxrError where it cannot be written, as on a full disk.
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(_encodable(text, sys.stdout.encoding) + "\n")
        sys.stdout.flush()
    except OSError as error:
        _send_nowhere(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            raise CxrError(
                f"the output cannot be written ({error.strerror}); free space or choose another file"
            ) from error


def _tell(text: str) -> None:
    """To stderr; nowhere where it is closed, full or read by nobody, for the work goes on all the same."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _send_nowhere(sys.stderr)


def _encodable(text: str, encoding: str | None) -> str:
    """The text with what a terminal of that encoding cannot show written as its code."""
    return text.encode(encoding or "utf-8", "backslashreplace").decode(encoding or "utf-8")


def _strict(value: Any) -> Any:
    """The value with null for the numbers that JSON does not know."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _strict(item) for key, item in value.items()}
    return [_strict(item) for item in value] if isinstance(value, list | tuple) else value


def _send_nowhere(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


@dataclass
class Console:
    """as_json: stdout carries one JSON document and nothing else."""

    as_json: bool = False
    failures: list[tuple[str, str]] = field(default_factory=list)

    def say(self, text: str) -> None:
        if not self.as_json:
            _print(text)

    def document(self, value: Any) -> None:
        if self.as_json:
            _print(json.dumps(_strict(value), indent=2, default=str, allow_nan=False))

    def fail(self, subject: str, reason: str) -> None:
        """Name one input that failed; the others go on. A reason that begins with the subject has it once."""
        reason = reason.removeprefix(f"{subject}: ")
        self.failures.append((subject, reason))
        self.clear()
        _tell(f"{PROGRAM}: {subject}: {reason}\n")

    def note(self, text: str) -> None:
        self.clear()
        _tell(f"{PROGRAM}: {text}\n")

    def progress(self, done: float, text: str) -> None:
        """A bar on a terminal, nothing elsewhere."""
        if _on_terminal():
            filled = round(_BAR * min(max(done, 0.0), 1.0))
            _tell(f"\r\x1b[K[{'#' * filled}{'.' * (_BAR - filled)}] {text}")

    def clear(self) -> None:
        if _on_terminal():
            _tell("\r\x1b[K")

    @property
    def exit_code(self) -> int:
        return FAILED if self.failures else DONE
