"""The first layer of a network on its own, for gradients along a path of images.

The layer is linear: between two images its outputs lie on a line, too, and gradients with respect to them are carried
to the image once, after they have been added up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.grad import conv2d_input

from cxr_desktop.attribution.tape import Tape


def _itself(x: Tensor) -> Tensor:
    return x


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """enter: images to what `forward` makes logits (N, K) of. leave: gradients with respect to that to those with
    respect to the images. By default the images themselves."""

    forward: Callable[[Tensor], Tensor]
    enter: Callable[[Tensor], Tensor] = _itself
    leave: Callable[[Tensor], Tensor] = _itself

    def whole(self, images: Tensor) -> Tensor:
        """(N, K) logits."""
        return self.forward(self.enter(images))


def split_entry(network: nn.Module, tape: Tape, forward: Callable[[Tensor], Tensor]) -> Entry:
    """The first layer of `network`, taken out of it, and `forward`, which calls what remains.

    network: private, for its convolution that alone reads the image is replaced; the whole network where
    there is none. tape: of a run on such images.
    """
    layer = _first_layer(network, tape)
    if layer is None:
        return Entry(forward)
    path, conv = layer
    holder, _, name = path.rpartition(".")
    setattr(network.get_submodule(holder), name, nn.Identity())
    size = tape.source.shape

    def enter(images: Tensor) -> Tensor:
        with torch.no_grad():
            return conv(images.contiguous(memory_format=torch.channels_last))

    def leave(gradients: Tensor) -> Tensor:
        shape = (len(gradients), *size[1:])
        return conv2d_input(
            shape, conv.weight, gradients, conv.stride, conv.padding, conv.dilation, conv.groups
        ).contiguous()

    return Entry(forward, enter, leave)


def _first_layer(network: nn.Module, tape: Tape) -> tuple[str, nn.Conv2d] | None:
    readers = list(tape.users(tape.source))
    if len(readers) != 1 or readers[0].name != "conv2d" or tape.source.users != 1:
        return None
    path = readers[0].path
    if not path or sum(step.path == path for step in tape.steps) != 1:
        return None
    layer = network.get_submodule(path)
    if type(layer) is not nn.Conv2d or isinstance(layer.padding, str):
        return None
    return path, layer
