"""Attribute a score: check what was asked, run the method, say how complete the map is."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from cxr_desktop.attribution.activations import Activations
from cxr_desktop.attribution.checks import (
    FOREIGN,
    checked_inputs,
    checked_targets,
    reject_infinite,
    reject_train_mode,
)
from cxr_desktop.attribution.dispatch import RUNS
from cxr_desktop.attribution.memory import out_of_memory
from cxr_desktop.attribution.registry import filled, method_info, plugins
from cxr_desktop.attribution.task import Found, Task
from cxr_desktop.domain.errors import AttributionError, CxrError
from cxr_desktop.domain.progress import Progress

EMPTY = "The map is empty: nothing of the score reaches the image."


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


@torch.inference_mode(False)
def explain(
    network: nn.Module,
    inputs: Tensor,
    targets: int | Tensor,
    method: str = "rap",
    *,
    progress: Progress | None = None,
    activations: Activations | None = None,
    **options: Any,
) -> Attribution:
    """Attribute and tell how complete the map is.

    network: a classifier in eval mode that returns logits (N, K); it is not changed in any way, and
    any number of threads may share it. inputs: (N, C, H, W), finite. targets: class index, one or per image.
    activations: runs of the same network, where one on these inputs is looked up or kept.
    progress: called with the share done between two steps; may raise Cancelled.
    Raises AttributionError for a network in train mode, values that are not finite, a target or option
    out of range; UnsupportedOperation for an operation that the method has no rule for.
    """
    info = method_info(method)
    settings = filled(info, options)
    reject_train_mode(network)
    if activations is not None and activations.network is not network:
        raise AttributionError("the activations are those of another network")
    images = checked_inputs(inputs)
    runs = activations or Activations(network, limit=0)
    task = Task(runs, images, checked_targets(targets, images), settings, progress)
    with torch.autocast(images.device.type, enabled=False):
        if method in plugins():
            return _result(method, task, _by_plugin(method, task))
        found = _in_groups(method, task, task.fitting())
    if progress is not None:
        progress(1.0)
    return _result(method, task, found)


def _by_plugin(method: str, task: Task) -> Found:
    """Run another's function. Raises AttributionError for whatever it raises and for what is no map."""
    try:
        relevance = plugins()[method][1](task.network, task.inputs, task.targets, **task.options)
    except CxrError:
        raise
    except Exception as error:  # another's code may raise anything
        raise AttributionError(f"{method}, a plug-in, failed: {type(error).__name__}: {error}") from error
    n, _, *size = task.inputs.shape
    if not isinstance(relevance, Tensor) or (len(relevance), *relevance.shape[2:]) != (n, *size):
        shape = tuple(relevance.shape) if isinstance(relevance, Tensor) else type(relevance).__name__
        raise AttributionError(
            f"{method}, a plug-in, gives {shape}; a map of each image at its size is needed"
        )
    return Found(relevance)


def _in_groups(method: str, task: Task, size: int) -> Found:
    """Run so many images at a time."""
    count = len(task.inputs)
    if size >= count:
        return _run(method, task)
    parts = []
    for start in range(0, count, size):
        stop = min(start + size, count)
        part = _part(task, slice(start, stop))
        if task.progress is not None:
            part = replace(part, progress=_between(task.progress, start / count, stop / count))
        parts.append(_run(method, part))
    return _joined(parts)


def _between(progress: Progress, start: float, stop: float) -> Progress:
    return lambda done: progress(start + done * (stop - start))


def _run(method: str, task: Task) -> Found:
    """Run the whole batch; in halves, then on the processor, where memory runs out."""
    try:
        return RUNS[method](task)
    except (*FOREIGN, MemoryError) as error:
        if not out_of_memory(error):
            raise AttributionError(f"{method} cannot run on this network: {error}") from error
        if len(task.inputs) == 1 and task.inputs.device.type == "cpu":
            raise AttributionError(
                f"{method} needs more memory than there is; use a smaller image"
            ) from error
    if task.runs.keeps:
        task.runs.clear()
        return _run(method, replace(task, runs=Activations(task.network, limit=0)))
    if len(task.inputs) > 1:
        return _joined([_run(method, half) for half in _halves(task)])
    return _on_processor(method, task)


def _halves(task: Task) -> list[Task]:
    middle = len(task.inputs) // 2
    return [_part(task, slice(None, middle)), _part(task, slice(middle, None))]


def _part(task: Task, images: slice) -> Task:
    options = {name: v[images] if isinstance(v, Tensor) else v for name, v in task.options.items()}
    return replace(task, inputs=task.inputs[images], targets=task.targets[images], options=options)


def _joined(parts: list[Found]) -> Found:
    starts = [part.start for part in parts if part.start is not None]
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    relevance = torch.cat([part.relevance for part in parts])
    return replace(parts[0], relevance=relevance, start=torch.cat(starts) if starts else None, notes=notes)


def _on_processor(method: str, task: Task) -> Found:
    runs = Activations(deepcopy(task.network).to("cpu"), limit=0)
    found = _run(method, replace(task, runs=runs, inputs=task.inputs.cpu(), targets=task.targets.cpu()))
    note = f"{task.inputs.device} ran out of memory: computed on the processor."
    device = task.inputs.device
    start = None if found.start is None else found.start.to(device)
    return replace(found, relevance=found.relevance.to(device), start=start, notes=(*found.notes, note))


def _result(method: str, task: Task, found: Found) -> Attribution:
    relevance = found.relevance.detach()
    given = relevance.to(task.inputs.dtype)
    reject_infinite(task.network, given, f"{method}'s values")
    gap = None
    if found.start is not None:
        missed = (relevance.double().sum((1, 2, 3)) - found.start.double()).abs()
        gap = missed / found.start.double().abs().clamp(min=1e-12)
    options, notes = {**task.options, **found.used}, found.notes
    if bool((relevance.abs().amax((1, 2, 3)) == 0).any()):
        notes = (*notes, EMPTY)
    return Attribution(given, method, options, found.start, gap, notes)


__all__ = ["Attribution", "attribute", "explain"]
