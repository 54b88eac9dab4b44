"""Record what a network does to an input as a list of steps, without touching the network.

A tensor subclass sees every torch function that the network calls (`__torch_function__`), runs it on plain
tensors and notes it down. Nothing is patched, hooked or stored on a module, in-place steps are run out of
place, and all state hangs on the recorded tensors: any number of threads may record one network at once,
and control flow, shared modules and functional calls need no special care.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from cxr_desktop.attribution.naming import plain_name, without_in_place
from cxr_desktop.domain.errors import AttributionError, UnsupportedOperation

_LEAN_CONVOLUTIONS = 4
_LEAN_ROOM = 8  # times the values of the image
_NESTED = (tuple, list, dict)
_SCRIPTED = (torch._C.ScriptMethod, torch._C.ScriptFunction)
FORWARD_ONLY = "saliency, input_x_gradient, smoothgrad, integrated_gradients, occlusion and rise"


class ForgottenValue(Exception):
    """A lean tape was asked for a value that it no longer holds."""


@dataclass(eq=False, slots=True)
class Value:
    """A tensor that depends on the input. step: the index of the step that made it, -1 for the input itself.

    shared: another value lies in the same memory, as a view does.
    """

    tensor: Tensor | None
    step: int
    shape: torch.Size
    users: int = 0
    shared: bool = False

    def get(self) -> Tensor:
        if self.tensor is None:
            raise ForgottenValue("a recorded value was used after it had been forgotten")
        return self.tensor


@dataclass(eq=False, slots=True)
class Step:
    """One torch function. name: its plain name, such as 'conv2d'; args and kwargs: as called, with recorded
    tensors replaced by their `Value`; inputs: those values in order; outputs: what it made."""

    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    path: str = ""

    def run(self, *tensors: Tensor) -> Any:
        """Call the function again with other tensors in place of the inputs."""
        given = dict(zip(map(id, self.inputs), tensors, strict=True))
        args = _replaced(self.args, lambda value: given[id(value)])
        kwargs = _replaced(self.kwargs, lambda value: given[id(value)])
        return self.function(*args, **kwargs)

    def argument(self, position: int, name: str, default: Any = None) -> Any:
        if len(self.args) > position:
            return self.args[position]
        return self.kwargs.get(name, default)


@dataclass
class Tape:
    """All steps from `source` to `result`, in order.

    names: module by the id of its parameter. dtype: what the network's own tensors are converted to where
    a step uses them. lean: forget all but what follows the last few convolutions, for methods that look at
    the last feature map alone; values that the network overwrites are overwritten.
    doubtful: the network overwrote memory that others may look at.
    """

    source: Value
    result: Value
    steps: list[Step] = field(default_factory=list)
    names: Mapping[int, str] = field(default_factory=dict)
    dtype: torch.dtype | None = None
    lean: bool = False
    doubtful: bool = False
    _held: list[list[Value]] = field(default_factory=lambda: [[]])

    def users(self, value: Value) -> Iterator[Step]:
        return (step for step in self.steps if any(found is value for found in step.inputs))

    def append(self, step: Step) -> None:
        self.steps.append(step)
        if not self.lean:
            return
        if step.name == "conv2d":
            self._held.append([])
            self._forget()
        self._held[-1].extend(step.outputs)

    def _forget(self) -> None:
        """Let go of what precedes the last convolutions: of few, and of fewer where they are large."""
        room = _LEAN_ROOM * self.source.shape.numel()
        for count, values in enumerate(reversed(self._held)):
            room -= sum(value.shape.numel() for value in values)
            if values and (room < 0 or count >= _LEAN_CONVOLUTIONS):
                for value in values:
                    value.tensor = None
                values.clear()
        del self._held[:-_LEAN_CONVOLUTIONS]


class _Traced(Tensor):
    """A tensor that writes down what is done to it; the fields are set by `_wrap`."""

    _value: Value
    _plain: Tensor
    _tape: Tape

    @classmethod
    def __torch_function__(
        cls, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if isinstance(func, _SCRIPTED):
            raise UnsupportedOperation(
                f"the inside of a TorchScript module cannot be seen; {FORWARD_ONLY} work"
            )
        function, name = without_in_place(func)
        kwargs = kwargs or {}
        in_place = bool(kwargs.get("inplace"))
        if in_place:
            kwargs = {**kwargs, "inplace": False}
        found: list[_Traced] = []
        noted, plain = _parted(args, found)
        named, named_plain = _parted(kwargs, found) if kwargs else (kwargs, kwargs)
        tape = found[0]._tape
        path = _path(args, kwargs, tape.names)
        if tape.dtype is not None:
            convert = tape_type(tape.dtype)
            noted, plain, named, named_plain = (
                _replaced(item, convert, Tensor) for item in (noted, plain, named, named_plain)
            )
        # Earlier values are not looked at on a lean tape: what the network does in place is done in place,
        # but for a product, whose factor may be the feature map.
        run = func if tape.lean and name not in ("mul", "_with_items") else function
        if in_place and tape.lean:
            named_plain = {**named_plain, "inplace": True}
        with torch._C.DisableTorchFunctionSubclass():
            out = run(*plain, **named_plain)
        results = [out] if isinstance(out, Tensor) else list(out) if isinstance(out, tuple | list) else []
        made = {id(t): Value(t, len(tape.steps), t.shape) for t in results if isinstance(t, Tensor)}
        if not made:
            return out
        changes = in_place or function is not func
        # Of what is changed in place the same object comes back, which nobody else need hold.
        same = None if changes else found[0]._plain
        if any(t is same or t._is_view() for t in results if isinstance(t, Tensor)):
            for value in (*made.values(), *(traced._value for traced in found)):
                value.shared = True
        inputs = tuple(dict.fromkeys(traced._value for traced in found))
        tape.append(Step(name, function, noted, named, inputs, tuple(made.values()), path))
        if changes:
            unharmed = name == "dropout"  # which changes nothing in eval mode
            return _changed(args[0], results[0], made[id(results[0])], tape, unharmed)
        if isinstance(out, Tensor):
            return _wrap(out, made[id(out)], tape)
        wrapped = [_wrap(t, made[id(t)], tape) if isinstance(t, Tensor) else t for t in out]
        return type(out)(wrapped)


def _changed(target: Any, plain: Tensor, value: Value, tape: Tape, unharmed: bool) -> _Traced:
    """What an in-place step leaves: the same object with another value, so that all who hold it see the change.

    Views of it, and tensors that were not recorded, do not: the tape is doubtful then, unless the values are unharmed.
    """
    if not isinstance(target, _Traced):
        tape.doubtful |= not unharmed
        return _wrap(plain, value, tape)
    tape.doubtful |= target._value.shared and not unharmed
    value.shared |= target._value.shared
    target._value, target._plain = value, plain
    return target


def tape_type(dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
    """Converts the network's own floating-point tensors."""
    return lambda tensor: tensor.to(dtype) if tensor.is_floating_point() else tensor


def _parted(item: Any, found: list[_Traced]) -> tuple[Any, Any]:
    """`item`, a tuple, list or dict, with every traced tensor in it replaced by its value, and by its plain
    tensor; `found` is told of them in order."""
    if type(item) is dict:
        noted, plain = _parted(tuple(item.values()), found)
        return dict(zip(item, noted, strict=True)), dict(zip(item, plain, strict=True))
    values, tensors = list(item), list(item)
    for place, part in enumerate(item):
        kind = type(part)
        if kind is _Traced:
            found.append(part)
            values[place], tensors[place] = part._value, part._plain
        elif kind in _NESTED:
            values[place], tensors[place] = _parted(part, found)
    return (values, tensors) if type(item) is list else (tuple(values), tuple(tensors))


def _replaced(item: Any, change: Callable[[Any], Any], kind: type = Value) -> Any:
    """`item`, a tuple, list, dict or what they hold, with every instance of `kind` in it changed."""
    if type(item) in (tuple, list):
        return type(item)(
            [
                change(part)
                if isinstance(part, kind)
                else _replaced(part, change, kind)
                if type(part) in _NESTED
                else part
                for part in item
            ]
        )
    if type(item) is dict:
        return dict(zip(item, _replaced(tuple(item.values()), change, kind), strict=True))
    return change(item) if isinstance(item, kind) else item


def _wrap(plain: Tensor, value: Value, tape: Tape) -> _Traced:
    traced: _Traced = Tensor._make_subclass(_Traced, plain)
    traced._value, traced._plain, traced._tape = value, plain, tape
    return traced


def _path(args: Any, kwargs: Any, names: Mapping[int, str]) -> str:
    """The module a step belongs to, told by the parameter it uses."""
    for item in (*args, *kwargs.values()) if kwargs else args:
        if id(item) in names:
            return names[id(item)]
    return ""


def record(
    network: nn.Module, inputs: Tensor, *, dtype: torch.dtype | None = None, lean: bool = False
) -> Tape:
    """Run the network once in no-grad mode and note every step.

    inputs: (N, C, H, W). dtype: compute in this type instead. lean: see `Tape`.
    Whatever the network raises passes through unchanged.
    Raises UnsupportedOperation where the steps cannot be seen, as in TorchScript; AttributionError for a result
    that is no tensor.
    """
    names = {id(p): name.rpartition(".")[0] for name, p in network.named_parameters()}
    plain = inputs.detach() if dtype is None else inputs.detach().to(dtype)
    source = Value(plain, -1, plain.shape)
    tape = Tape(source, source, names=names, dtype=dtype, lean=lean)
    with torch.no_grad():
        out = first_result(network(_wrap(plain.clone() if lean else plain, source, tape)))
    if not isinstance(out, Tensor):
        raise AttributionError(f"the network returns {type(out).__name__}; (N, classes) logits are needed")
    if not isinstance(out, _Traced):
        raise UnsupportedOperation(
            f"the inside of {type(network).__name__} cannot be seen: its result is not made of the image by torch "
            f"functions; {FORWARD_ONLY} work on it"
        )
    tape.result = out._value
    if tape.doubtful:
        _confirm(tape, network, inputs)
    _count_users(tape)
    return tape


def first_result(out: Any) -> Any:
    """What a network returns, or the first of several results: those behind it are of auxiliary heads."""
    return out[0] if isinstance(out, tuple | list) and out else out


def started(x: Tensor) -> Tensor:
    """`x`, of which a lean tape notes all that is done to it from here on, until `finished`."""
    source = Value(x, -1, x.shape, shared=True)
    return _wrap(x, source, Tape(source, source, lean=True))


def finished(out: object) -> Tape | None:
    """The tape that ends in a network's result; None where none does, or memory that others look at was overwritten."""
    found = first_result(out)
    if not isinstance(found, _Traced) or found._tape.doubtful:
        return None
    tape = found._tape
    tape.result = found._value
    _count_users(tape)
    return tape


def _count_users(tape: Tape) -> None:
    for step in tape.steps:
        for value in step.inputs:
            value.users += 1


def _confirm(tape: Tape, network: nn.Module, inputs: Tensor) -> None:
    """Raises UnsupportedOperation where a plain run of the network gives another result than was recorded."""
    with torch.no_grad():
        plain = first_result(network(inputs.clone()))
    apart = (plain - tape.result.get().to(plain.dtype)).abs().max()
    if bool(apart > 1e-4 * plain.abs().max()):
        raise UnsupportedOperation(
            f"{type(network).__name__} changes tensors in place that share memory with others, which cannot be "
            f"followed; {FORWARD_ONLY} work on it"
        )


def describe(step: Step) -> str:
    """'conv2d of features.0' for messages."""
    return f"{step.name} of {step.path}" if step.path else plain_name(step.function)
