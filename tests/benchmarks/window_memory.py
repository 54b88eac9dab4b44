# ruff: noqa: T201 -- prints what it measures
"""Memory of the window while a reader goes from image to image.

Run: QT_QPA_PLATFORM=offscreen python tests/benchmarks/window_memory.py [--images 60] [--method gradcam]
Every image is a copy of one of the bundled study with another pixel; each is opened, classified and explained.
Prints the resident memory in MiB, and how much of it are maps kept to come back to.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pydicom
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from cxr_desktop.app import build_parts, build_window
from cxr_desktop.resources import resource
from cxr_desktop.ui.local_engine import LocalEngine
from cxr_desktop.ui.parts import Parts
from cxr_desktop.ui.theme import apply_theme

STEP = 20


def copies(folder: Path, count: int) -> list[Path]:
    """So many different images of as many patients."""
    bundled = sorted(resource("demo", "study").rglob("*.dcm"))
    paths = []
    for number in range(count):
        dataset = pydicom.dcmread(bundled[number % len(bundled)])
        pixels = dataset.pixel_array.copy()
        pixels[0, 0] = number % 200
        dataset.set_pixel_data(pixels, dataset.PhotometricInterpretation, dataset.BitsStored)
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"2.25.{number + 1}"
        dataset.StudyInstanceUID, dataset.PatientID = f"2.25.{number + 1}.1", f"P{number}"
        paths.append(folder / f"{number}.dcm")
        dataset.save_as(paths[-1])
    return paths


def until(condition: Callable[[], bool]) -> None:
    loop, timer = QEventLoop(), QTimer(interval=5)
    timer.timeout.connect(lambda: loop.quit() if condition() else None)
    timer.start()
    loop.exec()


def resident() -> int:
    """MiB."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in line)
    return int(line.split()[1]) // 1024


def visit(parts: Parts, path: Path) -> None:
    """Open an image and wait for its score and map."""
    header = next(header for header in parts.studies.headers if header.path == path)
    session = parts.session
    parts.opening.open_image(header)
    until(lambda: session.image is not None and session.image.radiograph.header.path == path)
    until(lambda: session.prediction is not None)
    session.reveal_scores()
    until(lambda: session.cut is not None)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--images", type=int, default=60)
    arguments.add_argument("--method", default="gradcam")
    chosen = arguments.parse_args()
    application = QApplication([])
    apply_theme(application)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = copies(folder, chosen.images)
        parts = build_parts(LocalEngine(), folder / "data")
        window = build_window(parts)
        window.resize(1600, 1000)
        window.show()
        parts.inference.start()
        until(lambda: parts.inference.ready)
        parts.opening.open_paths([folder])
        until(lambda: len(parts.studies.headers) == chosen.images)
        parts.heatmap.set_method(chosen.method)
        for number, path in enumerate(paths, start=1):
            visit(parts, path)
            if number == 1 or number % STEP == 0:
                print(
                    f"{number:5} images {resident():6} MiB, maps {parts.inference.cache.bytes // 2**20} of them"
                )
        window.close()


if __name__ == "__main__":
    main()
