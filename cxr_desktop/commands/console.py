"""Where a command's words go: results to stdout, failures and progress to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

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
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise CxrError(
                f"the output cannot be written ({error.strerror}); free space or choose another file"
            ) from error


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
            _print(json.dumps(value, indent=2, default=str))

    def fail(self, subject: str, reason: str) -> None:
        """Name one input that failed; the others go on."""
        self.failures.append((subject, reason))
        self.clear()
        sys.stderr.write(f"{PROGRAM}: {subject}: {reason}\n")

    def note(self, text: str) -> None:
        self.clear()
        sys.stderr.write(f"{PROGRAM}: {text}\n")

    def progress(self, done: float, text: str) -> None:
        """A bar on a terminal, nothing elsewhere."""
        if sys.stderr.isatty():
            filled = round(_BAR * min(max(done, 0.0), 1.0))
            sys.stderr.write(f"\r\x1b[K[{'#' * filled}{'.' * (_BAR - filled)}] {text}")
            sys.stderr.flush()

    def clear(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")

    @property
    def exit_code(self) -> int:
        return FAILED if self.failures else DONE
