# ruff: noqa: T201 -- prints what it measures
"""Frame times of the canvas on a 4280 x 3520 16-bit image, beside pyqtgraph and napari.

Run: QT_QPA_PLATFORM=offscreen python tests/benchmarks/viewer_frames.py [--napari PYTHON]
Prints median and 95th percentile in milliseconds for each drag, with heat map, contour and ten boxes shown, and
the ratio of the 95th percentiles. napari is measured with the same layers, in the environment of PYTHON.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from cxr_desktop.domain import AttributionMap, Box, InstanceHeader, Radiograph, Threshold, Window
from cxr_desktop.domain.prediction import ModelIdentity
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.session import CutMap, Session
from cxr_desktop.ui.viewer.contour_lines import contour_segments
from cxr_desktop.ui.viewer.heat_image import HeatImage, Sign
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.measurement_model import MeasurementModel
from cxr_desktop.ui.viewer.viewer_model import ViewerModel
from cxr_desktop.ui.viewer_binding import ViewerBinding

ROWS, COLUMNS, FRAMES = 3520, 4280, 120
SIZE = (1280, 960)
PEER = Path(__file__).with_name("napari_frames.py")


def radiograph() -> Radiograph:
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:ROWS, :COLUMNS].astype(np.float32)
    smooth = 30000 + 14000 * np.sin(x / 400) * np.cos(y / 330)
    pixels = (smooth + rng.normal(0, 800, smooth.shape)).clip(0, 65535).astype(np.uint16)
    return Radiograph(pixels, InstanceHeader(Path("large.dcm"), rows=ROWS, columns=COLUMNS), bits_stored=16)


def heat_image() -> HeatImage:
    y, x = np.mgrid[:ROWS, :COLUMNS].astype(np.float32)
    bumps = [
        np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 90000)
        for cx, cy in ((900, 1200), (3200, 1500), (2400, 2900))
    ]
    model = ModelIdentity("benchmark", "1", "0" * 64)
    return HeatImage.build(
        AttributionMap(np.sum(bumps, axis=0, dtype=np.float32), "rap", "Lung Opacity", model)
    )


class Scene:
    """The canvas with image, heat, contour and ten boxes."""

    def __init__(self) -> None:
        self.session, self.viewer = Session(), ViewerModel()
        self.heatmap, self.reading = HeatmapModel(), ReadingModel("reader")
        self.binding = ViewerBinding(
            self.viewer, self.session, self.heatmap, self.reading, MeasurementModel()
        )
        self.canvas = self.binding.canvas
        self.canvas.resize(*SIZE)
        self.canvas.show()
        self.session.set_image(LoadedImage.prepare(radiograph()))
        heat = heat_image()
        self.session.set_heat(heat)
        level = 0.4
        segments = contour_segments(heat.plane, level, heat.step)
        boxes = tuple(Box(300 * i, 250 * i, 500, 400, "Lung Opacity") for i in range(10))
        self.session.set_cut(
            CutMap(heat, Threshold(), Sign.POSITIVE, level, boxes, heat.plane >= level, segments)
        )


def timed(widget: QWidget, change: Callable[[int], None], frames: int = FRAMES) -> np.ndarray:
    """(frames, 2): milliseconds from the change to the painted frame, by the clock and of processor time."""
    target = QImage(widget.size(), QImage.Format.Format_RGB32)
    painted = getattr(widget, "viewport", lambda: widget)()
    times = []
    for number in range(frames + 10):
        start, used = time.perf_counter(), time.process_time()
        change(number)
        QWidget.render(painted, target)
        times.append((1000 * (time.perf_counter() - start), 1000 * (time.process_time() - used)))
        QApplication.processEvents()
    return np.array(times[10:])


def pyqtgraph_window(image: np.ndarray, *, downsample: bool) -> np.ndarray:
    """Window drags on a plain ImageItem.

    With its autoDownsample it averages all 15 megapixels anew for every level, in double precision: most of
    a second a frame. As it comes, it looks every stored pixel up and lets Qt shrink the picture; that is the peer.
    """
    import pyqtgraph as pg

    pg.setConfigOptions(imageAxisOrder="row-major")
    view = pg.GraphicsView()
    box = pg.ViewBox(lockAspect=True, invertY=True)
    view.setCentralItem(box)
    item = pg.ImageItem(image, autoDownsample=downsample)
    box.addItem(item)
    view.resize(*SIZE)
    view.show()
    box.autoRange()
    frames = 5 if downsample else FRAMES
    return timed(view, lambda n: item.setLevels((10000 + 100 * n, 50000 - 50 * n)), frames)


def napari_scene(python: str, scene: Scene, pixels: np.ndarray) -> dict[str, np.ndarray] | str:
    """Every drag in napari on the same image and layers, in an environment of its own; why not, where it cannot."""
    if not python:
        return "not measured; give --napari PYTHON, an environment with napari and PySide6"
    cut = scene.session.cut
    assert cut is not None
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "scene.npz")
        boxes = [(box.x, box.y, box.width, box.height) for box in cut.boxes]
        np.savez(made, pixels=pixels, heat=cut.heat.plane, segments=cut.segments, boxes=boxes)
        command = [python, str(PEER), str(made), str(FRAMES), *map(str, SIZE)]
        environment = {k: v for k, v in os.environ.items() if k not in ("QT_QPA_PLATFORM", "PYTHONPATH")}
        if not environment.get("DISPLAY"):  # it draws by OpenGL, which needs a screen
            command = ["xvfb-run", "-a", "-s", "-screen 0 1920x1200x24", *command]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, env=environment, check=False, timeout=150
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"not measured ({error})"
    if done.returncode:
        return f"not measured: {done.stderr.strip().splitlines()[-1:]}"
    told = json.loads(done.stdout[done.stdout.index("{") :])
    print(f"napari {told['version']} draws by {told['renderer']}")
    return {name: np.array(times) for name, times in told["times"].items()}


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--napari", default="", metavar="PYTHON")
    chosen = arguments.parse_args()
    application = QApplication.instance() or QApplication([])
    scene = Scene()
    viewer, heatmap = scene.viewer, scene.heatmap
    drags: dict[str, Callable[[int], None]] = {
        "window": lambda n: viewer.set_voi(Window(30000 + 40 * n, 30000 - 50 * n)),
        "zoom": lambda n: viewer.zoom(1.02 if n < FRAMES / 2 else 1 / 1.02),
        "pan": lambda n: viewer.pan(3, 2 if n % 2 else -2),
        "opacity": lambda n: heatmap.set_opacity((n % 100) / 100),
    }
    results = {}
    for name, change in drags.items():
        times = results[name] = timed(scene.canvas, change)
        print(f"{name:8} {told(times)}")
    assert scene.session.image is not None
    pixels = np.asarray(scene.session.image.radiograph.pixels)
    peers = {
        "pyqtgraph ImageItem": pyqtgraph_window(pixels, downsample=False),
        "pyqtgraph ImageItem, autoDownsample": pyqtgraph_window(pixels, downsample=True),
    }
    for name, peer in peers.items():
        compare(f"{name}, the image alone", "window", results["window"], peer)
    other = napari_scene(chosen.napari, scene, pixels)
    if isinstance(other, str):
        print(f"napari: {other}")
    else:
        for drag, peer in other.items():
            compare("napari, all layers", drag, results[drag], peer)
    scene.canvas.close()
    application.processEvents()


def compare(name: str, drag: str, own: np.ndarray, peer: np.ndarray) -> None:
    clock, used = (np.percentile(own[:, k], 95) / np.percentile(peer[:, k], 95) for k in (0, 1))
    print(f"{name}, {drag}: {told(peer)}")
    print(f"  ratio of p95, {drag}: clock {clock:.2f}, processor {used:.2f}")


def told(times: np.ndarray) -> str:
    clock, used = np.percentile(times[:, 0], (50, 95)), np.percentile(times[:, 1], (50, 95))
    return (
        f"clock {clock[0]:6.2f} / p95 {clock[1]:6.2f} ms   processor {used[0]:6.2f} / p95 {used[1]:6.2f} ms"
    )


if __name__ == "__main__":
    main()
