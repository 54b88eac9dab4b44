"""A window killed at the moment of the reveal: what was seen, and what is on disk, agree."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from cxr_desktop.domain import ReadingState
from cxr_desktop.library import ReadingStore

HERE = Path(__file__).resolve().parent

# Draws a box, commits if asked to, and tells what a person at the screen would see.
READING = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], str(Path(sys.argv[1]).parents[1])]
from conftest import FakeEngine
from PySide6.QtWidgets import QApplication
from cxr_desktop.app import build_parts, build_window
from cxr_desktop.domain import Box
application = QApplication([])
parts = build_parts(FakeEngine(), Path(sys.argv[2]), "A", blinded=True)
window = build_window(parts)
window.show()
parts.inference.start()
parts.opening.open_paths([Path("1.dcm")])
while not (parts.first.at_hand and parts.session._prediction is not None):
    application.processEvents()
parts.reading.add(Box(10, 10, 50, 50, "Mass"))
parts.session.prediction_changed.connect(
    lambda: print("revealed", flush=True) if parts.session.prediction is not None else None
)
if sys.argv[3] == "commit":
    parts.first.commit()
else:
    parts.saved.ask(lambda store: print("drawn", flush=True))
application.exec()
"""


@pytest.mark.parametrize(("wish", "told"), [("commit", "revealed"), ("draw", "drawn")])
def test_a_killed_window_never_showed_more_than_was_committed(tmp_path, wish, told):
    process = subprocess.Popen(
        [sys.executable, "-c", READING, str(HERE), str(tmp_path), wish],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert process.stdout is not None
    first = process.stdout.readline().strip()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert first == told
    with closing(ReadingStore(tmp_path)) as store:
        history = store.history("sha of 1.dcm", "A")
    assert [box.label for box in history.present.boxes] == ["Mass"]
    if wish == "commit":
        assert history.state is ReadingState.COMMITTED
        assert history.present.first.blinded
    else:
        assert history.state is ReadingState.DRAFT
        assert not history.revealed
