"""Files that are written whole or not at all, whatever ends the work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from cxr_desktop.domain.errors import ExportError
from cxr_desktop.domain.write_failure import write_cure


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A file beside `path` to write into; it takes the place of `path` once the block ends.

    Where the block raises, `path` is as it was and nothing half-written stays.
    """
    # Threads, and computers that share the folder, may be at the same file; process numbers repeat.
    staged = path.with_name(f".{uuid4().hex}.part")
    try:
        yield staged
        staged.replace(path)
    finally:
        with suppress(OSError):
            staged.unlink()


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """`replaced`, an OSError raised as ExportError naming the path and what to do."""
    try:
        with replaced(path) as staged:
            yield staged
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {write_cure(error)}") from error


def write_text(path: Path, text: str) -> Path:
    """The text in UTF-8, its lines ended as they are. Raises ExportError naming the path and what to do."""
    with written_whole(path) as staged:
        staged.write_text(text, encoding="utf-8", newline="")
    return path


def write_through(path: Path, content: bytes) -> None:
    """In place of what was there, and on the disk by the time this returns. Raises OSError."""
    with replaced(path) as staged, staged.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
