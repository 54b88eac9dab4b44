# ruff: noqa: T201, E402 -- prints what it finds; sets the path before the imports
"""Whether an evaluation that is killed at any time goes on and ends with the bytes of one that nothing disturbed.

Run: python tests/benchmarks/evaluate_kills.py [--kills 20] [--images 60] [--seed 1]
The whole command runs in processes of its own, with one worker and with two. It is killed (SIGKILL) at times drawn over
half of what an undisturbed run takes, every other time a worker instead, and begun again with --resume. After
`EACH` kills at most it may end, and every file of its results is held against the undisturbed run's. Exits with 1
where one differs. Linux only.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))
sys.path.insert(0, str(Path(__file__).parent))

from evaluate_memory import children, data_set

from cxr_desktop.cohort.plan import EvaluationPlan

EACH = 5
METHODS = "saliency,gradcam,rap,integrated_gradients"


def command(plan: EvaluationPlan, out: Path, workers: int, *more: str) -> list[str]:
    given = [plan.index, "--images", plan.images, "--boxes", plan.boxes, "--model", plan.model, "--out", out]
    options = [
        "--methods",
        METHODS,
        "--tables",
        "csv,parquet",
        "--device",
        "cpu",
        "--workers",
        workers,
        *more,
    ]
    return [sys.executable, "-m", "cxr_desktop", "evaluate", *map(str, (*given, *options))]


def begun(arguments: list[str]) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    return subprocess.Popen(arguments, cwd=REPOSITORY, stdout=quiet, stderr=quiet)


def results(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.is_file()}


def disturbed(plan: EvaluationPlan, out: Path, workers: int, times: list[float]) -> list[str]:
    """What was killed when; the run goes on to its end."""
    told: list[str] = []
    for turn, seconds in enumerate(times):
        running = begun(command(plan, out, workers, "--resume"))
        time.sleep(seconds)
        if running.poll() is not None:
            break
        found = children(str(running.pid)) if turn % 2 else []
        os.kill(int(found[-1]) if found else running.pid, signal.SIGKILL)
        told.append(f"{'a worker' if found else 'all'} at {seconds:.1f} s")
        running.wait()
    begun(command(plan, out, workers, "--resume")).wait()
    return told


def apart(whole: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Names of the files that differ, or that one of them alone has."""
    return sorted(name for name in whole.keys() | other.keys() if whole.get(name) != other.get(name))


def main() -> int:
    parser = argparse.ArgumentParser(description="kill evaluations and compare what they end with")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    different = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        plan = data_set(folder / "set", arguments.images)
        start = time.perf_counter()
        begun(command(plan, folder / "whole", 1)).wait()
        whole, lasted = results(folder / "whole"), time.perf_counter() - start
        print(f"undisturbed: {len(whole)} files in {lasted:.0f} s", flush=True)
        kills = trial = 0
        while kills < arguments.kills:
            out, workers = folder / f"trial{trial}", 1 + trial % 2
            told = disturbed(plan, out, workers, [draw.uniform(0.2, lasted / 2) for _ in range(EACH)])
            found = apart(whole, results(out))
            kills, trial, different = kills + len(told), trial + 1, different + bool(found)
            verdict = f"differ: {', '.join(found)}" if found else f"all {len(whole)} files equal"
            print(f"{workers} workers; killed: {', '.join(told)}: {verdict}", flush=True)
        print(f"{kills} kills, {different} of {trial} runs differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
