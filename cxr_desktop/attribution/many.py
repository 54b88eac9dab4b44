"""A network made ready for many calls: by a faster copy where one can be made, with or without its first layer.

The first layer is linear: between two images its outputs lie on a line, too, and gradients with respect to them are
carried to the image once, after they have been added up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.grad import conv2d_input

from cxr_desktop.attribution.folded import agreeing, folded
from cxr_desktop.attribution.memory import images_at_once
from cxr_desktop.attribution.tape import Tape, first_result, record
from cxr_desktop.attribution.twin import twin
from cxr_desktop.domain.errors import UnsupportedOperation

Forward = Callable[[Tensor], Tensor]


def logits_of(network: nn.Module, images: Tensor) -> Tensor:
    """(N, K) logits, the first of several results. The network may overwrite its input: it gets a copy."""
    found: Tensor = first_result(network(images.clone()))
    return found


def _itself(x: Tensor) -> Tensor:
    return x


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """enter: images to what `forward` makes logits (N, K) of. leave: gradients with respect to that to those with
    respect to the images. By default the images themselves."""

    forward: Forward
    enter: Forward = _itself
    leave: Forward = _itself

    def whole(self, images: Tensor) -> Tensor:
        """(N, K) logits."""
        return self.forward(self.enter(images))


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """A network for many calls. first: (1, K) logits of the image it was tried on. at_once: how many fit in memory."""

    entry: Entry
    first: Tensor
    at_once: int = 1 << 30

    @property
    def forward(self) -> Forward:
        return self.entry.forward


def ready(network: nn.Module, image: Tensor, *, split: bool = False) -> Many:
    """image: (1, C, H, W), on which a copy is tried. split: with the first layer on its own, where that can be told
    apart. Whatever the network raises passes through."""
    plain = Entry(lambda images: logits_of(network, images.contiguous()))  # it may `view` them
    try:
        tape = record(network, image, lean=True)
    except UnsupportedOperation:
        with torch.no_grad():
            return Many(plain, plain.forward(image))
    logits, room = tape.result.get(), images_at_once(tape, image.device)
    copy = folded(network, tape)
    quick = split_entry(copy, tape) if split else Entry(partial(logits_of, copy))
    found = agreeing(quick.whole, image, logits)
    return Many(plain, logits, room) if found is None else Many(quick, found, room)


def split_entry(network: nn.Module, tape: Tape) -> Entry:
    """The convolution that alone reads the image, and what remains of the network; all of it where there is none.

    tape: of a run on such images.
    """
    layer = _first_layer(network, tape)
    if layer is None:
        return Entry(partial(logits_of, network))
    path, conv = layer
    size = tape.source.shape

    def enter(images: Tensor) -> Tensor:
        with torch.no_grad():
            found: Tensor = conv(images.contiguous(memory_format=torch.channels_last))
            return found

    def leave(gradients: Tensor) -> Tensor:
        shape = (len(gradients), *size[1:])
        return conv2d_input(
            shape, conv.weight, gradients, conv.stride, conv.padding, conv.dilation, conv.groups
        ).contiguous()

    return Entry(partial(logits_of, twin(network, {path: nn.Identity()})), enter, leave)


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
