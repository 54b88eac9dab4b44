"""A window over a light engine, driven as a hand would."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from cxr_desktop.app import build_parts, build_window
from cxr_desktop.dicom.tags import TagNode
from cxr_desktop.domain import (
    Agreement,
    AttributionMap,
    Box,
    InputConcern,
    InstanceHeader,
    MapTrust,
    OperatingPoint,
    Overlay,
    Prediction,
    Radiograph,
    Severity,
    Threshold,
)
from cxr_desktop.domain.errors import AttributionError, DicomReadError, IndexFileError
from cxr_desktop.domain.prediction import ModelIdentity
from cxr_desktop.domain.presentation import PresentationState
from cxr_desktop.domain.reasons import (
    LookRule,
    MethodFigures,
    ProtocolResults,
    ReasonCase,
    StudyResults,
    UnitFigures,
)
from cxr_desktop.domain.trust import Randomisation, ThresholdSweep
from cxr_desktop.domain.units import LayerUnits, NetworkUnits
from cxr_desktop.localization import IouCurve, iou_curve
from cxr_desktop.ui.engine import (
    Cut,
    EvaluationRequest,
    ExportRequest,
    FormatChoice,
    LungField,
    MethodChoice,
    ModelChoice,
    RefusedFile,
)
from cxr_desktop.ui.main_window import MainWindow
from cxr_desktop.ui.parts import Parts
from cxr_desktop.ui.theme import apply_theme

LABEL = "Lung Opacity"
IDENTITY = ModelIdentity("fake", "1.0", "f" * 64, "Fake model")
ROWS, COLUMNS = 400, 500
NETWORK_BOX = Box(100, 80, 120, 100)
FRAMES = 6
PATIENCE_MS = 30_000
"""How long a test waits for what should come at once, on a machine that may be busy."""
PLANE = Overlay(np.ones((40, 60), bool), row=200, column=300, label="Marked by the technician")


def _study_case(
    name: str, method: str, truth: bool, score: float, iou: float | None = None, hit: bool | None = None
) -> ReasonCase:
    shares = {
        "right lung": 0.5,
        "left lung": 0.2,
        "text and markers": 0.1,
        "outside the body": 0.1,
        "heart and mediastinum": 0.0,
        "border": 0.1,
    }
    return ReasonCase(name, method, LABEL, truth, score, 0.5, iou, hit, shares, {}, True)


FIGURES = (
    MethodFigures("gradcam", "all", 4, (0.3, 0.2, 0.4), (0.5, 0.3, 0.7)),
    MethodFigures("rap", "all", 4, (0.4, 0.3, 0.5), (0.6, 0.4, 0.8)),
    MethodFigures("location-prior", "all", 4, (0.35, 0.3, 0.4), (0.5, 0.4, 0.6)),
)
STUDY = StudyResults(
    Path("results"),
    "Fake model 1.0",
    FIGURES,
    tuple(
        _study_case(f"{number}.dcm", method, *facts)  # type: ignore[arg-type]
        for number, facts in enumerate(
            (
                (True, 0.9, 0.8, True),
                (True, 0.8, 0.05, False),
                (True, 0.7, 0.15, True),
                (True, 0.2, 0.6, True),
                (True, 0.1, 0.0, False),
                (False, 0.95),
                (False, 0.3),
            ),
            start=1,
        )
        for method in ("gradcam", "rap")
    ),
    LookRule(0.25),
    {f"{number}.dcm": Path("images") / f"{number}.dcm" for number in range(1, 8)},
    Path("boxes.csv"),
    (
        ProtocolResults("own", False, FIGURES),
        ProtocolResults(
            "best",
            True,
            (
                MethodFigures("rap", "all", 4, (0.7, 0.6, 0.8), (0.6, 0.4, 0.8)),
                MethodFigures("gradcam", "all", 4, (0.75, 0.6, 0.8), (0.6, 0.4, 0.8)),
            ),
            {
                (f"{number}.dcm", method, LABEL): (iou, True)
                for number, iou in enumerate((0.9, 0.1, 0.3, 0.7), start=1)
                for method in ("gradcam", "rap")
            },
        ),
    ),
    (
        UnitFigures(LABEL, "conv1", 2, 0.042, 0.01, (0.032, 0.01, 0.05), 3, 5),
        UnitFigures(LABEL, "layer4", 4, 0.02, 0.019, (0.001, -0.01, 0.02), 3, 5),
        UnitFigures("Another label", "layer4", 1, 0.02, 0.01, (0.01, 0.0, 0.02), 3, 5),
    ),
)
"""Seven images: right there 1, right elsewhere 2 and 3, wrong there 4, wrong elsewhere 5, false positive 6."""


class FakeEngine:
    """Answers at once, from invented files: 'refused…' is no image, 'broken…' cannot be read.

    '<n>.dcm' is an image, '<n>-<date>.dcm' one of the same patient on another day, 'cine<n>.dcm' has
    FRAMES frames, of which 'cine9.dcm' loses the fourth; 'drawn….dcm' carries a DICOM overlay.

    hold: cleared, keeps `explain` at work until it is cancelled or set; hold_scores: `predict`, until set.
    """

    def __init__(self) -> None:
        self.hold = Event()
        self.hold.set()
        self.hold_scores = Event()
        self.hold_scores.set()
        self.explaining = Event()
        self.explained: list[str] = []
        self.trusted: list[tuple[str, tuple[Box, ...]]] = []
        self.traced: list[str] = []
        self.through: list[tuple[str, str, tuple[int, ...]]] = []
        self.exported: list[ExportRequest] = []
        self.evaluated: list[EvaluationRequest] = []
        self.no_lungs = ""
        self.states: list[PresentationState] = []
        self.concerns: tuple[InputConcern, ...] = ()

    def find(
        self, paths: Sequence[Path], progress: Any, unpack: Path
    ) -> Iterator[InstanceHeader | RefusedFile]:
        for number, path in enumerate(paths):
            progress(number / len(paths))
            if path.name.startswith("refused"):
                yield RefusedFile(path, "this is no image. Choose a radiograph.")
            else:
                yield self._header(path)
        yield from self.states

    def read(self, path: Path, frame: int = 0) -> Radiograph:
        if path.name.startswith("broken") or (path.name == "cine9.dcm" and frame == 3):
            raise DicomReadError(f"{path}: the pixel data end too early. Copy the file again.")
        rows = np.arange(ROWS, dtype=np.uint16)[:, None]
        pixels = rows * 10 + np.arange(COLUMNS, dtype=np.uint16)[None, :] + np.uint16(100 * frame)
        return Radiograph(
            pixels,
            self._header(path),
            sha256=f"sha of {path.name}",
            bits_stored=12,
            frame=frame,
            frame_rate=25.0 if path.name == "cine1.dcm" else 0.0,
            overlays=(PLANE,) if path.name.startswith("drawn") else (),
        )

    def lung_field(self, radiograph: Radiograph) -> LungField:
        mask = np.zeros(radiograph.pixels.shape, bool)
        mask[100:300, 50:200] = not self.no_lungs
        return LungField(mask, self.no_lungs)

    def tags(self, path: Path, check: Any) -> tuple[TagNode, ...]:
        check()
        item = TagNode("Item 1", "", children=(TagNode("(0008,0100)", "Code Value", "SH", "R-10206"),))
        return (
            TagNode("(0010,0010)", "Patient's Name", "PN", "Doe^Jane"),
            TagNode("(0054,0220)", "View Code Sequence", "SQ", "1 item", (item,)),
            TagNode("(0009,1001)", "Private tag data", "LO", "secret " * 30),
        )

    def demo(self) -> Path:
        return Path("demo")

    def boxes(self, path: Path) -> Mapping[str, tuple[Box, ...]]:
        return {"1.dcm": (Box(110, 90, 100, 100, LABEL, source="NIH"),)}

    def models(self) -> tuple[ModelChoice, ...]:
        return (ModelChoice("fake", "Fake model", "1.0", (LABEL,)),)

    def methods(self) -> tuple[MethodChoice, ...]:
        return MethodChoice("rap", "RAP", "propagation"), MethodChoice("gradcam", "Grad-CAM", "cam")

    def warm_up(self) -> None:
        """Nothing to load."""

    def load_model(self, name: str) -> Any:
        return name

    def predict(self, model: Any, radiograph: Radiograph) -> Prediction:
        self.hold_scores.wait(10)
        points = (OperatingPoint(LABEL, "balanced", 0.5),)
        return Prediction(IDENTITY, {LABEL: 0.8}, {}, points, self.concerns)

    def explain(
        self, model: Any, radiograph: Radiograph, method: str, label: str, progress: Any
    ) -> AttributionMap:
        self.explaining.set()
        while not self.hold.wait(0.005):
            progress(0.5)
        self.explained.append(method)
        values = np.zeros((radiograph.rows, radiograph.columns), np.float32)
        values[80:180, 100:220] = 1.0
        values[300:340, 400:440] = -1.0
        return AttributionMap(values, method, label, IDENTITY, {"through": None})

    def units(
        self, model: Any, radiograph: Radiograph, method: str, label: str, progress: Any
    ) -> NetworkUnits:
        self.traced.append(method)
        while not self.hold.wait(0.005):
            progress(0.5)
        if method == "broken":
            raise AttributionError("broken has no rule for cumsum; saliency works")
        layers = (
            LayerUnits("conv1", np.array([3.0, -1.0, 0.0]), 40, 50),
            LayerUnits("conv2", np.array([1.0, 4.0, -2.0, 1.0]), 8, 10),
            LayerUnits("fc", np.array([2.0]), 1, 1),
        )
        return NetworkUnits(layers, "conv2", method, label, IDENTITY)

    def unit_activations(
        self, model: Any, radiograph: Radiograph, layer: str, channels: Sequence[int]
    ) -> tuple[np.ndarray, ...]:
        return tuple(np.full((radiograph.rows, radiograph.columns), c + 1, np.float32) for c in channels)

    def unit_map(
        self,
        model: Any,
        radiograph: Radiograph,
        method: str,
        label: str,
        layer: str,
        channels: Sequence[int],
        progress: Any,
    ) -> AttributionMap:
        while not self.hold.wait(0.005):
            progress(0.5)
        self.through.append((method, layer, tuple(channels)))
        values = np.zeros((radiograph.rows, radiograph.columns), np.float32)
        values[80:180, 100:220] = 1.0
        return AttributionMap(values, method, label, IDENTITY, {"through": (layer, tuple(channels))})

    def cut(self, values: np.ndarray, threshold: Threshold, sign: str) -> Cut:
        evidence = np.maximum(-values if sign == "negative" else values, 0)
        boxes = (Box(400, 300, 40, 40),) if sign == "negative" else (NETWORK_BOX,)
        return Cut(0.5, boxes, evidence)

    def iou_curve(self, values: np.ndarray, boxes: Sequence[Box]) -> IouCurve:
        return iou_curve(values, boxes)

    def trust(
        self,
        model: Any,
        radiograph: Radiograph,
        found: AttributionMap,
        threshold: Threshold,
        boxes: Sequence[Box],
        progress: Any,
    ) -> Iterator[MapTrust]:
        sweep = ThresholdSweep((90.0, 95.0, 99.0), (0.2, 0.6, 0.1)) if boxes else None
        yield MapTrust(found.method, found.target, 0.002, sweep=sweep)
        while not self.hold.wait(0.005):
            progress(0.5)
        self.trusted.append((found.method, tuple(boxes)))
        random = Randomisation(("fc", "conv1"), (0.4, 0.1), (0.5, 0.2))
        yield MapTrust(found.method, found.target, 0.002, random, sweep=sweep)

    def agreement(self, maps: Sequence[AttributionMap]) -> Agreement:
        alike = ((1.0, 0.42), (0.42, 1.0))
        return Agreement(tuple(found.method for found in maps), alike, alike)

    def evaluate(self, request: EvaluationRequest, progress: Any) -> Path:
        self.evaluated.append(request)
        progress(0.4)
        while not self.hold.wait(0.005):
            progress(0.5)
        return request.out

    def study_results(self, folder: Path) -> StudyResults:
        if folder.name == "empty":
            raise IndexFileError(f"{folder} holds no results. Choose another folder.")
        return STUDY

    def formats(self) -> tuple[FormatChoice, ...]:
        return FormatChoice("pdf", "PDF report"), FormatChoice("json", "JSON")

    def export(self, request: ExportRequest, progress: Any) -> tuple[Path, ...]:
        progress(0.5)
        self.exported.append(request)
        return tuple(request.folder / f"1.{name}" for name in request.formats)

    def _header(self, path: Path) -> InstanceHeader:
        return InstanceHeader(
            path,
            sop_instance_uid=f"uid of {path.name}",
            study_uid=f"study of {path.name}",
            patient_name=f"Doe^Jane {path.stem}",
            patient_id=f"P{path.stem.partition('-')[0]}",
            study_date=path.stem.partition("-")[2] or "20240131",
            modality="DX",
            view_position="PA",
            rows=ROWS,
            columns=COLUMNS,
            frames=FRAMES if path.name.startswith("cine") else 1,
        )


REFUSAL = InputConcern("lateral", "This is a lateral view. Choose a PA or AP image.", Severity.REFUSE)


class Hand:
    """The window under test with a mouse that drags in stored pixels."""

    def __init__(self, qtbot: Any, engine: FakeEngine, parts: Parts, window: MainWindow) -> None:
        self.qtbot, self.engine, self.parts, self.window = qtbot, engine, parts, window
        self.canvas = self.find("canvas")

    def find(self, name: str) -> Any:
        found = self.window.findChild(QWidget, name) or _dialog_child(name)
        assert found is not None, f"no widget named {name}"
        return found

    def start(self) -> None:
        """List and load the model."""
        with self.qtbot.waitSignal(
            self.parts.inference.model_changed, timeout=PATIENCE_MS, check_params_cb=None
        ):
            self.parts.inference.start()
        self.parts.exporting.list_formats()
        self.until(lambda: self.parts.inference.ready)

    def open(self, *names: str) -> None:
        """Open invented files and wait until the first is on the canvas and can be drawn on."""
        self.parts.opening.open_paths([Path(name) for name in names])
        self.until(lambda: self.parts.session.image is not None and self.parts.reading.ready)

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def opened_by(self, action: str) -> QWidget:
        """The window that an action opens, which may have to be read for first."""

        def shown() -> set[QWidget]:
            return {w for w in QApplication.topLevelWidgets() if w.isVisible() and w.isWindow()}

        before = shown()
        self.window.findChild(QAction, f"action:{action}").trigger()
        self.until(lambda: bool(shown() - before))
        (opened,) = shown() - before
        return opened

    def activate(self, window: QWidget) -> None:
        """Give a window the keyboard: asked again until it has it, as an X server refuses while it is not mapped."""

        def active() -> bool:
            window.activateWindow()
            return window.isActiveWindow()

        self.until(active)

    def at(self, x: float, y: float) -> QPoint:
        """Logical position on the canvas of a stored pixel's corner."""
        device_x, device_y = self.parts.viewer.view.to_view(x, y)
        ratio = self.canvas.devicePixelRatioF()
        return QPoint(round(device_x / ratio), round(device_y / ratio))

    def stored(self, at: QPoint) -> tuple[float, float]:
        """Stored pixel under a logical position, the inverse of `at`."""
        ratio = self.canvas.devicePixelRatioF()
        return self.parts.viewer.view.to_image(at.x() * ratio, at.y() * ratio)

    def press(self, at: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        QTest.mousePress(self.canvas, button, Qt.KeyboardModifier.NoModifier, at)

    def move(self, at: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        """A move with the button down, which QTest cannot send."""
        place = QPointF(at)
        event = QMouseEvent(
            QMouseEvent.Type.MouseMove, place, self.canvas.mapToGlobal(place), Qt.MouseButton.NoButton, button,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(self.canvas, event)

    def release(self, at: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        QTest.mouseRelease(self.canvas, button, Qt.KeyboardModifier.NoModifier, at)

    def drag(self, start: QPoint, end: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        self.press(start, button)
        self.move(start + (end - start) / 2, button)
        self.move(end, button)
        self.release(end, button)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.canvas, key, modifier)

    @property
    def boxes(self) -> tuple[Box, ...]:
        return self.parts.reading.shown.boxes


def _dialog_child(name: str) -> QWidget | None:
    for widget in QApplication.topLevelWidgets():
        if widget.objectName() == name:
            return widget
        found = widget.findChild(QWidget, name)
        if found is not None:
            return found
    return None


@pytest.fixture(scope="session", autouse=True)
def _theme(qapp: QApplication) -> None:
    apply_theme(qapp)


@pytest.fixture(autouse=True)
def _nothing_left_behind(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails a test that logged an error or left a thread of the program alive."""
    before = set(threading.enumerate())
    yield
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert not errors, f"logged: {errors}"
    left = [t.name for t in threading.enumerate() if t not in before and t.name.startswith("cxr-")]
    assert not left, f"threads left alive: {left}"


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def make_hand(qtbot: Any, engine: FakeEngine, tmp_path: Path) -> Iterator[Callable[..., Hand]]:
    """Opens windows on one data folder, so that a test can close one and start again."""
    made: list[Hand] = []

    def make(**options: Any) -> Hand:
        parts = build_parts(engine, tmp_path / "data", "reader A", **options)
        window = build_window(parts)
        window.resize(1400, 900)
        window.show()
        hand = Hand(qtbot, engine, parts, window)
        hand.activate(window)
        made.append(hand)
        return hand

    yield make
    engine.hold.set()
    engine.hold_scores.set()
    for hand in made:
        if hand.window.isVisible():
            hand.window.close()
        hand.window.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def hand(make_hand: Callable[[], Hand]) -> Hand:
    """A window with the model loaded and '1.dcm' on the canvas."""
    made = make_hand()
    made.start()
    made.open("1.dcm")
    made.until(lambda: made.parts.session.cut is not None)
    return made


@pytest.fixture
def refusal() -> InputConcern:
    return REFUSAL


@pytest.fixture(
    params=(
        "export", "reader", "agreement", "label-sets", "shortcuts", "nodes", "find-studies", "send", "worklist",
        "deidentify", "readers", "tags", "make-pack", "trust", "units", "compare", "keys", "about", "model-card",
    )
)  # fmt: skip
def dialog_action(request: pytest.FixtureRequest) -> str:
    """Each action that opens a dialog."""
    return str(request.param)
