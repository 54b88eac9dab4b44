"""What each method's name stands for: how its task is run and what its map promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor

from cxr_desktop.attribution import cam, equilibrium, gradient, perturbation
from cxr_desktop.attribution.arithmetic import per_image, without_drift
from cxr_desktop.attribution.backward import DeepLiftRules, GuidedRules
from cxr_desktop.attribution.composites import COMPOSITES, plus
from cxr_desktop.attribution.head import feature_map_like, last_feature_map, logit_gradients
from cxr_desktop.attribution.lrp import LrpRules
from cxr_desktop.attribution.rap import RapRules
from cxr_desktop.attribution.rollout import rollout
from cxr_desktop.attribution.rsp import RspRules, start_map
from cxr_desktop.attribution.tape import Tape, Value
from cxr_desktop.attribution.task import Found, Task
from cxr_desktop.attribution.walk import Rules, propagate
from cxr_desktop.domain.errors import AttributionError


def _walked(task: Task, rules: Rules, relevance: Tensor, start: Value | None = None) -> Tensor:
    return propagate(rules, start or rules.tape.result, relevance, progress=task.progress)


def _lrp(name: str, task: Task) -> Found:
    tape = task.tape()
    rules = LrpRules(tape, COMPOSITES[name](task.options))
    return Found(_walked(task, rules, task.at_target(tape.result.get())))


def _contrastive(task: Task) -> Found:
    tape = task.tape()
    own = task.at_target(tape.result.get())
    classes = own.shape[1]
    if classes < 2:
        raise AttributionError(
            "contrastive needs at least two classes and the network has one; epsilon_plus works"
        )
    others = -own.sum(1, keepdim=True) / (classes - 1)
    relevance = torch.where(task.one_at_target(own) != 0, own, others)
    return Found(_walked(task, LrpRules(tape, plus(task.options, "contrastive")), relevance))


def _rap(task: Task) -> Found:
    published = "signed" in (task.options["residual"], task.options["pool"])
    tape = task.tape(dtype=torch.float64 if published else None)
    start = task.at_target(tape.result.get())
    rules = RapRules(tape, task.options["residual"], task.options["pool"])
    promised = start.sum(1)
    return Found(without_drift(_walked(task, rules, start), promised), promised)


def _rsp(task: Task) -> Found:
    tape = task.tape()
    given = task.options["start"]
    notes: tuple[str, ...] = ()
    if given is not None:
        features, relevance = _given_start(tape, given)
    else:
        features = last_feature_map(tape, "rsp")
        relevance, notes = _class_map(task, tape, features)
    promised = per_image(relevance).flatten()
    found = without_drift(_walked(task, RspRules(tape), relevance, features), promised)
    return Found(found, promised, notes, {"start": None if given is None else "given"})


def _given_start(tape: Tape, given: Tensor) -> tuple[Value, Tensor]:
    features = feature_map_like(tape, given.shape)
    if features is None or given.ndim != 4:
        wanted = tuple(last_feature_map(tape, "rsp").shape)
        raise AttributionError(
            f"rsp: start has shape {tuple(given.shape)}, which no feature map has; the last one is {wanted}"
        )
    return features, given.to(features.get())


def _class_map(task: Task, tape: Tape, features: Value) -> tuple[Tensor, tuple[str, ...]]:
    listed = task.options["hostile"]
    rivals = [listed] if isinstance(listed, int) else sorted({int(k) for k in listed})
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


def _equilibrium(task: Task) -> Found:
    tape = task.tape()
    features = last_feature_map(tape, "attribution_equilibrium")
    (gradients,) = logit_gradients(tape, features, [task.targets])
    relevance = equilibrium.start_map(features.get(), gradients)
    rules = equilibrium.EquilibriumRules(tape, float(task.options["ratio"]))
    return Found(_walked(task, rules, relevance, features))


def _guided(task: Task) -> Found:
    tape = task.tape()
    return Found(_walked(task, GuidedRules(tape), task.one_at_target(tape.result.get())))


def _deeplift(task: Task) -> Found:
    x, base = task.inputs, gradient.baseline_of(task.inputs, task.options["baseline"])
    tape = task.tape(inputs=torch.cat([x, base]))
    own, reference = tape.result.get().chunk(2)
    start = task.one_at_target(own)
    multipliers = _walked(task, DeepLiftRules(tape), start.repeat(2, 1))
    return Found((x - base) * multipliers[: len(x)], ((own - reference) * start).sum(1))


def _cam(function: Callable[[Tape, Tensor], Tensor], task: Task) -> Found:
    return Found(task.at_input_size(function(task.tape(lean=True), task.targets)))


def _scorecam(task: Task) -> Found:
    channels = task.options["channels"]
    function = partial(cam.scorecam, forward=task.forward, channels=channels, progress=task.progress)
    return _cam(function, task)


def _rollout(task: Task) -> Found:
    return Found(
        task.at_input_size(rollout(task.tape())), notes=("Attention rollout does not depend on the target.",)
    )


def _gradient(function: Callable[..., Tensor], task: Task) -> Found:
    task.require_target()
    return Found(function(task.forward, task.inputs, task.targets))


def _in_steps(function: Callable[..., Tensor], task: Task) -> Found:
    task.require_target()
    return Found(function(task.forward, task.inputs, task.targets, progress=task.progress, **task.options))


def _integrated(task: Task) -> Found:
    task.require_target()
    found = gradient.integrated_gradients(
        task.forward, task.inputs, task.targets, progress=task.progress, **task.options
    )
    return Found(found.relevance, found.start, used={"steps": found.steps})


RUNS: Mapping[str, Callable[[Task], Found]] = {
    "saliency": partial(_gradient, gradient.saliency),
    "input_x_gradient": partial(_gradient, gradient.input_x_gradient),
    "smoothgrad": partial(_in_steps, gradient.smoothgrad),
    "integrated_gradients": _integrated,
    "guided_backprop": _guided,
    "deeplift": _deeplift,
    "cam": partial(_cam, cam.cam),
    "gradcam": partial(_cam, cam.gradcam),
    "gradcam++": partial(_cam, cam.gradcam_plus_plus),
    "layercam": partial(_cam, cam.layercam),
    "scorecam": _scorecam,
    **{name: partial(_lrp, name) for name in COMPOSITES},
    "contrastive": _contrastive,
    "attribution_equilibrium": _equilibrium,
    "rap": _rap,
    "rsp": _rsp,
    "occlusion": partial(_in_steps, perturbation.occlusion),
    "rise": partial(_in_steps, perturbation.rise),
    "rollout": _rollout,
}
