"""How many threads each of several processes may use, so that together they never ask for more than there are cores."""

from __future__ import annotations

import os
from collections.abc import Mapping

ASKED = "OMP_NUM_THREADS"


def cores() -> int:
    """Of those there are, the ones that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return max(1, len(affinity(0)) if affinity else os.cpu_count() or 1)


def threads_each(processes: int, available: int, environment: Mapping[str, str]) -> int:
    """Threads of one of so many processes: an even share of the available cores, or fewer where the user asks so.

    The user's wish is OMP_NUM_THREADS; of a list, one per nested level, the first counts. More than the even
    share, or what is no number, is not followed. At least 1.
    """
    share = max(1, available // max(processes, 1))
    asked = environment.get(ASKED, "").partition(",")[0].strip()
    return min(share, max(1, int(asked))) if asked.isdecimal() else share


def pin_threads(processes: int) -> int:
    """Keep this process, one of so many, to its share; how many threads that is."""
    import torch

    threads = threads_each(processes, cores(), os.environ)
    torch.set_num_threads(threads)
    return threads
