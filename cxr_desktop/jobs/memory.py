"""Memory that work has freed, given back to the system."""

from __future__ import annotations

import ctypes
import sys
from functools import lru_cache
from typing import Any


def give_back() -> None:
    """Return what C's allocator holds free; nothing happens where it knows no such call.

    glibc keeps what a thread has freed for that thread (malloc_trim(3)): hundreds of megabytes after the maps
    of one network, on every worker.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@lru_cache(maxsize=1)
def _trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
