"""Runs of one network: a recorded one is kept, so that the next method on the same images need not run it again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from threading import Lock

import torch
from torch import Tensor, nn

from cxr_desktop.attribution.checks import FOREIGN
from cxr_desktop.attribution.late import record_head
from cxr_desktop.attribution.many import Forward, logits_of, ready
from cxr_desktop.attribution.memory import certainly_fit
from cxr_desktop.attribution.registry import method_info
from cxr_desktop.attribution.tape import Tape, record
from cxr_desktop.domain.errors import UnsupportedOperation

_RECORDED = ("feature map", "rules")
_DIFFERENTIATED = ("saliency", "input_x_gradient")

Key = tuple[bytes, tuple[int, ...], torch.dtype, str, torch.dtype | None]


@dataclass(frozen=True, slots=True, eq=False)
class Differentiable:
    """A run that autograd remembers. inputs: (N, C, H, W), the leaf. logits: (N, K)."""

    inputs: Tensor
    logits: Tensor

    def gradient(self, targets: Tensor) -> Tensor:
        """(N, C, H, W) gradient of each image's target logit; can be asked again. targets: (N,)."""
        chosen = self.logits.gather(1, targets[:, None]).sum()
        return torch.autograd.grad(chosen, self.inputs, retain_graph=True)[0]


class Activations:
    """What one network computed on the last images, the least recently used dropped first.

    network: its weights must stay as they are as long as this is used. limit: bytes of values kept; a run
    that is larger is not kept. many: for many images, so that a faster copy of the network is worth its making
    where autograd alone asks for it; its gradients are the network's own but for rounding. Any number of threads
    may share one.
    """

    def __init__(self, network: nn.Module, limit: int = 1 << 30, *, many: bool = False) -> None:
        self.network = network
        self.keeps = limit > 0
        self._limit = limit
        self._lock = Lock()
        self._kept: OrderedDict[Key, tuple[Tape, int]] = OrderedDict()
        self._run: tuple[Key, Differentiable] | None = None
        self._many = many
        self._fast: Forward | None = None if many else partial(logits_of, network)

    def tape(self, inputs: Tensor, dtype: torch.dtype | None = None) -> Tape:
        """All steps of the network on `inputs` (N, C, H, W), as `record` gives them; not to be changed."""
        if not self.keeps:
            return record(self.network, inputs, dtype=dtype)
        key = _key(inputs, dtype)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        # Recorded outside the lock: two threads that ask at once both record, and either result serves.
        tape = record(self.network, inputs.clone(), dtype=dtype)
        self._keep(key, tape)
        return tape

    def end(self, inputs: Tensor) -> Tape:
        """The steps that make the last feature map, and all behind it; its `source` need not be the image."""
        if self.keeps:
            return self.tape(inputs)
        return record_head(self.network, inputs) or record(self.network, inputs, lean=True)

    def differentiable(self, inputs: Tensor) -> Differentiable | None:
        """A run on `inputs` (N, C, H, W) for gradients, the last one kept.

        None for few images, of which one's run would be held for long, and where memory may not suffice.
        """
        if not self._many or not certainly_fit(inputs):
            return None
        key = _key(inputs, None)
        with self._lock:
            if self._run is not None and self._run[0] == key:
                return self._run[1]
            self._run = None  # two at a time need twice the memory
        with torch.enable_grad():
            leaf = inputs.detach().clone().requires_grad_()
            run = Differentiable(leaf, self.forward(leaf))
        with self._lock:
            self._run = key, run
        return run

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, K) logits for autograd, by the faster copy where there is one; nothing is kept."""
        if self._fast is None:
            self._fast = ready(self.network, inputs.detach()[:1]).forward
        return self._fast(inputs)

    @torch.inference_mode(False)
    def logits(self, inputs: Tensor, methods: Iterable[str]) -> Tensor:
        """(N, K) of the run with which maps of `inputs` by these methods begin, which is kept for them.

        methods: names of installed ones. Raises AttributionError for others, and whatever the network raises.
        """
        named = [method_info(method) for method in methods]
        try:
            if any(info.needs in _RECORDED for info in named):
                return self.tape(inputs).result.get()
            if any(info.name in _DIFFERENTIATED for info in named):
                run = self.differentiable(inputs)
                return (self.forward(inputs) if run is None else run.logits).detach()
        except (UnsupportedOperation, *FOREIGN):  # a single run may go where a recorded one does not
            self.clear()
        with torch.no_grad():
            return logits_of(self.network, inputs)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._run = None

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
