"""Work in pieces that fit into memory: sized by what is free, and halved where that was not enough."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from cxr_desktop.attribution.tape import Tape
from cxr_desktop.domain.progress import Progress

HELD = 4
"""Most that a method holds at a time for an image, in multiples of all values that the network computes on it."""

MOST_VALUES = 4000
"""Values that a network computes for each pixel: 980 (DenseNet-121), 2720 (EfficientNet-B7), 3560 (Swin-B)."""

SYSTEM = Path("/proc/meminfo")
GROUP = Path("/sys/fs/cgroup")


def out_of_memory(error: BaseException) -> bool:
    """True for what torch raises when host or device memory runs out."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)


def free_memory(device: torch.device) -> int | None:
    """Bytes that can still be had, None where the system does not tell.

    Linux hands out more memory than there is and then ends the process, so there it has to be asked;
    elsewhere an allocation fails, and the piece is halved.
    """
    if device.type == "cuda":
        cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + cached
    if device.type != "cpu":
        return None
    found = [amount for amount in (_system_memory(), _group_memory()) if amount is not None]
    return min(found, default=None)


def _system_memory() -> int | None:
    try:
        lines = SYSTEM.read_text("ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        return None


def _group_memory() -> int | None:
    """What a container is allowed and has not used."""
    try:
        most, used = (int((GROUP / name).read_text("ascii")) for name in ("memory.max", "memory.current"))
    except (OSError, ValueError):  # there is no group, or it has no limit: 'max'
        return None
    return max(0, most - used)


def images_at_once(tape: Tape, device: torch.device) -> int:
    """How many images like the first of the tape's fit into half of the free memory; at least one."""
    free = free_memory(device)
    if free is None:
        return 1 << 30
    values = tape.source.shape.numel() + sum(v.shape.numel() for step in tape.steps for v in step.outputs)
    item = tape.result.get().element_size()
    return max(1, free // 2 // (HELD * item * values // len(tape.result.get())))


def certainly_fit(images: torch.Tensor) -> bool:
    """True where so many images of that size need not be counted: no known network computes as much on them."""
    free = free_memory(images.device)
    pixels = len(images) * images[0, 0].numel()
    return free is None or pixels * images.element_size() * MOST_VALUES * HELD <= free // 2


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
