"""What each method's name stands for: how its task is run and what its map promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor

from cxr_desktop.attribution import cam, gradient, perturbation
from cxr_desktop.attribution.backward import DeepLiftRules, GuidedRules
from cxr_desktop.attribution.propagation import WALKS, propagated
from cxr_desktop.attribution.rollout import rollout
from cxr_desktop.attribution.tape import ForgottenValue, Tape
from cxr_desktop.attribution.task import Found, Task
from cxr_desktop.attribution.walk import propagate

TRIED = 8
"""Most changed images that go through the network at a time."""


def _guided(task: Task) -> Found:
    tape = task.tape()
    start = task.one_at_target(tape.result.get())
    return Found(propagate(GuidedRules(tape), tape.result, start, progress=task.progress))


def _deeplift(task: Task) -> Found:
    x, base = task.inputs, gradient.baseline_of(task.inputs, task.options["baseline"])
    tape = task.tape(inputs=torch.cat([x, base]))
    own, reference = tape.result.get().chunk(2)
    start = task.one_at_target(own)
    rules = DeepLiftRules(tape)
    multipliers = propagate(rules, tape.result, start.repeat(2, 1), progress=task.progress)
    return Found((x - base) * multipliers[: len(x)], ((own - reference) * start).sum(1))


def _cam(function: Callable[[Tape, Tensor], Tensor], task: Task) -> Found:
    """Few networks look so far back from their last feature map that the end of a tape does not do."""
    try:
        plane = function(task.end(), task.targets)
    except ForgottenValue:
        plane = function(task.tape(), task.targets)
    return Found(task.at_input_size(plane))


def _scorecam(task: Task) -> Found:
    many = task.many()
    function = partial(
        cam.scorecam,
        images=task.inputs,
        forward=many.forward,
        channels=task.options["channels"],
        batch=min(TRIED, many.at_once),
        progress=task.progress,
    )
    return _cam(function, task)


def _rollout(task: Task) -> Found:
    return Found(
        task.at_input_size(rollout(task.tape())), notes=("Attention rollout does not depend on the target.",)
    )


def _gradient(function: Callable[[Tensor, Tensor], Tensor], task: Task) -> Found:
    return Found(function(task.inputs, task.gradient()))


def _in_steps(function: Callable[..., Tensor], task: Task) -> Found:
    many = task.many()
    batch = min(TRIED, many.at_once)
    return Found(
        function(many.forward, task.inputs, task.targets, batch=batch, progress=task.progress, **task.options)
    )


def _integrated(task: Task) -> Found:
    many = task.many(split=True)
    options = {**task.options, "batch": min(task.options["batch"], many.at_once)}
    found = gradient.integrated_gradients(many, task.inputs, task.targets, progress=task.progress, **options)
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
    **{name: partial(propagated, name) for name in WALKS},
    "occlusion": partial(_in_steps, perturbation.occlusion),
    "rise": partial(_in_steps, perturbation.rise),
    "rollout": _rollout,
}
