"""Recorded runs of a network, kept so that the next method on the same images need not run it again."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from threading import Lock

import torch
from torch import Tensor, nn

from cxr_desktop.attribution.tape import Tape, record

Key = tuple[bytes, tuple[int, ...], torch.dtype, str, torch.dtype | None]


class Activations:
    """What one network computed on the last images, the least recently used dropped first.

    network: its weights must stay as they are as long as this is used. limit: bytes of values kept; a run
    that is larger is not kept. Any number of threads may share one.
    """

    def __init__(self, network: nn.Module, limit: int = 1 << 30) -> None:
        self.network = network
        self._limit = limit
        self._lock = Lock()
        self._kept: OrderedDict[Key, tuple[Tape, int]] = OrderedDict()

    def tape(self, inputs: Tensor, dtype: torch.dtype | None = None) -> Tape:
        """All steps of the network on `inputs` (N, C, H, W), as `record` gives them; not to be changed."""
        key = _key(inputs, dtype)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        # Recorded outside the lock: two threads that ask at once both record, and either result serves.
        tape = record(self.network, inputs.clone(), dtype=dtype)
        self._keep(key, tape)
        return tape

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()

    def _keep(self, key: Key, tape: Tape) -> None:
        size = _bytes(tape)
        if size > self._limit:
            return
        with self._lock:
            self._kept[key] = tape, size
            while sum(held for _, held in self._kept.values()) > self._limit:
                self._kept.popitem(last=False)


def _key(inputs: Tensor, dtype: torch.dtype | None) -> Key:
    values = inputs.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()
    return blake2b(values.data).digest(), tuple(inputs.shape), inputs.dtype, str(inputs.device), dtype


def _bytes(tape: Tape) -> int:
    """Bytes of the storages that the tape keeps alive, those of the network's weights apart."""
    storages = {}
    for value in (tape.source, *(value for step in tape.steps for value in step.outputs)):
        if value.tensor is not None:
            storage = value.tensor.untyped_storage()
            storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())
