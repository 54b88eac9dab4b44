"""Worker threads give way to the window."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

NICENESS = 10
_given = threading.local()


def give_way() -> None:
    """Lower the calling thread's priority, once; threads that it starts inherit that.

    Linux schedules threads one by one; elsewhere niceness belongs to the whole program, so
    nothing is done there.
    """
    if getattr(_given, "way", False) or not sys.platform.startswith("linux"):
        return
    _given.way = True
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
