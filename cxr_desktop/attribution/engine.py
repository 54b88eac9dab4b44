"""Attribute a score: check what was asked, run the method, say how complete the map is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from cxr_desktop.attribution import cam, gradient, lrp, perturbation
from cxr_desktop.attribution.arithmetic import per_image
from cxr_desktop.attribution.backward import DeepLiftRules, GuidedRules
from cxr_desktop.attribution.checks import checked_inputs, checked_targets, reject_unusable_network
from cxr_desktop.attribution.head import last_feature_map, logit_gradients
from cxr_desktop.attribution.lrp import Composite, LrpRules
from cxr_desktop.attribution.method_info import MethodInfo
from cxr_desktop.attribution.rap import RapRules
from cxr_desktop.attribution.registry import filled, method_info, plugins
from cxr_desktop.attribution.rollout import rollout
from cxr_desktop.attribution.rsp import RspRules, start_map
from cxr_desktop.attribution.tape import Tape, record
from cxr_desktop.attribution.walk import Rules, propagate
from cxr_desktop.domain.errors import AttributionError
from cxr_desktop.domain.progress import Progress

Options = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """A batch of maps. relevance: (N, C, H, W), or (N, 1, H, W) for CAM and perturbation methods.

    start: (N,) what each map should sum to; gap: (N,) how far it misses that, relative; both None
    where the method promises nothing. options: as used. notes: what had to be done otherwise than asked.
    """

    relevance: Tensor
    method: str
    options: Mapping[str, object] = field(default_factory=dict)
    start: Tensor | None = None
    gap: Tensor | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Task:
    network: nn.Module
    inputs: Tensor
    targets: Tensor
    options: Options
    progress: Progress | None

    def tape(self, dtype: torch.dtype | None = None) -> Tape:
        return record(self.network, self.inputs if dtype is None else self.inputs.to(dtype))


@dataclass(frozen=True, slots=True)
class _Found:
    relevance: Tensor
    start: Tensor | None = None
    notes: tuple[str, ...] = ()
    used: Mapping[str, object] = field(default_factory=dict)


def attribute(
    network: nn.Module,
    inputs: Tensor,
    targets: int | Tensor,
    method: str = "rap",
    *,
    progress: Progress | None = None,
    **options: Any,
) -> Tensor:
    """Relevance of each input value to the target's logit; see `explain` for what is raised and promised."""
    return explain(network, inputs, targets, method, progress=progress, **options).relevance


def explain(
    network: nn.Module,
    inputs: Tensor,
    targets: int | Tensor,
    method: str = "rap",
    *,
    progress: Progress | None = None,
    **options: Any,
) -> Attribution:
    """Attribute and tell how complete the map is.

    network: a classifier in eval mode that returns logits (N, K); it is not changed in any way, and
    any number of threads may share it. inputs: (N, C, H, W), finite. targets: class index, one or per image.
    progress: called with the share done; may raise Cancelled.
    Raises AttributionError for a network in train mode, values that are not finite, a target or option
    out of range; UnsupportedOperation for an operation that the method has no rule for.
    """
    info = method_info(method)
    if method in plugins():
        return Attribution(plugins()[method][1](network, inputs, targets, **options), method, dict(options))
    settings = filled(info, options)
    reject_unusable_network(network)
    images = checked_inputs(inputs)
    task = _Task(network, images, checked_targets(targets, images), settings, progress)
    try:
        found = _METHODS[method](task)
    except (RuntimeError, TypeError, IndexError, ValueError) as error:
        if isinstance(error, torch.OutOfMemoryError):
            raise
        raise AttributionError(f"{method} cannot run on this network: {error}") from error
    if progress is not None:
        progress(1.0)
    return _result(info, task, found)


def _result(info: MethodInfo, task: _Task, found: _Found) -> Attribution:
    relevance = found.relevance.detach()
    if not bool(torch.isfinite(relevance).all()):
        raise AttributionError(
            f"{info.name} gave values that are not finite; the network's activations overflow"
        )
    gap = None
    if found.start is not None:
        missed = (relevance.double().sum((1, 2, 3)) - found.start.double()).abs()
        gap = missed / found.start.double().abs().clamp(min=1e-12)
    relevance = relevance.to(task.inputs.dtype)
    options = {**task.options, **found.used}
    return Attribution(relevance, info.name, options, found.start, gap, found.notes)


def _one_hot(tape: Tape, targets: Tensor) -> Tensor:
    """(N, K) with the target's logit at the target."""
    logits = tape.result.get()
    checked_targets(targets, tape.source.get(), logits)
    return torch.zeros_like(logits).scatter(1, targets[:, None], logits.gather(1, targets[:, None]))


def _walked(task: _Task, tape: Tape, rules: Rules, relevance: Tensor) -> Tensor:
    return propagate(rules, tape.result, relevance, progress=task.progress)


def _lrp(composite: Callable[[Options], Composite], task: _Task) -> _Found:
    tape = task.tape()
    return _Found(_walked(task, tape, LrpRules(tape, composite(task.options)), _one_hot(tape, task.targets)))


def _epsilon_rule(options: Options) -> lrp.LayerRule:
    return partial(lrp.epsilon, stabiliser=float(options.get("epsilon", lrp.STABILISER)))


def _contrastive(task: _Task) -> _Found:
    tape = task.tape()
    own = _one_hot(tape, task.targets)
    classes = own.shape[1]
    if classes < 2:
        raise AttributionError(
            "contrastive needs at least two classes and the network has one; epsilon_plus works"
        )
    others = -own.sum(1, keepdim=True) / (classes - 1)
    relevance = torch.where(own != 0, own, others.expand_as(own))
    return _Found(_walked(task, tape, LrpRules(tape, _plus("contrastive", task.options)), relevance))


def _plus(name: str, options: Options, first: lrp.LayerRule = lrp.alpha_beta) -> Composite:
    return Composite(name, lrp.alpha_beta, _epsilon_rule(options), first)


def _rap(task: _Task) -> _Found:
    signed = "signed" in (task.options["residual"], task.options["pool"])
    tape = task.tape(torch.float64 if signed else None)
    start = _one_hot(tape, task.targets)
    rules = RapRules(tape, task.options["residual"], task.options["pool"])
    return _Found(_walked(task, tape, rules, start), start.sum(1))


def _rsp(task: _Task) -> _Found:
    tape = task.tape()
    features = last_feature_map(tape, "rsp")
    notes: tuple[str, ...] = ()
    relevance = task.options["start"]
    if relevance is None:
        _one_hot(tape, task.targets)
        hostile = _hostile(task.options["hostile"], task.targets)
        own, *against = logit_gradients(tape, features, [task.targets, *hostile])
        relevance, relative = start_map(features.get(), own, against)
        if not relative:
            notes = ("No competing class was given: RSP starts from the target's own class map.",)
    elif relevance.shape != features.get().shape:
        shape, wanted = tuple(relevance.shape), tuple(features.get().shape)
        raise AttributionError(f"rsp: start has shape {shape}, the last feature map {wanted}")
    relevance = relevance.to(features.get())
    found = propagate(RspRules(tape), features, relevance, progress=task.progress)
    return _Found(found, per_image(relevance).flatten(), notes, {"start": None})


def _hostile(classes: int | Sequence[int], targets: Tensor) -> list[Tensor]:
    listed = [classes] if isinstance(classes, int) else list(classes)
    return [torch.full_like(targets, int(k)) for k in listed if not bool((targets == int(k)).all())]


def _guided(task: _Task) -> _Found:
    tape = task.tape()
    logits = tape.result.get()
    checked_targets(task.targets, task.inputs, logits)
    return _Found(
        _walked(
            task, tape, GuidedRules(tape), torch.zeros_like(logits).scatter(1, task.targets[:, None], 1.0)
        )
    )


def _deeplift(task: _Task) -> _Found:
    x = task.inputs
    given = task.options["baseline"]
    base = torch.zeros_like(x) + (x.amin((1, 2, 3), keepdim=True) if given is None else given)
    tape = record(task.network, torch.cat([x, base]))
    logits = tape.result.get()
    both = checked_targets(task.targets, x, logits).repeat(2)[:, None]
    multipliers = _walked(task, tape, DeepLiftRules(tape), torch.zeros_like(logits).scatter(1, both, 1.0))
    found = logits.gather(1, both)[:, 0]
    return _Found((x - base) * multipliers[: len(x)], found[: len(x)] - found[len(x) :])


def _cam(function: Callable[[Tape, Tensor], Tensor], task: _Task) -> _Found:
    tape = task.tape()
    _one_hot(tape, task.targets)
    return _Found(_at_input_size(function(tape, task.targets), task))


def _at_input_size(plane: Tensor, task: _Task) -> Tensor:
    return interpolate(plane, size=task.inputs.shape[2:], mode="bilinear", align_corners=False)


def _scorecam(task: _Task) -> _Found:
    with torch.no_grad():
        function = partial(
            cam.scorecam, forward=task.network, channels=task.options["channels"], progress=task.progress
        )
        return _cam(function, task)


def _rollout(task: _Task) -> _Found:
    note = "Attention rollout does not depend on the target."
    return _Found(_at_input_size(rollout(task.tape()), task), notes=(note,))


def _forwarded(function: Callable[..., Tensor], task: _Task) -> _Found:
    """Methods that see the network as a function; slow ones are told how to report progress."""
    checked_targets(task.targets, task.inputs, _logits(task))
    given: dict[str, Any] = dict(task.options)
    if function not in (gradient.saliency, gradient.input_x_gradient):
        given["progress"] = task.progress
    return _Found(function(task.network, task.inputs, task.targets, **given))


def _integrated(task: _Task) -> _Found:
    checked_targets(task.targets, task.inputs, _logits(task))
    found = gradient.integrated_gradients(
        task.network, task.inputs, task.targets, progress=task.progress, **task.options
    )
    return _Found(found.relevance, found.start, used={"steps": found.steps})


def _logits(task: _Task) -> Tensor:
    """Logits of the first image, to check the target against before a long run."""
    with torch.no_grad():
        out: Tensor = task.network(task.inputs[:1])
    return out.expand(len(task.inputs), -1)


_METHODS: Mapping[str, Callable[[_Task], _Found]] = {
    "saliency": partial(_forwarded, gradient.saliency),
    "input_x_gradient": partial(_forwarded, gradient.input_x_gradient),
    "smoothgrad": partial(_forwarded, gradient.smoothgrad),
    "integrated_gradients": _integrated,
    "guided_backprop": _guided,
    "deeplift": _deeplift,
    "cam": partial(_cam, cam.cam),
    "gradcam": partial(_cam, cam.gradcam),
    "gradcam++": partial(_cam, cam.gradcam_plus_plus),
    "layercam": partial(_cam, cam.layercam),
    "scorecam": _scorecam,
    "epsilon": partial(
        _lrp, lambda o: Composite("epsilon", _epsilon_rule(o), _epsilon_rule(o), _epsilon_rule(o))
    ),
    "alpha2beta1": partial(
        _lrp,
        lambda o: Composite(
            "alpha2beta1",
            partial(lrp.alpha_beta, alpha=2.0, beta=1.0),
            _epsilon_rule(o),
            partial(lrp.alpha_beta, alpha=2.0, beta=1.0),
        ),
    ),
    "epsilon_plus": partial(_lrp, lambda o: _plus("epsilon_plus", o)),
    "epsilon_plus_flat": partial(_lrp, lambda o: _plus("epsilon_plus_flat", o, lrp.flat)),
    "epsilon_gamma_box": partial(
        _lrp,
        lambda o: Composite(
            "epsilon_gamma_box", partial(lrp.gamma, factor=float(o["gamma"])), _epsilon_rule(o), None
        ),
    ),
    "excitation_backprop": partial(
        _lrp, lambda _: Composite("excitation_backprop", lrp.alpha_beta, lrp.alpha_beta, lrp.alpha_beta)
    ),
    "contrastive": _contrastive,
    "rap": _rap,
    "rsp": _rsp,
    "occlusion": partial(_forwarded, perturbation.occlusion),
    "rise": partial(_forwarded, perturbation.rise),
    "rollout": _rollout,
}

__all__ = ["Attribution", "attribute", "explain"]
