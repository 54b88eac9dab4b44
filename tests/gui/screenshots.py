# ruff: noqa: T201 -- tells what it wrote
"""The README's pictures: the window on the demo study, methods side by side, the help page.

Run: xvfb-run -s "-screen 0 1920x1200x24" python tests/gui/screenshots.py FOLDER [--model NAME|DIR]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PIL import Image
from PySide6.QtCore import QEventLoop, QItemSelectionModel, QObject, QTimer
from PySide6.QtWidgets import QApplication, QListWidget, QWidget

from cxr_desktop.app import build_parts, build_window
from cxr_desktop.domain import Box
from cxr_desktop.domain.palette import NETWORK, READER, REFERENCE
from cxr_desktop.ui.dialogs.units import UnitsDialog
from cxr_desktop.ui.local_engine import LocalEngine
from cxr_desktop.ui.main_window import MainWindow
from cxr_desktop.ui.panels.study_list import StudyList
from cxr_desktop.ui.parts import Parts
from cxr_desktop.ui.theme import apply_theme

SIZE = (1600, 1000)
CASE = "two.dcm"
COLOURS = 256
MARKS = (NETWORK.colour, READER.colour, REFERENCE.colour, (226, 184, 92), (226, 115, 79), (31, 58, 73))
SHOWN = (
    "rap",
    "gradcam",
    "integrated_gradients",
    "epsilon_plus",
    "rsp",
    "layercam",
    "smoothgrad",
    "occlusion",
)


def wait(condition: Callable[[], bool], seconds: float = 180) -> None:
    """Run the event loop until the condition holds; raises TimeoutError."""
    loop, ticks, end = (
        QEventLoop(),
        QTimer(interval=20),
        QTimer(singleShot=True, interval=int(1000 * seconds)),
    )
    ticks.timeout.connect(lambda: loop.quit() if condition() else None)
    end.timeout.connect(loop.quit)
    ticks.start()
    end.start()
    loop.exec()
    if not condition():
        raise TimeoutError("the window did not get so far")


def settle() -> None:
    loop = QEventLoop()
    QTimer.singleShot(600, loop.quit)
    loop.exec()


def save(widget: QWidget, path: Path) -> None:
    """As PNG of few colours, small enough for a README."""
    settle()
    widget.grab().save(str(path))
    with Image.open(path) as picture:
        full = picture.convert("RGB")
    few = full.quantize(COLOURS - len(MARKS), method=Image.Quantize.MEDIANCUT)
    palette = Image.new("P", (1, 1))
    palette.putpalette(
        [*few.getpalette()[: 3 * (COLOURS - len(MARKS))], *(c for mark in MARKS for c in mark)]
    )
    full.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
    print(f"{path}  {path.stat().st_size // 1024} KiB")


def open_case(parts: Parts, studies: StudyList) -> None:
    """The image of the demo study named above."""
    parts.inference.start()
    wait(lambda: parts.inference.ready or bool(parts.inference.problem))
    if parts.inference.problem:
        raise SystemExit(f"no model: {parts.inference.problem}")
    parts.opening.open_demo()
    wait(lambda: parts.session.image is not None and parts.reading.ready)
    path = next(header.path for header in parts.studies.headers if header.path.name == CASE)
    studies.select(path)
    wait(lambda: parts.session.image.radiograph.header.path == path and parts.reading.ready)
    wait(lambda: parts.session.prediction is not None)
    parts.session.reveal_scores()
    wait(lambda: parts.session.cut is not None or parts.heatmap.problem != "")
    if parts.heatmap.problem:
        raise SystemExit(parts.heatmap.problem)


def picture_window(window: MainWindow, parts: Parts, folder: Path) -> None:
    if parts.session.references:
        reference = parts.session.references[0]
        width, height = reference.width, reference.height
        drawn = Box(
            reference.x + 0.12 * width, reference.y - 0.1 * height, width, 1.05 * height, parts.labels[0]
        )
        parts.reading.add(drawn)
    save(window, folder / "window.png")


def picture_methods(window: MainWindow, parts: Parts, folder: Path) -> None:
    parts.heatmap.offer_methods(tuple(m for name in SHOWN for m in parts.heatmap.methods if m.name == name))
    parts.inference.request_all()
    keys = [parts.inference.key(method.name) for method in parts.heatmap.methods]
    wait(lambda: all(key and parts.inference.cache.get(key) for key in keys), 300)
    window.findChild(QWidget, "compareMethods").click()
    dialog = window.findChild(QWidget, "methodsDialog")
    save(dialog, folder / "methods.png")
    dialog.reject()


def picture_units(window: MainWindow, folder: Path) -> None:
    window.findChild(QObject, "action:units").trigger()
    dialog = window.findChild(UnitsDialog)
    tiles = dialog.findChild(QListWidget, "unitTiles")
    wait(lambda: tiles.count() > 0 and dialog.findChild(QWidget, "unitsShow").isEnabled())
    tiles.setCurrentRow(2, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    wait(lambda: dialog.findChild(QWidget, "unitsShow").isEnabled())
    save(dialog, folder / "units.png")
    dialog.reject()


def picture_trust(window: MainWindow, parts: Parts, folder: Path) -> None:
    parts.heatmap.set_method("rap")
    wait(lambda: parts.session.cut is not None)
    window.findChild(QObject, "action:trust").trigger()
    dialog = window.findChild(QWidget, "trustDialog")
    parts.trusting.measure()
    wait(lambda: parts.trusting.complete and parts.trusting.agreement is not None, 300)
    save(dialog, folder / "trust.png")
    dialog.reject()


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--model", default="")
    chosen = arguments.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    apply_theme(application)
    with tempfile.TemporaryDirectory() as data:
        parts = build_parts(LocalEngine(model=chosen.model), Path(data), "Reader A")
        window = build_window(parts)
        window.resize(*SIZE)
        window.show()
        open_case(parts, window.findChild(StudyList))
        picture_window(window, parts, chosen.folder)
        picture_methods(window, parts, chosen.folder)
        picture_units(window, chosen.folder)
        picture_trust(window, parts, chosen.folder)
        window.close()


if __name__ == "__main__":
    main()
