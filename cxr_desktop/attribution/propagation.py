"""The propagation family: which rules each method walks by, and what it starts from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor

from cxr_desktop.attribution import equilibrium
from cxr_desktop.attribution.arithmetic import per_image, without_drift
from cxr_desktop.attribution.composites import COMPOSITES, plus
from cxr_desktop.attribution.head import feature_map_like, last_feature_map, logit_gradients
from cxr_desktop.attribution.layer_values import layer_value
from cxr_desktop.attribution.lrp import LrpRules
from cxr_desktop.attribution.rap import RapRules
from cxr_desktop.attribution.rsp import RspRules, start_map
from cxr_desktop.attribution.tape import Tape, Value
from cxr_desktop.attribution.task import Found, Task
from cxr_desktop.attribution.walk import Rules, propagate
from cxr_desktop.domain.errors import AttributionError

NEGATIVE_LOGIT = (
    "The target's logit is negative and the map adds up to it or a share of it: its positive part does not mark "
    "what the network takes for the target."
)
FROM_MAGNITUDE = (
    "The target's logit is negative: the map starts from its magnitude and shows what the score rests on, which "
    "on the whole speaks against the target."
)


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """Relevance at `start`, and the rules that carry it to the image. conserves: its sum is kept on the way."""

    rules: Rules
    start: Value
    relevance: Tensor
    conserves: bool = False
    notes: tuple[str, ...] = ()
    used: Mapping[str, object] = field(default_factory=dict)


def propagated(method: str, task: Task) -> Found:
    """Carry out the method's walk, through some units alone where the task names them."""
    walk = WALKS[method](task)
    start, relevance = walk.start, walk.relevance
    if task.options["through"] is not None:
        start, relevance = _through(walk, task.options["through"])
    found = propagate(walk.rules, start, relevance, progress=task.progress)
    if not walk.conserves:
        return Found(found, None, walk.notes, walk.used)
    promised = per_image(relevance).flatten()
    return Found(without_drift(found, promised), promised, walk.notes, walk.used)


def _through(walk: Walk, units: object) -> tuple[Value, Tensor]:
    """Where relevance passes the units (layer, channel or channels), and that relevance without all others'."""
    match units:
        case (str() | None as layer, int() as channel):
            channels: tuple[int, ...] = (channel,)
        case (str() | None as layer, list() | tuple() as several) if all(isinstance(c, int) for c in several):
            channels = tuple(several)
        case _:
            raise AttributionError(f"through is {units!r}; a pair (layer, channel or channels) is needed")
    found = layer_value(walk.rules.tape, layer)
    if found.value.step > walk.start.step:
        raise AttributionError(
            f"{walk.rules.method} starts before the layer {found.name}; choose an earlier layer"
        )
    arrived = propagate(walk.rules, walk.start, walk.relevance, stop=found.value)
    return found.value, found.only(arrived, channels)


def _lrp(name: str, task: Task) -> Walk:
    composite = COMPOSITES[name](task.options)
    tape = task.tape(dtype=_widest(task) if composite.cancels else None)
    rules = LrpRules(tape, composite)
    start, notes = _start(task, tape)
    return Walk(rules, tape.result, start, notes=notes)


def _widest(task: Task) -> torch.dtype | None:
    """float64, but for Apple's graphics processors, which have none."""
    return None if task.inputs.device.type == "mps" else torch.float64


def _contrastive(task: Task) -> Walk:
    tape = task.tape()
    own = task.at_target(tape.result.get())
    classes = own.shape[1]
    if classes < 2:
        raise AttributionError(
            "contrastive needs at least two classes and the network has one; epsilon_plus works"
        )
    others = -own.sum(1, keepdim=True) / (classes - 1)
    relevance = torch.where(task.one_at_target(own) != 0, own, others)
    return Walk(LrpRules(tape, plus(task.options, "contrastive")), tape.result, relevance)


def _rap(task: Task) -> Walk:
    published = "signed" in (task.options["residual"], task.options["pool"])
    tape = task.tape(dtype=torch.float64 if published else None)
    rules = RapRules(tape, task.options["residual"], task.options["pool"])
    start, notes = _start(task, tape)
    return Walk(rules, tape.result, start, conserves=True, notes=notes)


def _start(task: Task, tape: Tape) -> tuple[Tensor, tuple[str, ...]]:
    """(N, K) with the target's logit, or its magnitude, in its place; and what is to be said of its sign."""
    start = task.at_target(tape.result.get())
    by_magnitude = task.options.get("start") == "magnitude"
    said = FROM_MAGNITUDE if by_magnitude else NEGATIVE_LOGIT
    return start.abs() if by_magnitude else start, (said,) if bool((start < 0).any()) else ()


def _rsp(task: Task) -> Walk:
    tape = task.tape()
    given = task.options["start"]
    if given is not None:
        features, relevance = _given_start(tape, given)
        return Walk(RspRules(tape), features, relevance, conserves=True, used={"start": "given"})
    features = last_feature_map(tape, "rsp")
    relevance, notes = _class_map(task, tape, features)
    return Walk(RspRules(tape), features, relevance, conserves=True, notes=notes)


def _given_start(tape: Tape, given: object) -> tuple[Value, Tensor]:
    if not isinstance(given, Tensor) or not bool(torch.isfinite(given).all()):
        raise AttributionError(
            "rsp: start must be a tensor of finite numbers, (N, C, h, w) like a feature map"
        )
    features = feature_map_like(tape, given.shape)
    if features is None or given.ndim != 4:
        wanted = tuple(last_feature_map(tape, "rsp").shape)
        raise AttributionError(
            f"rsp: start has shape {tuple(given.shape)}, which no feature map has; the last one is {wanted}"
        )
    return features, given.to(features.get())


def _class_map(task: Task, tape: Tape, features: Value) -> tuple[Tensor, tuple[str, ...]]:
    listed = task.options["hostile"]
    try:
        rivals = [listed] if isinstance(listed, int) else sorted({int(k) for k in listed})
    except (TypeError, ValueError) as error:
        raise AttributionError(f"rsp: hostile is {listed!r}; a list of class indices is needed") from error
    classes = tape.result.shape[1]
    if any(not 0 <= k < classes for k in rivals):
        raise AttributionError(f"rsp: hostile classes {rivals} do not all exist; the network has {classes}")
    against = [torch.full_like(task.targets, k) for k in rivals]
    own, *others = logit_gradients(tape, features, [task.targets, *against])
    competes = torch.stack([k != task.targets for k in against]) if against else None
    relevance, relative = start_map(features.get(), own, others, competes)
    if bool(relative.all()):
        return relevance, ()
    return relevance, ("No competing class was given: RSP starts from the target's own class map.",)


def _equilibrium(task: Task) -> Walk:
    tape = task.tape()
    features = last_feature_map(tape, "attribution_equilibrium")
    (gradients,) = logit_gradients(tape, features, [task.targets])
    rules = equilibrium.EquilibriumRules(tape, float(task.options["ratio"]))
    return Walk(rules, features, equilibrium.start_map(features.get(), gradients))


WALKS: Mapping[str, Callable[[Task], Walk]] = {
    **{name: partial(_lrp, name) for name in COMPOSITES},
    "contrastive": _contrastive,
    "attribution_equilibrium": _equilibrium,
    "rap": _rap,
    "rsp": _rsp,
}
