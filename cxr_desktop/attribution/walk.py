"""Carry relevance from the end of a tape to its start, one rule per kind of step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import torch
from torch import Tensor

from cxr_desktop.attribution.linear_map import LAYERS
from cxr_desktop.attribution.tape import FORWARD_ONLY, Step, Tape, Value, describe
from cxr_desktop.domain.errors import UnsupportedOperation
from cxr_desktop.domain.progress import Progress

Shares = tuple[Tensor | None, ...]
Rule = Callable[[Step, Tensor], Shares]

IDENTITY = frozenset(
    {
        "dropout",
        "dropout2d",
        "feature_dropout",
        "alpha_dropout",
        "contiguous",
        "clone",
        "to",
        "float",
        "double",
    }
    | {"detach", "data", "type_as", "stochastic_depth", "requires_grad", "neg"}
)
RECTIFIERS = frozenset(
    {"relu", "relu6", "hardtanh", "leaky_relu", "rrelu", "clamp", "clamp_min", "elu", "selu", "celu", "prelu"}
    | {"_threshold", "clip"}
)
SMOOTH = frozenset(
    {"silu", "gelu", "hardswish", "mish", "softplus", "softsign", "tanhshrink"}
    | {"sigmoid", "hardsigmoid", "log_sigmoid", "tanh"}
)
GATES = frozenset({"sigmoid", "hardsigmoid", "softmax", "tanh"})
POOLS = frozenset(
    {
        "max_pool2d",
        "avg_pool2d",
        "adaptive_avg_pool2d",
        "adaptive_max_pool2d",
        "mean",
        "sum",
        "amax",
        "interpolate",
        "upsample",
    }
)
STRUCTURAL = frozenset(
    {
        "flatten",
        "view",
        "reshape",
        "permute",
        "transpose",
        "squeeze",
        "unsqueeze",
        "getitem",
        "chunk",
        "split",
    }
    | {"pad", "expand", "movedim", "swapaxes", "swapdims", "unflatten", "unbind", "narrow", "select", "stack"}
    | {"view_as", "reshape_as", "expand_as", "T", "mT", "roll", "flip", "rot90", "ravel", "repeat", "tile"}
    | {"channel_shuffle", "native_channel_shuffle", "pixel_shuffle", "pixel_unshuffle", "unfold"}
    | {"index_select", "tensor_split", "_with_items"}
)
WITH_PLACES = {
    "max": "amax",
    "max_pool2d_with_indices": "max_pool2d",
    "adaptive_max_pool2d_with_indices": "adaptive_max_pool2d",
}
"""Poolings that give the places of the largest values beside them, and their names without."""
NORMS = frozenset({"batch_norm", "layer_norm", "group_norm", "instance_norm"})


def vector_jacobian(step: Step, cotangents: list[Tensor | None], *inputs: Tensor) -> Shares:
    """The gradient of <step(inputs), cotangents> with respect to the inputs; None for masks and indices."""
    with torch.enable_grad():
        leaves = [x.detach().requires_grad_(x.is_floating_point()) for x in inputs]
        out = step.run(*leaves)
        outs = [out] if isinstance(out, Tensor) else [t for t in out if isinstance(t, Tensor)]
        pairs = [(o, c) for o, c in zip(outs, cotangents, strict=True) if c is not None and o.requires_grad]
        wanted = [leaf for leaf in leaves if leaf.requires_grad]
        if not pairs or not wanted:
            return tuple(None for _ in leaves)
        found = iter(
            torch.autograd.grad(
                [o for o, _ in pairs], wanted, [c.to(o.dtype) for o, c in pairs], allow_unused=True
            )
        )
    return tuple(next(found) if leaf.requires_grad else None for leaf in leaves)


class Rules:
    """Rules of one method. Subclasses override the kinds that the method defines.

    tape: what is to be walked. Without an override a kind passes its relevance on, and a kind
    that no method can treat raises UnsupportedOperation.
    """

    method = "this method"

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self._raw = _raw_values(tape)
        self._nonnegative = _nonnegative_values(tape)

    def is_first(self, step: Step) -> bool:
        """The layer reads the image itself, or a mere rearrangement of it."""
        return bool(step.inputs) and id(step.inputs[0]) in self._raw

    def is_nonnegative(self, value: Value) -> bool:
        """True where the steps before it allow no negative number, whatever the image."""
        return id(value) in self._nonnegative

    def rule(self, step: Step) -> Rule:
        name = step.name
        if name in LAYERS:
            return self.first if self.is_first(step) else self.layer
        table: Mapping[str, Rule] = {
            "add": self.add,
            "sub": self.add,
            "mul": self.gate,
            "div": self.gate,
            "cat": self.cat,
        }
        if name in table:
            return table[name]
        kinds = (
            (IDENTITY, self.identity),
            (RECTIFIERS, self.rectifier),
            (SMOOTH, self.smooth),
            (POOLS, self.pool),
            (NORMS, self.norm),
        )
        for names, rule in kinds:
            if name in names:
                return rule
        raise UnsupportedOperation(
            f"{self.method} has no rule for {describe(step)}; {FORWARD_ONLY} work on every network"
        )

    def structural(self, step: Step, arrived: list[Tensor | None]) -> Shares:
        return vector_jacobian(step, arrived, *(value.get() for value in step.inputs))

    def layer(self, step: Step, relevance: Tensor) -> Shares:
        raise NotImplementedError

    def first(self, step: Step, relevance: Tensor) -> Shares:
        return self.layer(step, relevance)

    def identity(self, step: Step, relevance: Tensor) -> Shares:
        return (relevance,)

    def rectifier(self, step: Step, relevance: Tensor) -> Shares:
        return (relevance,)

    def smooth(self, step: Step, relevance: Tensor) -> Shares:
        return (relevance,)

    def norm(self, step: Step, relevance: Tensor) -> Shares:
        return (relevance,)

    def pool(self, step: Step, relevance: Tensor) -> Shares:
        raise NotImplementedError

    def add(self, step: Step, relevance: Tensor) -> Shares:
        raise NotImplementedError

    def gate(self, step: Step, relevance: Tensor) -> Shares:
        """A product passes all relevance to the signal, none to the gate that weights it."""
        if len(step.inputs) == 1:
            return (relevance,)
        signal = signal_of(self.tape, step)
        return tuple(
            summed_to(relevance, value.get().shape) if value is signal else None for value in step.inputs
        )

    def cat(self, step: Step, relevance: Tensor) -> Shares:
        parts = [value.get() for value in step.inputs]
        axis = step.argument(1, "dim", 0)
        if not isinstance(axis, int) or sum(part.shape[axis] for part in parts) != relevance.shape[axis]:
            return vector_jacobian(step, [relevance], *parts)  # a constant among the parts
        return relevance.split([part.shape[axis] for part in parts], axis)


def _raw_values(tape: Tape) -> set[int]:
    """Ids of values that are the image or a rearrangement of it."""
    raw = {id(tape.source)}
    plain = STRUCTURAL | IDENTITY | {"cat", "mul", "add", "sub", "div"}
    for step in tape.steps:
        if step.name in plain and step.inputs and all(id(value) in raw for value in step.inputs):
            raw.update(id(value) for value in step.outputs)
    return raw


_KEEPS_SIGN = (POOLS | IDENTITY | STRUCTURAL | {"cat", "add", "mul"}) - {"pad", "neg", "_with_items"}


def _nonnegative_values(tape: Tape) -> set[int]:
    """Ids of values that cannot be negative."""
    found: set[int] = set()
    for step in tape.steps:
        kept = step.name in _KEEPS_SIGN and all(id(value) in found for value in step.inputs)
        alone = step.name in ("add", "mul") and len(step.inputs) < 2
        smooth = step.name in ("interpolate", "upsample") and step.argument(3, "mode") == "bicubic"
        if step.name in ("relu", "relu6", "sigmoid", "hardsigmoid", "softmax") or (
            kept and not alone and not smooth and not _may_negate(step)
        ):
            found.update(id(value) for value in step.outputs)
    return found


def _may_negate(step: Step) -> bool:
    """A constant joined in, or an addend with a factor, may be negative whatever the other parts are."""
    joined = step.name in ("cat", "stack") and has_constant(step)
    return joined or step.kwargs.get("alpha", 1) != 1


def has_constant(step: Step) -> bool:
    """A tensor that does not depend on the image is among the parts that a `cat` joins."""
    parts = step.argument(0, "tensors")
    return any(isinstance(part, Tensor) for part in parts)


def signal_of(tape: Tape, step: Step) -> Value:
    """Of the two factors of a product, the one that is not the gate."""
    sizes = [value.shape.numel() for value in step.inputs]
    if sizes[0] != sizes[1]:
        return step.inputs[sizes.index(max(sizes))]
    gated = [v.step >= 0 and tape.steps[v.step].name in GATES for v in step.inputs]
    return step.inputs[1] if gated[0] and not gated[1] else step.inputs[0]


def summed_to(x: Tensor, shape: torch.Size) -> Tensor:
    """Undo broadcasting: sum over the axes that were repeated."""
    while x.ndim > len(shape):
        x = x.sum(0)
    for axis, size in enumerate(shape):
        if size == 1 and x.shape[axis] != 1:
            x = x.sum(axis, keepdim=True)
    return x


def propagate(
    rules: Rules,
    start: Value,
    relevance: Tensor,
    *,
    stop: Value | None = None,
    progress: Progress | None = None,
    passed: Callable[[int, Tensor], None] | None = None,
) -> Tensor:
    """Walk from `start`, which holds `relevance`, back to `stop`, by default the image.

    passed: called with the index of each step on the way and the relevance that arrived at its first output.
    Returns a tensor of the shape of `stop`; zero where nothing arrived.
    """
    tape = rules.tape
    stop = stop or tape.source
    held: dict[int, Tensor] = {id(start): relevance}
    sums: set[int] = set()
    last = start.step
    for index in range(last, stop.step, -1):
        step = tape.steps[index]
        arrived = [held.pop(id(value), None) for value in step.outputs]
        if all(part is None for part in arrived):
            continue
        if progress is not None:
            progress(1.0 - (index + 1) / (last + 1))
        if passed is not None and arrived[0] is not None:
            passed(index, arrived[0])
        for value, share in zip(step.inputs, _shares(rules, step, arrived), strict=True):
            if share is None:
                continue
            if id(value) in sums:  # nobody else holds it
                held[id(value)] += share
            elif id(value) in held:
                held[id(value)] = held[id(value)] + share
                sums.add(id(value))
            else:
                held[id(value)] = share
    return held.get(id(stop), torch.zeros_like(stop.get()))


def _shares(rules: Rules, step: Step, arrived: list[Tensor | None]) -> Shares:
    if step.name in STRUCTURAL:
        return rules.structural(step, arrived)
    step, relevance = _values_alone(step), arrived[0]
    if relevance is None or len(step.outputs) != 1:
        raise UnsupportedOperation(f"{rules.method} has no rule for {describe(step)} with several results")
    return rules.rule(step)(step, relevance)


def _values_alone(step: Step) -> Step:
    """A pooling without the places that it gives beside its values; they carry no relevance."""
    if step.name not in WITH_PLACES or len(step.outputs) != 2:
        return step
    return replace(
        step,
        name=WITH_PLACES[step.name],
        function=lambda *args, **kwargs: step.function(*args, **kwargs)[0],
        outputs=step.outputs[:1],
    )
