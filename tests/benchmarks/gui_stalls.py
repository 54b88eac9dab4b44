# ruff: noqa: T201, E402 -- prints what it measures; the clock starts before the imports
"""Pauses of the window's event loop while torch is loaded and maps are computed, and the time to the first window.

Run: QT_QPA_PLATFORM=offscreen python tests/benchmarks/gui_stalls.py [--model NAME|DIR] [--methods a,b]
A timer of 5 ms notes the gap between its ticks; a gap above 5 ms is time in which the window could not answer. In
brackets: the window's own processor time in it; the rest it waited for a core or for the interpreter's lock.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

START = time.perf_counter()
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from cxr_desktop.app import build_parts, build_window
from cxr_desktop.domain import Threshold
from cxr_desktop.domain.localization import ThresholdKind
from cxr_desktop.ui.job_bridge import shorten_switches
from cxr_desktop.ui.local_engine import LocalEngine
from cxr_desktop.ui.parts import Parts
from cxr_desktop.ui.theme import apply_theme

TICK_MS = 5


class Gaps:
    """Gaps between ticks of the event loop, by phase."""

    def __init__(self) -> None:
        self.phases: dict[str, list[tuple[float, float]]] = {}
        self._phase = ""
        self._last, self._used = time.perf_counter(), time.thread_time()
        self._timer = QTimer(interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def begin(self, phase: str) -> None:
        self._phase = phase
        self._last, self._used = time.perf_counter(), time.thread_time()

    def _tick(self) -> None:
        now, used = time.perf_counter(), time.thread_time()
        gap = ((now - self._last) * 1000, (used - self._used) * 1000)
        self.phases.setdefault(self._phase, []).append(gap)
        self._last, self._used = now, used

    def print(self) -> None:
        for phase, gaps in self.phases.items():
            ordered = sorted(gaps, reverse=True)
            worst = " ".join(f"{gap:.0f} ({used:.0f})" for gap, used in ordered[:5])
            late = sum(gap > 50 for gap, _ in gaps)
            seconds = sum(gap for gap, _ in gaps) / 1000
            print(f"{phase:28} {seconds:6.1f} s   longest gaps (ms): {worst}   above 50 ms: {late}")


def wait(condition: Callable[[], bool], seconds: float = 120) -> bool:
    """Run the event loop until the condition holds."""
    loop, timer = QEventLoop(), QTimer(interval=TICK_MS)
    end = time.perf_counter() + seconds
    timer.timeout.connect(lambda: loop.quit() if condition() or time.perf_counter() > end else None)
    timer.start()
    loop.exec()
    return condition()


def drive(parts: Parts, gaps: Gaps, methods: list[str]) -> None:
    gaps.begin("model (imports torch)")
    parts.inference.start()
    if not wait(lambda: parts.inference.ready or bool(parts.inference.problem)) or parts.inference.problem:
        print(f"no model: {parts.inference.problem or 'not loaded in time'}")
        return
    gaps.begin("opening the demo study")
    parts.opening.open_demo()
    wait(lambda: parts.session.image is not None)
    gaps.begin("first scores and map")
    wait(lambda: parts.session.cut is not None)
    for method in methods:
        gaps.begin(f"map: {method}")
        parts.heatmap.set_method(method)
        wait(lambda: parts.session.cut is not None)
    gaps.begin("threshold dragged")
    for step in range(60):
        parts.heatmap.set_threshold(Threshold(ThresholdKind.PERCENTILE, 60 + step / 2))
        loop = QEventLoop()
        QTimer.singleShot(16, loop.quit)
        loop.exec()


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--model", default="")
    arguments.add_argument("--methods", default="gradcam,integrated_gradients,epsilon_plus,rsp")
    chosen = arguments.parse_args()
    application = QApplication([])
    apply_theme(application)
    shorten_switches()
    with tempfile.TemporaryDirectory() as folder:
        parts = build_parts(LocalEngine(model=chosen.model), Path(folder))
        window = build_window(parts)
        window.show()
        application.processEvents()
        print(f"first window after {time.perf_counter() - START:.2f} s of this process")
        gaps = Gaps()
        parts.inference.told.connect(print)
        drive(parts, gaps, chosen.methods.split(","))
        gaps.print()
        window.close()


if __name__ == "__main__":
    main()
