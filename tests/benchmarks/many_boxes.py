# ruff: noqa: T201, E402 -- prints what it measured; imports what lies beside it
"""Frames with thousands of boxes: under the mouse, while one is dragged, while the image is moved.

Run: xvfb-run -a python tests/benchmarks/many_boxes.py [COUNT]
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent / "gui")]

import numpy as np
from conftest import FakeEngine
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from cxr_desktop.app import build_parts, build_window
from cxr_desktop.domain import Box, Reading
from cxr_desktop.library import History
from cxr_desktop.ui.theme import apply_theme

FRAMES = 60


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    application = QApplication([])
    apply_theme(application)
    with tempfile.TemporaryDirectory() as folder:
        parts = build_parts(FakeEngine(), Path(folder), "reader A")
        window = build_window(parts)
        window.resize(1600, 1000)
        window.show()
        parts.opening.open_paths([Path("1.dcm")])
        while not (parts.session.image and parts.reading.ready):
            application.processEvents()
        dice = random.Random(3)
        boxes = tuple(
            Box(dice.uniform(0, 470), dice.uniform(0, 370), dice.uniform(4, 30), dice.uniform(4, 30), "Mass")
            for _ in range(count)
        )
        parts.session.set_references(tuple(box.moved(3, 3) for box in boxes[:5]))
        parts.reading.load(History((Reading("reader A", boxes),)))
        canvas = window.findChild(QWidget, "canvas")
        application.processEvents()
        print(f"{count} boxes, {canvas.width()} x {canvas.height()} canvas")

        def mouse(kind: QMouseEvent.Type, x: float, y: float, down: bool) -> None:
            place = QPointF(x, y)
            button = (
                Qt.MouseButton.LeftButton if kind != QMouseEvent.Type.MouseMove else Qt.MouseButton.NoButton
            )
            held = Qt.MouseButton.LeftButton if down else Qt.MouseButton.NoButton
            none = Qt.KeyboardModifier.NoModifier
            event = QMouseEvent(kind, place, canvas.mapToGlobal(place), button, held, none)
            QApplication.sendEvent(canvas, event)

        def told(name: str, step: Callable[[int], None]) -> None:
            taken = []
            for number in range(FRAMES):
                start = time.perf_counter()
                step(number)
                application.processEvents()
                taken.append(1000 * (time.perf_counter() - start))
            print(f"{name:28} median {np.median(taken):6.1f} ms   worst {max(taken):6.1f} ms")

        told("mouse over the image", lambda n: mouse(QMouseEvent.Type.MouseMove, 200 + 3 * n, 300, False))
        x, y = parts.viewer.view.to_view(*boxes[7].centre)
        ratio = canvas.devicePixelRatioF()
        x, y = x / ratio, y / ratio
        parts.reading.select(7)
        mouse(QMouseEvent.Type.MouseButtonPress, x, y, True)
        told("a box dragged", lambda n: mouse(QMouseEvent.Type.MouseMove, x + n, y + n / 2, True))
        mouse(QMouseEvent.Type.MouseButtonRelease, x + 60, y + 30, False)
        told("the image moved", lambda n: parts.viewer.pan(1, 1))
        told("a box selected", lambda n: parts.reading.select(n))
        window.close()


if __name__ == "__main__":
    main()
