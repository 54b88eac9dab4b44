"""The library's store for a command, with a word on the person's readings where they were damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cxr_desktop.commands.console import Console
from cxr_desktop.library import ReadingStore


@contextmanager
def opened_store(folder: Path, console: Console) -> Iterator[ReadingStore]:
    """The store in a data folder, closed at the end; that a damaged one was set aside is noted. Raises StoreError."""
    with closing(ReadingStore(folder)) as store:
        if store.mended:
            console.note(store.mended)
        yield store
