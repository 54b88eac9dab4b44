# ruff: noqa: T201 -- prints what it measures
"""From the wish to open an image to its first picture on the screen, beside pydicom's own decoding of it.

Run: QT_QPA_PLATFORM=offscreen python tests/benchmarks/first_image.py [FILE...]
Without files: 4280 x 3520 pixels of 16 and of 12 bit, and smaller squares, not compressed, JPEG 2000 and JPEG-LS, made
for it.
Prints medians in milliseconds and their ratio; the two take turns, so that both meet the same machine. pydicom
decodes in a process of its own: once as the first thing there, as one who opens a file has it, and again and again,
when the memory for pixels is already its own.
"""

from __future__ import annotations

import ast
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import imagecodecs
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    generate_uid,
)
from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from cxr_desktop.app import build_parts, build_window
from cxr_desktop.dicom import read_header
from cxr_desktop.domain.errors import DicomReadError
from cxr_desktop.ui.job_bridge import shorten_switches
from cxr_desktop.ui.local_engine import LocalEngine
from cxr_desktop.ui.parts import Parts
from cxr_desktop.ui.theme import apply_theme

ROWS, COLUMNS, TIMES, FIRSTS = 3520, 4280, 9, 3
SQUARES = (1024, 2048)
PEER = """
import sys, time, pydicom
for line in sys.stdin:
    begun = time.perf_counter()
    try:
        pixels = pydicom.dcmread(line.rstrip("\\n")).pixel_array
    except Exception as error:
        print(repr(f"{type(error).__name__}: {error}".splitlines()[0]), flush=True)
    else:
        print(1000 * (time.perf_counter() - begun), flush=True)
"""
REST_MS = 60
ENCODED: dict[str, tuple[UID, Callable[[np.ndarray], bytes]]] = {
    "JPEG 2000": (JPEG2000Lossless, lambda a: imagecodecs.jpeg2k_encode(a, level=0, reversible=True)),
    "JPEG-LS": (JPEGLSLossless, lambda a: imagecodecs.jpegls_encode(a)),
}


def pixels(bits: int, shape: tuple[int, int] = (ROWS, COLUMNS)) -> np.ndarray:
    rng = np.random.default_rng(1)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    smooth = 0.5 + 0.3 * np.sin(x / 400) * np.cos(y / 330) + rng.normal(0, 0.01, shape)
    return (smooth.clip(0, 1) * (2**bits - 1)).astype(np.uint16)


def written(path: Path, array: np.ndarray, bits: int, codec: str = "") -> Path:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = DigitalXRayImageStorageForPresentation, generate_uid()
    dataset.StudyInstanceUID, dataset.Modality = generate_uid(), "DX"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = *array.shape, 1
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, bits, bits - 1
    dataset.PixelRepresentation, dataset.PhotometricInterpretation = 0, "MONOCHROME2"
    dataset.WindowCenter, dataset.WindowWidth = 2 ** (bits - 1), 2**bits
    syntax, encode = ENCODED.get(codec, (ExplicitVRLittleEndian, np.ndarray.tobytes))
    data = encode(array)
    dataset.PixelData = encapsulate([data]) if codec else data
    dataset["PixelData"].VR = "OB" if codec else "OW"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path, enforce_file_format=True)
    return path


class Refused(Exception):
    """Why a file cannot be shown or decoded."""


class Painted(QObject):
    """Tells of the first paint event of a canvas that shows the wanted file, or why it is not shown."""

    def __init__(self, canvas: QWidget, parts: Parts) -> None:
        super().__init__(canvas)
        self._parts = parts
        self.wanted = Path()
        self.at = 0.0
        self.reason = ""
        canvas.installEventFilter(self)
        parts.opening.failed.connect(self._failed)

    def _failed(self, path: Path, reason: str) -> None:
        if path == self.wanted:
            self.reason = reason

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        image = self._parts.viewer.image
        wanted = image is not None and image.radiograph.header.path == self.wanted
        if event.type() == QEvent.Type.Paint and wanted and not self.at:
            watched.removeEventFilter(self)
            watched.event(event)  # the painting itself belongs to the time
            watched.installEventFilter(self)
            self.at = time.perf_counter()
            return True
        return False


def until(condition: Callable[[], bool]) -> None:
    loop, timer = QEventLoop(), QTimer(interval=1)
    timer.timeout.connect(lambda: loop.quit() if condition() else None)
    timer.start()
    loop.exec()


def opened(parts: Parts, painted: Painted, path: Path) -> tuple[float, float]:
    """Milliseconds to the first picture, and to the image at rest with its digest; the window rests before.

    Raises Refused where the program does not show the file.
    """
    try:
        header = read_header(path)
    except DicomReadError as error:
        raise Refused(str(error)) from error
    parts.session.set_image(None)
    QTest.qWait(REST_MS)
    painted.wanted, painted.at, painted.reason = path, 0.0, ""
    begun = time.perf_counter()
    parts.opening.open_image(header)
    until(lambda: bool(painted.reason) or (parts.session.image is not None and painted.at > 0))
    if painted.reason:
        raise Refused(painted.reason)
    return 1000 * (painted.at - begun), 1000 * (time.perf_counter() - begun)


class Peer:
    """pydicom in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def decoded(self, path: Path) -> float:
        """Milliseconds from the path to the pixels. Raises Refused where pydicom cannot decode them."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        told = ast.literal_eval(self._process.stdout.readline())
        if isinstance(told, str):
            raise Refused(told)
        return float(told)

    def end(self) -> None:
        self._process.communicate()


def decoded_first(path: Path) -> float:
    """Milliseconds of the first decoding in a new process. Raises Refused as `Peer.decoded` does."""
    peer = Peer()
    try:
        return peer.decoded(path)
    finally:
        peer.end()


def measured(parts: Parts, painted: Painted, path: Path) -> None:
    try:
        opened(parts, painted, path)
    except Refused as refusal:
        print(f"{path.name:16} refused: {refusal}")
        return
    peer = Peer()
    try:
        first = statistics.median(decoded_first(path) for _ in range(FIRSTS))
        peer.decoded(path)
        times = [(*opened(parts, painted, path), peer.decoded(path)) for _ in range(TIMES)]
    except Refused as refusal:
        print(f"{path.name:16} pydicom does not decode it: {refusal}")
        tell(path, [opened(parts, painted, path) for _ in range(TIMES)])
    else:
        picture = tell(path, [time[:2] for time in times])
        again = statistics.median(theirs for *_, theirs in times)
        for when, theirs in (("first", first), ("again", again)):
            print(f"  pydicom, {when}: {theirs:7.1f} ms   ratio {picture / theirs:5.2f}")
    finally:
        peer.end()


def tell(path: Path, times: list[tuple[float, float]]) -> float:
    """Print the medians; returns that of the first picture."""
    picture, rest = (statistics.median(column) for column in zip(*times, strict=True))
    print(
        f"{path.name:16} {path.stat().st_size / 2**20:5.1f} MiB   first picture {picture:7.1f} ms   "
        f"at rest, with its digest {rest:7.1f} ms"
    )
    return picture


def main() -> None:
    application = QApplication([])
    apply_theme(application)
    shorten_switches()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(name) for name in sys.argv[1:]]
        if not paths:
            paths = [written(Path(folder, f"{bits} bit.dcm"), pixels(bits), bits) for bits in (16, 12)]
            paths += [written(Path(folder, f"{n} square.dcm"), pixels(16, (n, n)), 16) for n in SQUARES]
            paths += [written(Path(folder, f"{codec}.dcm"), pixels(16), 16, codec) for codec in ENCODED]
        parts = build_parts(LocalEngine(), Path(folder))
        window = build_window(parts)
        window.resize(1600, 1000)
        window.show()
        canvas = window.findChild(QWidget, "canvas")
        painted = Painted(canvas, parts)
        for path in paths:
            measured(parts, painted, path)
        window.close()


if __name__ == "__main__":
    main()
