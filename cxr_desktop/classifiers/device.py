"""Where the network runs: choose a device and list them; tell when its memory ran out."""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch

from cxr_desktop.domain.errors import DeviceError

_CUDA = re.compile(r"cuda(?::(\d+))?")
_OUT_OF_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A compute device of this machine. memory: bytes, None where it is the system's own."""

    name: str
    description: str
    memory: int | None = None


def devices() -> list[DeviceInfo]:
    """The devices that networks can run on here, the CPU last."""
    found = []
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            found.append(DeviceInfo(f"cuda:{index}", properties.name, int(properties.total_memory)))
    if torch.backends.mps.is_available():
        found.append(DeviceInfo("mps", "Apple GPU"))
    found.append(DeviceInfo("cpu", f"{torch.get_num_threads()} threads"))
    return found


def select_device(spec: str = "auto") -> torch.device:
    """The device for 'auto', 'cpu', 'cuda', 'cuda:N' or 'mps'; auto takes the first GPU, else the CPU.

    Raises DeviceError for a device that is not here, naming those that are.
    """
    names = [device.name for device in devices()]
    wanted = spec.strip().lower()
    if wanted == "auto":
        return torch.device(names[0])
    cuda = _CUDA.fullmatch(wanted)
    if cuda is None and wanted not in ("cpu", "mps"):
        raise DeviceError(f"device {spec!r} is none of auto, cpu, cuda, cuda:N, mps")
    name = f"cuda:{cuda[1] or 0}" if cuda else wanted
    if name not in names:
        raise DeviceError(
            f"device {spec!r} is not on this machine; here: {', '.join(names)}. Choose one, or auto"
        )
    return torch.device(name)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether PyTorch failed for want of memory; only CUDA has an exception type of its own for it."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and bool(_OUT_OF_MEMORY.search(str(error)))
