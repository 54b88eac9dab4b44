"""De-identifying a copy in the window: rectangles by mouse, options, the report."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from cxr_desktop.dicom import read_radiograph
from cxr_desktop.resources import resource
from cxr_desktop.ui.deidentifying import Deidentifying
from cxr_desktop.ui.dialogs.deidentify import DeidentifyDialog
from cxr_desktop.ui.job_bridge import JobBridge
from cxr_desktop.ui.viewer.loaded_image import LoadedImage


@pytest.fixture
def dialog(qtbot, tmp_path: Path):
    """The dialog on a real image, its folder not yet there."""
    source = Path(shutil.copy(resource("demo", "study", "two.dcm"), tmp_path / "two.dcm"))
    bridge = JobBridge(1)
    work = Deidentifying(bridge)
    work.folder = tmp_path / "out"
    opened = DeidentifyDialog(work, LoadedImage.prepare(read_radiograph(source)))
    qtbot.addWidget(opened)
    opened.show()
    qtbot.waitExposed(opened)
    yield opened
    assert bridge.close()


def part(dialog: QWidget, name: str) -> QWidget:
    found = dialog.findChild(QWidget, name)
    assert found is not None, name
    return found


def drag(picture: QWidget, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From pixel to pixel of the image."""
    first, last = picture.at(*start), picture.at(*end)
    QTest.mousePress(picture, Qt.MouseButton.LeftButton, pos=first.toPoint())
    move = QMouseEvent(
        QMouseEvent.Type.MouseMove, last, picture.mapToGlobal(last), Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(picture, move)
    QTest.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=QPointF(last).toPoint())


def test_a_rectangle_drawn_by_hand_is_black_in_the_copy(qtbot, dialog, tmp_path: Path) -> None:
    picture = part(dialog, "deidentifyPicture")
    drag(picture, (100, 200), (300, 260))
    (box,) = picture.boxes
    assert (box.x, box.y, box.width, box.height) == pytest.approx((100, 200, 200, 60), abs=3)
    part(dialog, "deidentifyDates").setCurrentIndex(1)
    QTest.mouseClick(part(dialog, "deidentifyPatient"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(part(dialog, "deidentifyStart"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: part(dialog, "deidentifyReport").isVisible(), timeout=30_000)
    said = part(dialog, "deidentifyReport").toPlainText()
    for words in ("What was removed", "Patient's Name", "113101", "113107", "113108", "blanked"):
        assert words in said
    (copy,) = (tmp_path / "out").iterdir()
    assert copy.name in part(dialog, "deidentifyOutcome").text()
    before, after = read_radiograph(tmp_path / "two.dcm").pixels, read_radiograph(copy).pixels
    rows, columns = slice(int(box.y), int(box.bottom)), slice(int(box.x), int(box.right))
    assert (after[rows, columns] == before.min()).all()
    changed = np.argwhere(after != before)
    assert (changed.min(0) >= (box.y, box.x)).all()
    assert (changed.max(0) < (box.bottom, box.right)).all()
    assert pydicom.dcmread(copy).PatientIdentityRemoved == "YES"


def test_suggestions_are_called_so_and_can_be_taken_away(qtbot, dialog) -> None:
    picture = part(dialog, "deidentifyPicture")
    QTest.mouseClick(part(dialog, "deidentifySuggest"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(picture.boxes), timeout=30_000)
    assert "Suggested only" in part(dialog, "deidentifyHow").text()
    count = len(picture.boxes)
    drag(picture, (10, 900), (60, 960))
    assert len(picture.boxes) == count + 1
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=picture.at(30, 930).toPoint())
    QTest.keyClick(picture, Qt.Key.Key_Delete)
    assert len(picture.boxes) == count
    QTest.mouseClick(part(dialog, "deidentifyClear"), Qt.MouseButton.LeftButton)
    assert picture.boxes == ()


def test_a_folder_that_cannot_be_is_said(qtbot, dialog, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    part(dialog, "deidentifyFolder").setText(str(tmp_path / "file" / "below"))
    QTest.mouseClick(part(dialog, "deidentifyStart"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "not a folder" in part(dialog, "deidentifyOutcome").text(), timeout=30_000)
    assert part(dialog, "deidentifyStart").isEnabled()


def test_its_command_opens_it_on_the_image_shown(hand) -> None:
    hand.key(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    dialog = hand.find("deidentifyDialog")
    assert dialog.isVisible()
    dialog.reject()
    hand.until(lambda: hand.window.findChild(QWidget, "deidentifyDialog") is None)
