"""Whether a frozen installation is still as it was built, by the list of hashes that lies in it."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

LIST = "files.sha256"


def frozen_folder() -> Path | None:
    """Where the frozen program lies; None for one that runs from its sources."""
    return Path(sys.executable).resolve().parent if getattr(sys, "frozen", False) else None


def altered(folder: Path) -> tuple[int, list[str]]:
    """How many files the list in `folder` has, and those that are missing or changed, as sentences' ends.

    Files beside the listed ones are no concern. Raises OSError where the list itself cannot be read.
    """
    lines = (folder / LIST).read_text(encoding="utf-8").splitlines()
    found = []
    for line in lines:
        digest, _, name = line.partition("  ")
        try:
            with (folder / name).open("rb") as content:
                same = hashlib.file_digest(content, "sha256").hexdigest() == digest
        except OSError as error:
            found.append(f"{name} ({error.strerror})")
        else:
            if not same:
                found.append(f"{name} (changed)")
    return len(lines), found
