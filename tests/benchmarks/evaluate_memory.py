# ruff: noqa: T201, E402 -- prints what it measures; sets threads and path before the imports
"""Whether memory stays flat however many images an evaluation has, to the last table of its report.

Run: OMP_NUM_THREADS=1 python tests/benchmarks/evaluate_memory.py [--images 5000] [--workers 1]
and once more with --images 100, for the tables of a small set to hold those of a large one against.
Small radiographs of its own making with boxes on each, and timm's smallest ResNet, so that thousands take minutes:
what grows with the count of images is the same for large ones. Resident memory of this process and of its workers
together, after so many images; 'tables' is the highest of this process from the last image to the end. Linux only.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

import numpy as np
import timm
import torch
from PIL import Image
from safetensors.torch import save

from cxr_desktop.cohort.evaluation import evaluate
from cxr_desktop.cohort.plan import EvaluationPlan

SIDE, SOURCES = 96, 40
MARKS = (100, 1000, 5000)
METHODS = ("saliency", "gradcam")
CARD = """
name = "small"
version = "1.0"
architecture = "timm:test_resnet"
title = "Small network"
intended_use = "Measuring"

[architecture_options]
num_classes = 2

[weights]
file = "weights.safetensors"
sha256 = "{sha256}"

[input]
height = 64
width = 64
channels = 3
fit = "letterbox"
normalisation = "percentile"

[[labels]]
name = "Lung Opacity"

[[labels]]
name = "Nodule"
"""


@dataclass
class Meter:
    """What progress tells: how much memory this process and its workers held after so many images."""

    images: int
    begun: float = field(default_factory=time.perf_counter)
    done: int = 0

    def __call__(self, _: float) -> None:
        self.done += 1
        if self.done in MARKS or self.done == self.images:
            own, workers = status("VmRSS"), sum(status("VmRSS", pid) for pid in children(str(os.getpid())))
            print(f"after {self.done} images: {own:.0f} MiB here, {workers:.0f} MiB in workers", flush=True)
        if self.done == self.images:
            print(f"{(time.perf_counter() - self.begun) / self.images * 1e3:.0f} ms an image")
            Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak counts from here


def status(name: str, pid: str = "self") -> float:
    """A line of the kernel's account of a process, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:")), 0.0)


def children(pid: str) -> list[str]:
    """Process numbers, the youngest last."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()


def model(folder: Path) -> Path:
    """A package with seeded weights."""
    torch.manual_seed(7)
    network = timm.create_model("test_resnet", num_classes=2)
    weights = save({name: value.contiguous() for name, value in network.state_dict().items()})
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(weights)
    (folder / "model.toml").write_text(CARD.format(sha256=hashlib.sha256(weights).hexdigest()), "utf-8")
    return folder


def data_set(folder: Path, count: int) -> EvaluationPlan:
    """Images with one or two boxes each, of two readers."""
    images = folder / "images"
    images.mkdir(parents=True)
    rows, columns = np.indices((SIDE, SIDE))
    for number in range(SOURCES):
        random = np.random.default_rng(number)
        blob = np.exp(-((rows - 35) ** 2 + (columns - 2 * number) ** 2) / 200)
        picture = (blob * 180 + random.random((SIDE, SIDE)) * 60).astype(np.uint8)
        Image.fromarray(picture).save(folder / f"{number}.png")
    index, boxes = ["image,view,sex,rsna_class"], ["image,label,x,y,width,height,source"]
    for number in range(count):
        name = f"{number:06d}.png"
        (images / name).symlink_to(folder / f"{number % SOURCES}.png")
        index.append(f"{name},{'PA' if number % 3 else 'AP'},{'MF'[number % 2]},Lung Opacity")
        boxes.append(f"{name},Lung Opacity,{10 + number % 40},20,30,30,RSNA")
        if number % 2:
            boxes.append(f"{name},Nodule,{20 + number % 31},40,12,10,NIH")
    (folder / "index.csv").write_text("\n".join((*index, "")), "utf-8")
    (folder / "boxes.csv").write_text("\n".join((*boxes, "")), "utf-8")
    return EvaluationPlan(
        index=folder / "index.csv",
        images=images,
        boxes=folder / "boxes.csv",
        out=folder / "out",
        model=str(model(folder / "model")),
        methods=METHODS,
        device="cpu",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="memory of an evaluation by its count of images")
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        plan = replace(data_set(Path(scratch) / "set", arguments.images), workers=arguments.workers)
        result = evaluate(plan, Meter(arguments.images))
        print(f"tables: at most {status('VmHWM'):.0f} MiB; {len(result.failures)} failures")


if __name__ == "__main__":
    main()
