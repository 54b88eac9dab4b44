"""What a search for images had found before it was broken off, so that the next one goes on from there."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import IO

from cxr_desktop.domain import InstanceHeader

_EACH = 200
_FIELDS = tuple(field.name for field in fields(InstanceHeader))
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
Stamp = tuple[int, int]


class UnfinishedSearch:
    """Headers by file, of the last search alone; the file of them is gone once that search ends.

    A file that changed since is not known any more. What cannot be read or written is as good as none:
    the search then begins anew.
    """

    def __init__(self, file: Path, paths: Sequence[Path]) -> None:
        self._file = file
        self._known: dict[str, tuple[Stamp, dict[str, object]]] = {}
        self._waiting: list[str] = []
        self._stream: IO[str] | None = None
        first = json.dumps({"search": sorted(str(path) for path in paths)}, ensure_ascii=False)
        with suppress(OSError):
            self._load(first)
            file.parent.mkdir(parents=True, exist_ok=True)
            self._stream = file.open("a" if self._known else "w", encoding="utf-8")
            if not self._known:
                self._stream.write(first + "\n")

    def known(self, path: Path) -> InstanceHeader | None:
        """The header of a file that was found before and has not changed; asked for once, and then forgotten."""
        found = self._known.pop(str(path), None)
        if found is None or found[0] != _stamp(path):
            return None
        shared = {name: sys.intern(v) if isinstance(v, str) else v for name, v in found[1].items()}
        try:
            return InstanceHeader(**{**shared, "path": path})  # type: ignore[arg-type]
        except TypeError:  # of another version of the program
            return None

    def note(self, header: InstanceHeader) -> None:
        """Remember a header that was read."""
        stamp = _stamp(header.path)
        if self._stream is not None and stamp is not None:
            values = {name: getattr(header, name) for name in _FIELDS}
            self._waiting.append(_ENCODE([stamp, {**values, "path": str(header.path)}]))
            if len(self._waiting) >= _EACH:
                self._write()

    def break_off(self) -> None:
        """Keep what was found for the next time."""
        self._write()
        self._close()

    def finish(self) -> None:
        """Nothing is left to go on with."""
        self._close()
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _load(self, first: str) -> None:
        if not self._file.is_file():
            return
        with self._file.open(encoding="utf-8", errors="replace") as lines:
            if next(lines, "").rstrip("\n") != first:
                return
            for line in lines:
                with suppress(
                    ValueError, TypeError, KeyError, AttributeError
                ):  # the last line may be cut short
                    stamp, fields = json.loads(line)
                    self._known[str(fields["path"])] = ((int(stamp[0]), int(stamp[1])), fields)

    def _write(self) -> None:
        if self._stream is not None and self._waiting:
            with suppress(OSError):
                self._stream.write("\n".join(self._waiting) + "\n")
                self._stream.flush()
            self._waiting.clear()

    def _close(self) -> None:
        if self._stream is not None:
            with suppress(OSError):
                self._stream.close()
            self._stream = None


def _stamp(path: Path) -> Stamp | None:
    """Time of the last change in nanoseconds and size; None for a file that is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
