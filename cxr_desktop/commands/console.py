"""Where a command's words go: results to stdout, failures and progress to stderr."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import Any

DONE, FAILED, USAGE = 0, 1, 2
PROGRAM = "cxr-desktop"
_BAR = 30


@dataclass
class Console:
    """as_json: stdout carries one JSON document and nothing else."""

    as_json: bool = False
    failures: list[tuple[str, str]] = field(default_factory=list)

    def say(self, text: str) -> None:
        if not self.as_json:
            sys.stdout.write(text + "\n")

    def document(self, value: Any) -> None:
        if self.as_json:
            json.dump(value, sys.stdout, indent=2, default=str)
            sys.stdout.write("\n")

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
