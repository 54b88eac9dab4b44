"""While the window stands, its thread opens no file and asks no database: a slow disk stops no hand."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QFileDialog

from tests.gui.conftest import Hand

DISK = {
    "open", "os.listdir", "os.mkdir", "os.remove", "os.rename", "os.scandir", "os.truncate",
    "socket.connect", "sqlite3.connect", "subprocess.Popen",
}  # fmt: skip


class Watch:
    """What the GUI thread asks of the system while it watches; the program's own code, imported, does not count."""

    def __init__(self) -> None:
        self.watching = False
        self.seen: set[str] = set()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.watching and event in DISK and threading.current_thread() is threading.main_thread():
            frame, through = sys._getframe(1), list[str]()
            while frame.f_back is not None:
                if "importlib" in frame.f_code.co_filename or str(arguments[0]).endswith(".py"):
                    return
                if "cxr_desktop" in frame.f_code.co_filename:
                    through.append(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}")
                frame = frame.f_back
            if through:
                self.seen.add(f"{event} {arguments[0]} in {' < '.join(through[:4])}")


@pytest.fixture(scope="module")
def watch() -> Watch:
    """A hook of the interpreter stays with it to its end, so there is one."""
    made = Watch()
    sys.addaudithook(made)
    return made


@pytest.fixture
def watched(hand: Hand, watch: Watch) -> Iterator[Watch]:
    watch.seen.clear()
    watch.watching = True
    yield watch
    watch.watching = False


def test_no_action_waits_for_a_disk(hand: Hand, watched: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    for ask in ("getOpenFileName", "getOpenFileNames", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, ask, staticmethod(lambda *_args, **_options: ("", "")))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *_args, **_options: ""))
    actions = [a for a in hand.window.findChildren(QAction) if a.objectName().startswith("action:")]
    assert len(actions) > 40
    for action in actions:
        if action.objectName() != "action:quit" and action.isEnabled():
            action.trigger()
            hand.qtbot.wait(30)
            for shown in QApplication.topLevelWidgets():
                if shown is not hand.window and shown.isVisible():
                    shown.close()
    assert sorted(watched.seen) == []


def test_neither_drawing_nor_leafing_waits_for_a_disk(hand: Hand, watched: Watch) -> None:
    hand.key(Qt.Key.Key_D)
    hand.drag(hand.at(50, 50), hand.at(120, 120))
    hand.key(Qt.Key.Key_2)
    hand.open("2.dcm")
    hand.open("1.dcm")
    hand.parts.labelling.read(lambda: hand.parts.labelling.use("nih14"))
    hand.parts.opening.open_demo()
    hand.until(lambda: hand.parts.reading.labels[0] == "Atelectasis")
    hand.window.resize(900, 700)
    hand.qtbot.wait(200)
    assert sorted(watched.seen) == []
