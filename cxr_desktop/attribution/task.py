"""What one attribution is asked and what a method answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from cxr_desktop.attribution.activations import Activations
from cxr_desktop.attribution.checks import FOREIGN, checked_logits, reject_infinite
from cxr_desktop.attribution.entry import Entry, split_entry
from cxr_desktop.attribution.folded import agreeing, folded
from cxr_desktop.attribution.gradient import gradient
from cxr_desktop.attribution.late import record_head
from cxr_desktop.attribution.memory import certainly_fit, images_at_once
from cxr_desktop.attribution.tape import Tape, record
from cxr_desktop.domain.errors import UnsupportedOperation
from cxr_desktop.domain.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A checked request. inputs: (N, C, H, W), finite. targets: (N,). options: with defaults filled in.

    activations: of the same network, where earlier runs may be found and this one is kept.
    """

    network: nn.Module
    inputs: Tensor
    targets: Tensor
    options: Mapping[str, Any]
    progress: Progress | None = None
    activations: Activations | None = None

    def tape(
        self, *, inputs: Tensor | None = None, dtype: torch.dtype | None = None, lean: bool = False
    ) -> Tape:
        """The network's steps on the inputs, by default the task's own, with finite logits for the targets."""
        if self.activations is not None and inputs is None:
            tape = self.activations.tape(self.inputs, dtype)
        else:
            tape = record(self.network, self.inputs if inputs is None else inputs, dtype=dtype, lean=lean)
        self._checked(tape.result.get())
        return tape

    def head(self) -> Tape:
        """The steps that make the last feature map, and all behind it; its `source` need not be the image."""
        tape = record_head(self.network, self.inputs) if self.activations is None else None
        if tape is None:
            return self.tape(lean=True)
        self._checked(tape.result.get())
        return tape

    def forward(self, images: Tensor) -> Tensor:
        """(N, K) logits; the first of several results. The network may overwrite its input: it gets a copy."""
        out = self.network(images.clone())
        return out[0] if isinstance(out, tuple | list) and out else out

    def checked_forward(self, images: Tensor) -> Tensor:
        """`forward`, with finite logits for the targets."""
        return self._checked(self.forward(images))

    def gradient(self) -> Tensor:
        """(N, C, H, W) gradient of each target's logit, which is finite."""
        runs = self.activations
        if runs is None:
            return gradient(self.checked_forward, self.inputs, self.targets)
        run = runs.differentiable(self.inputs)
        if run is None:
            return gradient(lambda images: self._checked(runs.forward(images)), self.inputs, self.targets)
        self._checked(run.logits)
        return run.gradient(self.targets)

    def many_forward(self, *, split: bool = False) -> Many:
        """`forward`, checked, for many calls: through a faster copy of the network where one can be made.

        split: with the first layer on its own, where that can be told apart.
        """
        try:
            tape = record(self.network, self.inputs[:1], lean=True)
        except UnsupportedOperation:
            return Many(Entry(self._contiguous_forward))
        logits = tape.result.get()
        self._checked(logits)
        entry, first = self._faster(tape, logits, split)
        return Many(entry, images_at_once(tape, self.inputs.device), first)

    def _faster(self, tape: Tape, logits: Tensor, split: bool) -> tuple[Entry, Tensor]:
        """A copy that gives the same logits, where there is one, else the network; the first image's logits by it."""
        try:
            copy = folded(self.network, tape)
            forward = replace(self, network=copy).forward
            entry = split_entry(copy, tape, forward) if split else Entry(forward)
            found = agreeing(entry.whole, self.inputs[:1], logits)
            if found is not None:
                return entry, found
        except (TypeError, RuntimeError):  # it holds what cannot be copied, such as a lock
            pass
        return Entry(self._contiguous_forward), logits

    def _contiguous_forward(self, images: Tensor) -> Tensor:
        """For a network of the user's, which may `view` what channels last does not allow."""
        return self.checked_forward(images.contiguous())

    def fitting(self) -> int:
        """How many of the images memory allows at a time; one forward pass is spent only where that is in doubt."""
        count = len(self.inputs)
        if count == 1 or certainly_fit(self.inputs):
            return count
        try:
            tape = record(self.network, self.inputs[:1], lean=True)
        except (UnsupportedOperation, *FOREIGN):
            return count  # whatever is wrong shows, or is halved, in the run itself
        return images_at_once(tape, self.inputs.device)

    def at_target(self, logits: Tensor) -> Tensor:
        """(N, K) with each target's logit in its place, zero elsewhere."""
        return torch.zeros_like(logits).scatter(1, self.targets[:, None], self._chosen(logits))

    def one_at_target(self, logits: Tensor) -> Tensor:
        return torch.zeros_like(logits).scatter(1, self.targets[:, None], 1.0)

    def at_input_size(self, plane: Tensor) -> Tensor:
        """(N, 1, h, w) brought to the inputs' rows and columns, bilinear."""
        return interpolate(plane, size=self.inputs.shape[2:], mode="bilinear", align_corners=False)

    def _chosen(self, logits: Tensor) -> Tensor:
        return logits.gather(1, self.targets[:, None])

    def _checked(self, logits: Tensor) -> Tensor:
        """The logits, finite and with a place for each target."""
        checked_logits(logits, self.targets)
        reject_infinite(self.network, logits, "the logits")
        return logits


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """A network for many calls. at_once: how many images fit into memory. first: (1, K) of the first, if known."""

    entry: Entry
    at_once: int = 1 << 30
    first: Tensor | None = None

    @property
    def forward(self) -> Callable[[Tensor], Tensor]:
        return self.entry.forward


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A method's answer. start: (N,) what each map should sum to, None without such a promise. used: options
    that the method settled itself."""

    relevance: Tensor
    start: Tensor | None = None
    notes: tuple[str, ...] = ()
    used: Mapping[str, object] = field(default_factory=dict)
