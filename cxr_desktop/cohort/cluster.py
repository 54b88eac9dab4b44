"""Images examined by the workers of a Dask cluster that somebody else keeps. Needs the extra `cluster`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxr_desktop.cohort.image_task import ImageTask, OpenModel, Outcome, examiner_for, outcome
from cxr_desktop.cohort.plan import EvaluationPlan
from cxr_desktop.domain.errors import CxrError

if TYPE_CHECKING:
    from cxr_desktop.cohort.examination import Examiner

CONNECT_SECONDS = 20
RETRIES = 3
GPU = "GPU"
"""The resource that workers with a graphics card are started with: dask worker --resources GPU=1."""


def cluster_outcomes(
    plan: EvaluationPlan, tasks: Sequence[ImageTask], open_model: OpenModel
) -> Iterator[tuple[ImageTask, Outcome]]:
    """Each task with its outcome, as it is done. A worker that dies has its images done by another.

    Folders of the plan are sent as absolute paths, which every worker must see; finished pieces are kept there.
    Raises CxrError where Dask is not installed or no scheduler answers.
    """
    client = _connected(plan.scheduler)
    from distributed import KilledWorker, as_completed

    shared = _absolute(plan)
    wanted = {GPU: 1} if plan.device.startswith("cuda") else None
    try:
        waiting = {
            client.submit(
                _examined,
                shared,
                open_model,
                replace(task, path=task.path.resolve()),
                pure=False,
                retries=RETRIES,
                resources=wanted,
            ): task
            for task in tasks
        }
        for future in as_completed(waiting):
            try:
                yield waiting[future], future.result()
            except KilledWorker:
                yield waiting[future], f"{RETRIES + 1} workers died on it, most likely for want of memory"
    finally:
        client.close()


def _connected(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise CxrError(
            "--scheduler needs Dask, which is not installed; pip install 'cxr-desktop[cluster]'"
        ) from error
    try:
        return Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TimeoutError) as error:
        raise CxrError(
            f"no Dask scheduler answers at {address} ({error}); check the address, such as tcp://host:8786"
        ) from error


def _absolute(plan: EvaluationPlan) -> EvaluationPlan:
    model = Path(plan.model)
    return replace(
        plan,
        index=plan.index.resolve(),
        images=plan.images.resolve(),
        boxes=plan.boxes.resolve(),
        out=plan.out.resolve(),
        label_map=None if plan.label_map is None else plan.label_map.resolve(),
        model=str(model.resolve()) if model.is_dir() else plan.model,
    )


def _examined(plan: EvaluationPlan, open_model: OpenModel, task: ImageTask) -> Outcome:
    """On the worker."""
    return outcome(_examiner(_Hashable(plan, open_model)), task)


class _Hashable:
    """A plan and how its model is opened, equal where their texts are: a plan holds mappings and has no hash."""

    def __init__(self, plan: EvaluationPlan, open_model: OpenModel) -> None:
        self.plan = plan
        self.open_model = open_model
        self._text = f"{plan!r} {open_model.__module__}.{open_model.__qualname__}"

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashable) and other._text == self._text


@cache
def _examiner(asked: _Hashable) -> Examiner:
    """One a process: the model is loaded once."""
    import torch

    torch.set_num_threads(1)
    return examiner_for(asked.plan, asked.open_model(asked.plan.model, asked.plan.device))
