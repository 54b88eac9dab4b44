# ruff: noqa: T201, E402 -- prints what it measures; sets threads and path before the imports
"""How near an evaluation comes to its network's own floor, and what a second worker adds.

Run: OMP_NUM_THREADS=1 python tests/benchmarks/evaluate_throughput.py [--images 44]
Takes the dev images that have boxes from <repo>/../shared/data and repeats them by links. Every figure is of one
thread a process. The floor is a forward pass for the score, and a forward and backward pass to the input for
each map, on an image already decoded; it is measured in the same run. Saliency is what is evaluated, because it
needs those passes and no more. Decoding, cutting, comparing and writing are what the floor leaves out.
'steady' is from the first image done to the last, without the start of processes and the report at the end.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

import torch

from cxr_desktop.classifiers import load_model
from cxr_desktop.cohort.evaluation import evaluate
from cxr_desktop.cohort.plan import EvaluationPlan
from cxr_desktop.dicom import read_radiograph

DATA = REPOSITORY.parent / "shared" / "data" / "nih"
METHOD = "saliency"


@dataclass
class Clock:
    """What progress tells: when each image was done."""

    images: int
    begun: float = field(default_factory=time.perf_counter)
    done: list[float] = field(default_factory=list)

    def __call__(self, _: float) -> None:
        if len(self.done) < self.images:
            self.done.append(time.perf_counter())

    @property
    def steady(self) -> float:
        """Images a second between the first done and the last."""
        return (len(self.done) - 1) / (self.done[-1] - self.done[0])


def repeated(folder: Path, count: int) -> EvaluationPlan:
    """A data set of `count` links to the dev images with boxes, each with its boxes."""
    with (DATA / "dev_boxes.csv").open(encoding="utf-8", newline="") as stream:
        boxes = list(csv.DictReader(stream))
    sources = sorted({box["image"] for box in boxes})
    images = folder / "images"
    images.mkdir(parents=True)
    names = []
    with (folder / "boxes.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(boxes[0]))
        writer.writeheader()
        for number in range(count):
            source = sources[number % len(sources)]
            names.append(f"{number:06d}.png")
            (images / names[-1]).symlink_to(DATA / "dev" / source)
            writer.writerows({**box, "image": names[-1]} for box in boxes if box["image"] == source)
    (folder / "index.csv").write_text("\n".join(("image", *names, "")), "utf-8")
    return EvaluationPlan(
        index=folder / "index.csv",
        images=images,
        boxes=folder / "boxes.csv",
        out=folder / "out",
        methods=(METHOD,),
        device="cpu",
        examples=0,
        units=0,
    )


def measured(folder: Path, count: int, workers: int) -> tuple[Clock, float, dict[str, bytes]]:
    """Its clock, the seconds of the whole with its report, and the tables."""
    plan = replace(repeated(folder, count), workers=workers)
    clock = Clock(count)
    result = evaluate(plan, clock)
    whole = time.perf_counter() - clock.begun
    for failure in result.failures:
        print(f"  failed: {failure.path.name}: {failure.reason}")
    return clock, whole, {path.name: path.read_bytes() for path in sorted(plan.out.glob("*.csv"))}


def floor() -> tuple[float, float]:
    """Median seconds of a forward pass without gradients, and of one with a backward pass to the input."""
    model = load_model("demo", "cpu")
    image = model.preprocess(read_radiograph(min((DATA / "dev").glob("*.png"))))

    def forward() -> None:
        with torch.no_grad():
            model.network(image)

    def both() -> None:
        needed = image.clone().requires_grad_(True)
        torch.autograd.grad(model.network(needed)[0, 0], needed)

    return median(forward), median(both)


def median(work: Callable[[], None], times: int = 15) -> float:
    taken = []
    for turn in range(times + 3):
        begun = time.perf_counter()
        work()
        if turn >= 3:
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description="evaluate against its network's floor")
    parser.add_argument("--images", type=int, default=44)
    arguments = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"{DATA} is not there: nothing to measure with")
    torch.set_num_threads(1)
    forward, both = floor()
    print(f"floor an image: forward {forward * 1e3:.1f} ms, forward and backward {both * 1e3:.1f} ms")
    with tempfile.TemporaryDirectory() as scratch:
        one, whole_one, tables_one = measured(Path(scratch) / "one", arguments.images, 1)
        two, whole_two, tables_two = measured(Path(scratch) / "two", arguments.images, 2)
        for name, clock, whole in (("1 worker", one, whole_one), ("2 workers", two, whole_two)):
            print(f"{name}: {clock.steady:.2f} images/s steady, {whole:.1f} s with start and report")
        print(f"share of the floor, 1 worker: {(forward + both) * one.steady:.0%} (aim 85 %)")
        print(f"2 workers against 1, steady: {two.steady / one.steady:.2f} (aim 1.8)")
        print(f"2 workers against 1, whole: {whole_one / whole_two:.2f}")
        print(f"tables of the two byte-equal: {tables_one == tables_two}")


if __name__ == "__main__":
    main()
