"""A file that was looked at and cannot be shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Refused:
    """path: the file, or archive and member. reason: a sentence with the cure, the file not named."""

    path: Path
    reason: str
