"""Writes events in the background, in order, and loses none at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

from cxr_desktop.library.failure import StoreError
from cxr_desktop.library.readings import ReadingStore, StoredEvent

Failed = Callable[[StoreError], None]
Mended = Callable[[str], None]
Asked = Callable[[ReadingStore], None]


class Journal:
    """One thread that owns the store: `append` and `ask` return at once, the disk is touched there alone.

    failed: called on that thread with whatever could not be opened, written or read. mended: called there
    with a sentence where a damaged store was set aside; events are written to the new one.
    """

    def __init__(self, folder: Path, failed: Failed, mended: Mended) -> None:
        self._folder = folder
        self._failed, self._mended = failed, mended
        self._waiting: SimpleQueue[StoredEvent | Asked | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="cxr-journal", daemon=True)
        self._thread.start()

    def append(self, stored: StoredEvent) -> None:
        """Have the event written."""
        self._waiting.put(stored)

    def ask(self, question: Asked) -> None:
        """Have `question(store)` called on the journal's thread, after everything appended so far."""
        self._waiting.put(question)

    def close(self, timeout: float = 15.0) -> bool:
        """Write what is waiting and end; True when that was done in time (seconds)."""
        self._waiting.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _serve(self) -> None:
        store = self._opened()
        while (entry := self._waiting.get()) is not None:
            if isinstance(store, ReadingStore):
                self._do(store, entry)
            else:
                self._failed(store)
        if isinstance(store, ReadingStore):
            store.close()

    def _opened(self) -> ReadingStore | StoreError:
        """The store, or why there is none; each entry then fails with that reason."""
        try:
            store = ReadingStore(self._folder)
        except StoreError as error:
            return error
        if store.mended:
            self._mended(store.mended)
        return store

    def _do(self, store: ReadingStore, entry: StoredEvent | Asked) -> None:
        try:
            if isinstance(entry, StoredEvent):
                store.append(entry)
            else:
                entry(store)
        except StoreError as error:
            self._failed(error)
