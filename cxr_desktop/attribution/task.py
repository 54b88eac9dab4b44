"""What one attribution is asked and what a method answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from cxr_desktop.attribution.activations import Activations
from cxr_desktop.attribution.checks import FOREIGN, checked_logits, reject_infinite
from cxr_desktop.attribution.gradient import gradient
from cxr_desktop.attribution.many import Many, ready
from cxr_desktop.attribution.memory import certainly_fit, images_at_once
from cxr_desktop.attribution.tape import Tape, record
from cxr_desktop.domain.errors import UnsupportedOperation
from cxr_desktop.domain.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A checked request. runs: of the network, earlier ones among them. inputs: (N, C, H, W), finite.
    targets: (N,). options: with defaults filled in.

    Whatever the network is run for here has finite logits with a place for each target, or raises AttributionError.
    """

    runs: Activations
    inputs: Tensor
    targets: Tensor
    options: Mapping[str, Any]
    progress: Progress | None = None

    @property
    def network(self) -> nn.Module:
        return self.runs.network

    def tape(self, *, inputs: Tensor | None = None, dtype: torch.dtype | None = None) -> Tape:
        """The network's steps on the inputs, by default the task's own."""
        return self._checked_tape(self.runs.tape(self.inputs if inputs is None else inputs, dtype))

    def end(self) -> Tape:
        """The steps that make the last feature map, and all behind it; its `source` need not be the image."""
        return self._checked_tape(self.runs.end(self.inputs))

    def gradient(self) -> Tensor:
        """(N, C, H, W) gradient of each target's logit."""
        run = self.runs.differentiable(self.inputs)
        if run is None:
            return gradient(lambda x: self._checked(self.runs.forward(x)), self.inputs, self.targets)
        self._checked(run.logits)
        return run.gradient(self.targets)

    def many(self, *, split: bool = False) -> Many:
        """The network, or a faster copy, for many calls. split: with the first layer on its own, where it can be."""
        found = ready(self.network, self.inputs[:1], split=split)
        self._checked(found.first)
        return found

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
        checked_logits(logits, self.targets)
        reject_infinite(self.network, logits, "the logits")
        return logits

    def _checked_tape(self, tape: Tape) -> Tape:
        self._checked(tape.result.get())
        return tape


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A method's answer. start: (N,) what each map should sum to, None without such a promise. used: options
    that the method settled itself."""

    relevance: Tensor
    start: Tensor | None = None
    notes: tuple[str, ...] = ()
    used: Mapping[str, object] = field(default_factory=dict)
