# ruff: noqa: T201 -- prints what it measures
"""A folder of 10,000 files into the study list: time above reading the headers, memory, the window's pauses.

Run: QT_QPA_PLATFORM=offscreen python tests/benchmarks/folder_index.py [COUNT]
Prints milliseconds a file above pydicom's own reading of the headers, memory growth after each quarter, the
longest gaps of the event loop, how soon a cancelled search ends, and how long it takes to go on with it. In
brackets: the window's own processor time in the gap; the rest it waited for a core or the interpreter's lock.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from cxr_desktop.app import build_parts, build_window
from cxr_desktop.dicom import read_header
from cxr_desktop.ui.job_bridge import shorten_switches
from cxr_desktop.ui.local_engine import LocalEngine
from cxr_desktop.ui.opening import Found
from cxr_desktop.ui.parts import Parts
from cxr_desktop.ui.theme import apply_theme

TICK_MS, A_FOLDER = 5, 500


def write_study(folder: Path, count: int) -> list[Path]:
    """Two images a study, in folders of A_FOLDER files."""
    rng, paths = np.random.default_rng(5), []
    for number in range(count):
        dataset = Dataset()
        dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
        dataset.SOPInstanceUID = f"1.2.826.0.1.3680043.8.498.{number + 1}"
        dataset.StudyInstanceUID = f"1.2.826.0.1.3680043.8.499.{number // 2 + 1}"
        dataset.SeriesInstanceUID = f"1.2.826.0.1.3680043.8.500.{number // 2 + 1}"
        dataset.PatientName, dataset.PatientID = f"Doe^Jane {number // 2}", f"P{number // 2}"
        dataset.StudyDate, dataset.Modality, dataset.ViewPosition = "20240131", "DX", ("PA", "LL")[number % 2]
        dataset.SeriesNumber, dataset.InstanceNumber = 1, number % 2 + 1
        dataset.Rows = dataset.Columns = 32
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
        dataset.PixelRepresentation = 0
        dataset.PixelData = rng.integers(0, 4096, (32, 32), dtype=np.uint16).tobytes()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        target = folder / f"{number // A_FOLDER:03}" / f"{number:06}.dcm"
        target.parent.mkdir(exist_ok=True)
        dataset.save_as(target, enforce_file_format=True)
        paths.append(target)
    return paths


def resident() -> float:
    """MiB of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def headers_alone(paths: list[Path]) -> tuple[float, float]:
    """Seconds that pydicom, and that this program's own reader, take for the headers."""
    begun = time.perf_counter()
    for path in paths:
        pydicom.dcmread(path, stop_before_pixels=True)
    between = time.perf_counter()
    for path in paths:
        read_header(path)
    return between - begun, time.perf_counter() - between


class Watch:
    """Gaps between ticks of the event loop, and memory at quarters of the way."""

    def __init__(self, parts: Parts, count: int) -> None:
        self.gaps: list[tuple[float, float]] = []
        self.memory: list[float] = [resident()]
        self._count, self._listed = count, 0
        parts.opening.found.connect(self._arrived)
        self._last, self._used = time.perf_counter(), time.thread_time()
        self._timer = QTimer(interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now, used = time.perf_counter(), time.thread_time()
        self.gaps.append((1000 * (now - self._last), 1000 * (used - self._used)))
        self._last, self._used = now, used
        if self._listed >= self._count * len(self.memory) / 4:
            self.memory.append(resident())

    def _arrived(self, found: Found) -> None:
        self._listed += len(found.items)

    def end(self) -> None:
        self._timer.stop()


def until_searched(parts: Parts) -> None:
    loop = QEventLoop()
    parts.opening.searched.connect(loop.quit)
    loop.exec()


def indexed(parts: Parts, folder: Path, count: int) -> float:
    """Seconds to index the folder with everybody watching."""
    watch = Watch(parts, count)
    begun = time.perf_counter()
    parts.opening.open_paths([folder])
    until_searched(parts)
    seconds = time.perf_counter() - begun
    watch.end()
    worst = " ".join(f"{gap:.0f} ({used:.0f})" for gap, used in sorted(watch.gaps, reverse=True)[:6])
    grown = " ".join(f"{now - watch.memory[0]:.0f}" for now in watch.memory[1:])
    late = sum(gap > 16 for gap, _ in watch.gaps)
    print(f"  {len(parts.studies.headers)} images listed in {seconds:.2f} s")
    print(f"  longest gaps of the event loop (ms): {worst}   above 16 ms: {late} of {len(watch.gaps)}")
    print(f"  memory above the start at each quarter (MiB): {grown}")
    return seconds


def cancelled(window: QWidget, parts: Parts, folder: Path) -> None:
    parts.opening.open_paths([folder])
    pressed: list[float] = []

    def press() -> None:
        button = window.findChild(QToolButton, "cancelJob")
        if button is not None and not pressed:
            pressed.append(time.perf_counter())
            button.click()

    timer = QTimer(interval=TICK_MS)
    timer.timeout.connect(press)
    timer.start()
    until_searched(parts)
    timer.stop()
    found = len(parts.studies.headers)
    if pressed:
        print(
            f"cancelled: ended {1000 * (time.perf_counter() - pressed[0]):.0f} ms after the click, {found} listed"
        )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    application = QApplication([])
    apply_theme(application)
    shorten_switches()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made, "studies")
        folder.mkdir()
        paths = write_study(folder, count)
        headers_alone(paths[:50])
        theirs, own = headers_alone(paths)
        print(
            f"headers alone: pydicom {1000 * theirs / count:.3f} ms a file, this program {1000 * own / count:.3f}"
        )
        for title, data in (("first search", "data"), ("cancelled, then gone on with", "again")):
            parts = build_parts(LocalEngine(data=Path(made, data)), Path(made, data))
            window = build_window(parts)
            window.resize(1600, 1000)
            window.show()
            application.processEvents()
            if data == "again":
                cancelled(window, parts, folder)
            print(f"{title}:")
            seconds = indexed(parts, folder, count)
            print(
                f"  above pydicom's reading of the headers: {1000 * (seconds - theirs) / count:.3f} ms a file"
            )
            window.close()


if __name__ == "__main__":
    main()
