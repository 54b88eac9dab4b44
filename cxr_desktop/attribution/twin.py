"""A network beside itself: the same modules, but for some that are replaced.

The network stays as it is, and any number of threads may share it. torch.fx would copy it, too, but traces by patching
`nn.Module` under the feet of other threads; `deepcopy` fails on locks and copies what need not be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from torch import nn


def twin(network: nn.Module, replaced: Mapping[str, nn.Module]) -> nn.Module:
    """The network with the modules of these names replaced. What they lie in is made anew, the rest is shared."""
    within: defaultdict[str, dict[str, nn.Module]] = defaultdict(dict)
    for path, module in replaced.items():
        name, _, rest = path.partition(".")
        within[name][rest] = module
    found = alike(network)
    for name, inner in within.items():
        found._modules[name] = inner[""] if "" in inner else twin(network.get_submodule(name), inner)
    return found


def alike(module: nn.Module) -> nn.Module:
    """A module of the same class and attributes, which may be given other parameters and children."""
    found: nn.Module = object.__new__(type(module))
    own = {"_parameters": dict(module._parameters), "_modules": dict(module._modules)}
    found.__dict__.update(vars(module), **own)
    return found


def write_back(network: nn.Module, found: nn.Module) -> None:
    """Give the network what the modules of its twin have noted on themselves, as any may."""
    for name, value in vars(found).items():
        if name not in ("_parameters", "_modules") and vars(network).get(name) is not value:
            vars(network)[name] = value
    for name, child in network._modules.items():
        other = found._modules[name]
        if child is not other and type(child) is type(other) and child is not None and other is not None:
            write_back(child, other)
