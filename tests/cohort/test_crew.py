"""Processes that examine images end when their work does, whatever ends it."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cxr_desktop.classifiers import Classifier, load_model
from cxr_desktop.cohort import examination
from cxr_desktop.cohort.evaluation import evaluate
from cxr_desktop.cohort.plan import EvaluationPlan
from cxr_desktop.domain import Radiograph
from cxr_desktop.domain.errors import Cancelled

LONG = 240.0
"""Seconds: far more than a machine under load takes to begin a process."""

STUCK, WOKEN = "stuck", "woken"


def open_slow(name: str, device: str) -> Classifier:
    """In a worker, every image but the first takes as long as a test may; marks beside the model tell."""
    read = examination.read_radiograph

    def slowly(path: Path) -> Radiograph:
        if path.name != "a.png":
            (Path(name) / STUCK).touch()
            time.sleep(LONG)
            (Path(name) / WOKEN).touch()
        return read(path)

    if multiprocessing.parent_process() is not None:
        examination.read_radiograph = slowly
    return load_model(name, device)


@pytest.fixture
def slow(plan: EvaluationPlan, tmp_path: Path) -> EvaluationPlan:
    """Two workers, and a copy of the model to leave marks in."""
    model = tmp_path / "model"
    model.mkdir()
    for file in Path(plan.model).iterdir():
        (model / file.name).write_bytes(file.read_bytes())
    return replace(plan, workers=2, model=str(model))


def wait_until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def test_work_that_is_broken_off_waits_for_no_image(slow: EvaluationPlan) -> None:
    def stop(_: float) -> None:
        wait_until((Path(slow.model) / STUCK).exists, "no worker has begun")
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        evaluate(slow, stop, open_model=open_slow)
    assert not (Path(slow.model) / WOKEN).exists()
    assert not multiprocessing.active_children()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on this system")
def test_workers_end_with_a_process_that_is_killed(slow: EvaluationPlan) -> None:
    program = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); import test_crew as t;"
        "from cxr_desktop.cohort.plan import EvaluationPlan as P;"
        "p = [Path(one) for one in sys.argv[2:6]];"
        "m = __name__ == '__main__' and t.evaluate(P(index=p[0], images=p[1], boxes=p[2], out=p[3],"
        "methods=('gradcam',), model=sys.argv[6], device='cpu', workers=2), open_model=t.open_slow)"
    )
    paths = (slow.index, slow.images, slow.boxes, slow.out, slow.model)
    here = Path(__file__).parent
    running = subprocess.Popen(
        [sys.executable, "-c", program, str(here), *map(str, paths)], cwd=here.parents[1]
    )
    try:
        wait_until((Path(slow.model) / STUCK).exists, "no worker has begun")
        workers = children(running.pid)
    finally:
        running.kill()
        running.wait()
    assert len(workers) >= 2
    wait_until(lambda: not any(map(alive, workers)), "workers outlived their parent")
    assert not (Path(slow.model) / WOKEN).exists()


def children(pid: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=True
    )
    return [int(line) for line in found.stdout.split()]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return not state.stdout.startswith("Z")
