"""Record the end of a network alone, for methods that look at nothing before its last feature map.

A plain run costs less than a recorded one. The last convolution, in the order in which a network holds its modules, is
where the record begins: in a twin of it, held by twins of the modules around it, so that the network itself stays as
it is and any number of threads may share it.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from cxr_desktop.attribution.checks import FOREIGN
from cxr_desktop.attribution.head import last_feature_map
from cxr_desktop.attribution.tape import Step, Tape, finished, started
from cxr_desktop.domain.errors import UnsupportedOperation


def record_head(network: nn.Module, inputs: Tensor) -> Tape | None:
    """The steps from the last convolution on, with the last feature map among them; their `source` is not the image.

    inputs: (N, C, H, W). None where that does not do: the network holds a layer that it does not use or not last,
    brings in more of the image behind the feature map, or fails.
    """
    path = _last_convolution(network)
    if path is None:
        return None
    begin = _Begin()
    twins = _tapped(network, path, begin)
    try:
        with torch.no_grad():
            tape = finished(twins[0][1](inputs.clone()))
    except (UnsupportedOperation, *FOREIGN):
        return None
    finally:
        _write_back(twins)
    return tape if tape is not None and not begin.again and _suffices(network, tape) else None


class _Begin:
    """Starts a tape at the first tensor it is given. again: it was asked for more than one."""

    def __init__(self) -> None:
        self.met = self.again = False

    def __call__(self, x: Tensor) -> Tensor:
        self.again |= self.met
        self.met = True
        return x if self.again else started(x)


def _last_convolution(module: nn.Module) -> list[str] | None:
    """Names of the modules on the way to it."""
    for name, child in reversed(module._modules.items()):
        if isinstance(child, nn.Conv2d):
            return [name]
        way = None if child is None else _last_convolution(child)
        if way is not None:
            return [name, *way]
    return None


Twins = list[tuple[nn.Module, nn.Module]]


def _tapped(network: nn.Module, path: list[str], begin: _Begin) -> Twins:
    """The modules on the path, from the network on, and their twins, the last of which hands its input to `begin`."""
    twins = [(network, _twin(network))]
    for name in path:
        module = twins[-1][0].get_submodule(name)
        twins.append((module, _twin(module)))
        twins[-2][1]._modules[name] = twins[-1][1]
    layer, tapped = twins[-1]
    tapped.__dict__["forward"] = lambda x: layer.forward(begin(x))
    return twins


def _twin(module: nn.Module) -> nn.Module:
    """A module of the same class and attributes, which may be given other children."""
    twin: nn.Module = object.__new__(type(module))
    twin.__dict__.update(module.__dict__)
    twin.__dict__["_modules"] = dict(module._modules)
    return twin


def _write_back(twins: Twins) -> None:
    """A module that notes something on itself, as any may, finds it there."""
    for module, twin in twins:
        for name, value in vars(twin).items():
            if name not in ("_modules", "forward") and vars(module).get(name) is not value:
                vars(module)[name] = value


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
