"""What exported files are called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

LONGEST, LONGEST_BYTES = 120, 180
"""Of a stem; file systems allow 255 bytes, and suffixes such as '.integrated_gradients.seg.dcm' want theirs."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+|[^\S ]+')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def stem_of(path: Path) -> str:
    """A file name without its suffix, safe on every file system.

    A last part of digits alone stays: '1.2.840.7' is a UID, not a file of the kind '.7'.
    """
    name = path.stem if not path.suffix[1:].isdigit() else path.name
    return sanitised(name)


def sanitised(name: str) -> str:
    """The name without what a file system forbids; never empty, hidden or longer than LONGEST."""
    safe = _cut(_FORBIDDEN.sub("_", name).strip(". "))
    if not safe:
        return "image"
    return f"{safe}_" if safe.split(".")[0].casefold() in _RESERVED else safe


def _cut(name: str, spared: int = 0) -> str:
    """What of the name is within both limits, with some characters spared."""
    encoded = name[: LONGEST - spared].encode("utf-8", "surrogatepass")[: LONGEST_BYTES - spared]
    return encoded.decode("utf-8", "ignore").rstrip(". ")


def stems_of(paths: Iterable[Path]) -> tuple[str, ...]:
    """A stem for each of several files of one export, all different even where case is ignored.

    The first of a name keeps it; later ones get '-2', '-3' and so on, in the order given.
    """
    return apart(stem_of(path) for path in paths)


def apart(names: Iterable[str]) -> tuple[str, ...]:
    """As `stems_of`, of names that are safe already."""
    taken: set[str] = set()
    stems = []
    for base in names:
        stem = base
        number = 1
        while stem.casefold() in taken:
            number += 1
            numbered = f"-{number}"
            stem = _cut(base, len(numbered)) + numbered
        taken.add(stem.casefold())
        stems.append(stem)
    return tuple(stems)
