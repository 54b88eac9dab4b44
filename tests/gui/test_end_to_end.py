"""From the demo study to a report on disk, with the bundled model and the engine itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cxr_desktop.app import build_parts, build_window
from cxr_desktop.classifiers import available_models
from cxr_desktop.ui.local_engine import LocalEngine

PATIENCE_MS = 120_000


@pytest.mark.slow
@pytest.mark.skipif(not available_models(), reason="no model package is installed")
def test_the_demo_study_is_classified_explained_compared_and_exported(qtbot, tmp_path: Path):
    parts = build_parts(LocalEngine(), tmp_path / "data", "reader A")
    window = build_window(parts)
    window.show()
    try:
        parts.inference.start()
        parts.exporting.list_formats()
        parts.opening.open_demo()
        qtbot.waitUntil(
            lambda: parts.session.cut is not None or parts.heatmap.problem != "", timeout=PATIENCE_MS
        )
        assert parts.heatmap.problem == ""
        assert parts.session.heat.source.method == parts.heatmap.method == "rap"
        label = parts.session.prediction.top
        assert window.findChild(QWidget, f"score:{label}").isVisible()

        for header in parts.studies.headers:
            parts.opening.open_image(header)
            qtbot.waitUntil(
                lambda path=header.path: parts.session.image.radiograph.header.path == path,
                timeout=PATIENCE_MS,
            )
            if parts.session.references:
                break
        qtbot.waitUntil(lambda: parts.session.cut is not None and parts.reading.ready, timeout=PATIENCE_MS)
        parts.reading.add(parts.session.references[0])
        table = window.findChild(QWidget, "overlaps")
        cells = ([table.item(row, column).text() for column in range(3)] for row in range(table.rowCount()))
        rows = {(first, second): iou for first, second, iou in cells}
        assert rows["Reader 1", "NIH 1"] == "1.00"

        parts.exporting.choice = type(parts.exporting.choice)(("json",), tmp_path / "out")
        with qtbot.waitSignal(parts.exporting.done, timeout=PATIENCE_MS) as written:
            parts.exporting.start(parts.exporting.choice)
        document = next(path for path in written.args[0] if path.suffix == ".json")
        assert label in json.loads(document.read_text(encoding="utf-8"))["scores"]
    finally:
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window.close()
