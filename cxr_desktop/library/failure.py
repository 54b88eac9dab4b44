"""What goes wrong with the store, in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from cxr_desktop.domain.errors import CxrError


class StoreError(CxrError):
    """The store cannot be opened, read or written."""


@contextmanager
def failing(sentence: str) -> Iterator[None]:
    """Turn SQLite's errors into a StoreError that begins with the sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{sentence} ({error}); check the folder's permissions and free space") from error
