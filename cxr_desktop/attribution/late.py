"""Record the end of a network alone, for methods that look at nothing before its last feature map.

A plain run costs less than a recorded one. The last convolution, in the order in which a network holds its modules, is
where the record begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from cxr_desktop.attribution.checks import FOREIGN
from cxr_desktop.attribution.head import last_feature_map
from cxr_desktop.attribution.tape import Step, Tape, finished, started
from cxr_desktop.attribution.twin import twin, write_back
from cxr_desktop.domain.errors import UnsupportedOperation


def record_head(network: nn.Module, inputs: Tensor) -> Tape | None:
    """The steps from the last convolution on, with the last feature map among them; their `source` is not the image.

    inputs: (N, C, H, W). None where that does not do: the network holds a layer that it does not use or not last,
    brings in more of the image behind the feature map, or fails.
    """
    path = _last_convolution(network)
    if not path:
        return None
    begin = _Begin(network.get_submodule(path))
    beside = twin(network, {path: begin})
    try:
        with torch.no_grad():
            tape = finished(beside(inputs.clone()))
    except (UnsupportedOperation, *FOREIGN):
        return None
    finally:
        write_back(network, beside)
    return tape if tape is not None and begin.calls == 1 and _suffices(network, tape) else None


class _Begin(nn.Module):
    """A layer, from whose first input on all is noted."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer, self.calls = layer, 0

    def forward(self, x: Tensor) -> Any:
        self.calls += 1
        return self.layer(started(x) if self.calls == 1 else x)


def _last_convolution(network: nn.Module) -> str:
    named = [name for name, module in network.named_modules() if isinstance(module, nn.Conv2d)]
    return named[-1] if named else ""


def _suffices(network: nn.Module, tape: Tape) -> bool:
    """The feature map is made on the tape, and behind it nothing comes in but the network's own tensors."""
    try:
        features = last_feature_map(tape, "")
    except UnsupportedOperation:
        return False
    return features.step >= 0 and all(_is_closed(network, step) for step in tape.steps[features.step + 1 :])


def _is_closed(network: nn.Module, step: Step) -> bool:
    strange = [found for found in _tensors((step.args, step.kwargs)) if not isinstance(found, nn.Parameter)]
    return not strange or {id(found) for found in strange} <= {id(buffer) for buffer in network.buffers()}


def _tensors(item: object) -> Iterator[Tensor]:
    if isinstance(item, Tensor):
        yield item
    elif isinstance(item, tuple | list | dict):
        for part in item.values() if isinstance(item, dict) else item:
            yield from _tensors(part)
