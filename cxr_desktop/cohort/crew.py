"""Processes that examine images side by side, each with its own model."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import zip_longest
from multiprocessing.connection import Connection, wait
from threading import Thread

from cxr_desktop.cohort.cluster import cluster_outcomes
from cxr_desktop.cohort.examination import Examiner
from cxr_desktop.cohort.image_task import ImageTask, OpenModel, Outcome, examiner_for, outcome
from cxr_desktop.cohort.plan import EvaluationPlan
from cxr_desktop.cohort.threads import pin_threads
from cxr_desktop.domain.errors import CxrError

NEW_CREWS = 3
"""How often all workers are begun anew after one died, before images are examined one by one."""

MOST_DEATHS = 5


def outcomes(
    examiner: Examiner, tasks: Sequence[ImageTask], open_model: OpenModel
) -> Iterator[tuple[ImageTask, Outcome]]:
    """Each task with its outcome, as it is done: here for one worker, in processes for more, or on a cluster.

    Closing the iterator early drops what has not begun.
    """
    plan = examiner.plan
    workers = min(plan.workers, len(tasks))
    if plan.scheduler and tasks:
        yield from cluster_outcomes(plan, tasks, open_model)
    elif workers <= 1:
        yield from _outcomes_here(examiner, tasks)
    else:
        yield from _process_outcomes(plan, tasks, workers, open_model)


def _outcomes_here(examiner: Examiner, tasks: Sequence[ImageTask]) -> Iterator[tuple[ImageTask, Outcome]]:
    """The next image is read while the network works on this one."""
    with ThreadPoolExecutor(1, "reading") as reader:
        read = deque(reader.submit(examiner.begun, task.path) for task in tasks[:1])
        for task, following in zip_longest(tasks, tasks[1:]):
            if following is not None:
                read.append(reader.submit(examiner.begun, following.path))
            yield task, outcome(examiner, task, read.popleft().result())


def _process_outcomes(
    plan: EvaluationPlan, tasks: Sequence[ImageTask], workers: int, open_model: OpenModel
) -> Iterator[tuple[ImageTask, Outcome]]:
    """A process that dies takes the others along; what was not done is begun anew, at last one by one."""
    left = dict.fromkeys(tasks)
    for _ in range(NEW_CREWS):
        try:
            with _pool(plan, workers, open_model) as pool:
                waiting = {pool.submit(_work, task): task for task in left}
                for future in as_completed(waiting):
                    result, task = future.result(), waiting.pop(future)
                    del left[task]
                    yield task, result
            return
        except BrokenProcessPool:
            continue
    died = 0
    for task in left:
        try:
            with _pool(plan, 1, open_model) as pool:
                result = pool.submit(_work, task).result()
        except BrokenProcessPool as error:
            died += 1
            if died == len(left) or died > MOST_DEATHS:
                raise CxrError(
                    "worker processes die again and again, most likely for want of memory; start again with "
                    "--resume and fewer --workers"
                ) from error
            result = "its worker process died, most likely for want of memory; the image was left out"
        yield task, result


@contextmanager
def _pool(plan: EvaluationPlan, workers: int, open_model: OpenModel) -> Iterator[ProcessPoolExecutor]:
    """Workers that end at once where the work is broken off, and with this process however it ends.

    They lose nothing by it: a piece is written whole or not at all.
    """
    # Spawned, not forked: threads and CUDA contexts do not survive a fork.
    context = multiprocessing.get_context("spawn")
    watched, held = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(
        workers, context, initializer=_begin, initargs=(watched, plan, workers, open_model)
    )
    try:
        yield pool
    except BaseException:
        held.close()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        held.close()
        watched.close()


class _Process:
    """What a worker process holds from task to task."""

    work: Callable[[ImageTask], Outcome]


def _begin(watched: Connection, plan: EvaluationPlan, workers: int, open_model: OpenModel) -> None:
    # Ctrl+C reaches all processes of a terminal; the first one decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with, args=(watched,), name="watching", daemon=True).start()
    pin_threads(workers)
    _Process.work = partial(outcome, examiner_for(plan, open_model(plan.model, plan.device)))


def _end_with(watched: Connection) -> None:
    """End this process when the other end of the pipe, which one process alone holds, is closed or dies."""
    wait([watched])
    os._exit(1)


def _work(task: ImageTask) -> Outcome:
    return _Process.work(task)
