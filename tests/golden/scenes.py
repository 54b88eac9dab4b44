# ruff: noqa: T201 -- tells what it wrote
"""The scenes of the golden images. Run as a program to draw them anew, and look at every one that changed:

xvfb-run -s "-screen 0 1920x1200x24" python tests/golden/scenes.py
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import QApplication

from cxr_desktop.domain import (
    AttributionMap,
    Box,
    InstanceHeader,
    PixelSpacing,
    Radiograph,
    Threshold,
    Window,
)
from cxr_desktop.domain.prediction import ModelIdentity
from cxr_desktop.library import History
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.session import CutMap, Session
from cxr_desktop.ui.viewer.contour_lines import contour_segments
from cxr_desktop.ui.viewer.heat_image import HeatImage, Sign
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.measurement import Measurement, MeasurementKind
from cxr_desktop.ui.viewer.measurement_model import MeasurementModel
from cxr_desktop.ui.viewer.region_statistics import region_statistics
from cxr_desktop.ui.viewer.view_transform import Turn
from cxr_desktop.ui.viewer.viewer_model import ViewerModel
from cxr_desktop.ui.viewer_binding import ViewerBinding

FOLDER = Path(__file__).parent / "canvas"
FONT = "DejaVu Sans"
SIZE = (560, 440)
ROWS, COLUMNS = 300, 360
LABEL = "Lung Opacity"


def phantom() -> Radiograph:
    """Two dark fields in a bright body with a step wedge: no patient, and no noise."""
    y, x = np.mgrid[:ROWS, :COLUMNS].astype(np.float64)
    body = 2600 + 500 * np.sin(x / 60) * np.cos(y / 70)
    for middle in (110, 250):
        body -= 1700 * np.exp(-(((x - middle) / 48) ** 4) - ((y - 140) / 95) ** 4)
    body[270:] = (x[270:] // 30) * 340
    header = InstanceHeader(
        Path("phantom.dcm"),
        patient_name="Phantom^Golden",
        modality="DX",
        view_position="AP",
        rows=ROWS,
        columns=COLUMNS,
    )
    spacing = PixelSpacing(1.2, 1.0, "imager pixel spacing, at the detector: lengths are magnified")
    pixels = body.clip(0, 4095).astype(np.uint16)
    return Radiograph(
        pixels, header, spacing=spacing, sha256="phantom", bits_stored=12, orientation=("L", "F")
    )


class Scene:
    """A canvas of its own over the phantom."""

    def __init__(self) -> None:
        self.session, self.viewer = Session(), ViewerModel()
        self.heatmap, self.reading, self.measurements = HeatmapModel(), ReadingModel("A"), MeasurementModel()
        self.binding = ViewerBinding(self.viewer, self.session, self.heatmap, self.reading, self.measurements)
        self.canvas = self.binding.canvas
        font = QFont(FONT)
        font.setPixelSize(13)
        self.canvas.setFont(font)
        self.canvas.resize(*SIZE)
        self.viewer.set_canvas_size(*SIZE)
        image = LoadedImage.prepare(phantom())
        self.session.set_image(image)
        self.reading.open(COLUMNS, ROWS)
        self.reading.load(History.start("A"))
        self.measurements.open(image.radiograph)
        self.viewer.set_voi(Window(2048, 4096))

    def explain(self) -> None:
        y, x = np.mgrid[:ROWS, :COLUMNS].astype(np.float32)
        values = np.exp(-((x - 110) ** 2 + (y - 150) ** 2) / 2600) - 0.7 * np.exp(
            -((x - 255) ** 2 + (y - 120) ** 2) / 900
        )
        heat = HeatImage.build(
            AttributionMap(values.astype(np.float32), "rap", LABEL, ModelIdentity("m", "1", "0" * 64))
        )
        self.session.set_heat(heat)
        segments = contour_segments(heat.plane, 0.5, heat.step)
        box = (Box(70, 110, 80, 80, LABEL),)
        cut = CutMap(heat, Threshold(), Sign.POSITIVE, 0.5, box, heat.plane >= 0.5, segments)
        self.session.set_cut(cut)

    def measure(self, kind: MeasurementKind, *points: tuple[float, float]) -> None:
        item = Measurement(kind, points)
        self.measurements.place(item)
        if kind in (MeasurementKind.ELLIPSE, MeasurementKind.RECTANGLE):
            self.measurements.set_statistics(item, region_statistics(item, phantom()))

    def picture(self) -> np.ndarray:
        """(height, width, 3) uint8 of the canvas at rest."""
        for timer in self.canvas.findChildren(QTimer):
            timer.stop()
        image = QImage(*SIZE, QImage.Format.Format_RGB888)
        self.canvas.render(image)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : 3 * SIZE[0]].reshape(SIZE[1], SIZE[0], 3).copy()


def window(scene: Scene) -> None:
    scene.viewer.set_voi(Window(1200, 1400))
    scene.viewer.invert()


def heat(scene: Scene) -> None:
    scene.explain()
    scene.heatmap.set_visible(contour=False, boxes=False)


def contour(scene: Scene) -> None:
    scene.explain()
    scene.heatmap.set_visible(heat=False, boxes=False)


def boxes(scene: Scene) -> None:
    scene.explain()
    scene.heatmap.set_visible(heat=False, contour=False)
    scene.session.set_references((Box(60, 90, 90, 110, LABEL, source="NIH"),))
    scene.reading.add(Box(205, 70, 90, 100, LABEL))


def measurements(scene: Scene) -> None:
    scene.measure(MeasurementKind.LENGTH, (40, 30), (160, 60))
    scene.measure(MeasurementKind.ANGLE, (330, 30), (270, 60), (330, 100))
    scene.measure(MeasurementKind.ELLIPSE, (210, 150), (290, 200))


def ratio(scene: Scene) -> None:
    scene.measure(MeasurementKind.CARDIOTHORACIC, (60, 200), (310, 206), (150, 160), (235, 175))


def turned(scene: Scene) -> None:
    boxes(scene)
    scene.heatmap.set_visible(heat=True, contour=True)
    scene.viewer.turn_to(Turn(1, True))


def magnified(scene: Scene) -> None:
    scene.viewer.set_pointer((300.0, 220.0))
    scene.viewer.set_magnifying(True)


SCENES: dict[str, Callable[[Scene], None]] = {
    function.__name__: function
    for function in (window, heat, contour, boxes, measurements, ratio, turned, magnified)
}


def drawn(name: str) -> np.ndarray:
    """The picture of a scene."""
    scene = Scene()
    SCENES[name](scene)
    return scene.picture()


def main() -> None:
    application = QApplication([])
    FOLDER.mkdir(exist_ok=True)
    for name in SCENES:
        picture = np.ascontiguousarray(drawn(name))
        height, width, _ = picture.shape
        path = FOLDER / f"{name}.png"
        QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888).save(str(path))
        print(f"{path}  {path.stat().st_size // 1024} KiB")
    application.processEvents()


if __name__ == "__main__":
    main()
