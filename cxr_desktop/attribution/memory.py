"""Work in pieces that fit into memory: a piece that does not is halved and tried again."""

from __future__ import annotations

from collections.abc import Callable

import torch

from cxr_desktop.domain.progress import Progress


def out_of_memory(error: BaseException) -> bool:
    """True for what torch raises when host or device memory runs out."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)


def in_pieces(
    count: int, size: int, run: Callable[[int, int], None], progress: Progress | None = None
) -> None:
    """Call run(start, stop) over 0..count, `size` at a time, halving the size when memory runs out.

    run: must change nothing before its last allocation. progress: told the share done before each piece.
    """
    start = 0
    while start < count:
        if progress is not None:
            progress(start / count)
        stop = min(start + size, count)
        try:
            run(start, stop)
        except (RuntimeError, MemoryError) as error:
            if size == 1 or not out_of_memory(error):
                raise
            size //= 2
            continue
        start = stop
