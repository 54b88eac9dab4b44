"""Two groups of readers imported, compared and exported from the window, on the images that both have boxed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from cxr_desktop.localization import read_boxes
from cxr_desktop.ui.agreeing import NO_IMAGE
from cxr_desktop.ui.local_engine import LocalEngine

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "nih"
CONTROL = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def engine(engine):
    """Opens real files."""
    real = LocalEngine()
    engine.find, engine.read = real.find, real.read
    return engine


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the NIH images with boxes are not beside the checkout")
def test_the_six_images_of_two_groups(make_hand, monkeypatch, tmp_path):
    files = [SHARED / "train_boxes.csv", SHARED / "dev_boxes.csv"]
    images = [
        str(SHARED / part / image)
        for part, table in zip(("train", "dev"), files, strict=True)
        for image, boxes in read_boxes(table).items()
        if {box.source for box in boxes} == {"NIH", "RSNA"}
    ]
    hand = make_hand()
    hand.open(*images)
    hand.until(lambda: len(hand.parts.studies.headers) == 6)
    hand.key(Qt.Key.Key_M, CONTROL)
    hand.until(lambda: "readings of no reader" in hand.find("agreementOutcome").text())
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(file) for file in files], ""))
    QTest.mouseClick(hand.find("agreementImport"), Qt.MouseButton.LeftButton)
    hand.until(lambda: hand.parts.agreeing.agreement is not None)
    assert hand.find("agreementLead").text() == "2 readers, 6 images read by two or more of them"
    pairs = hand.find("agreementPairs")
    shown = [pairs.item(1, column).text() for column in range(pairs.columnCount())]
    assert shown[:5] == ["Lung Opacity", "NIH – RSNA", "6", "6 – 10", "–"]
    assert shown[5].startswith("0.49 (0.")
    folder = hand.find("agreementFolder")
    folder.selectAll()
    QTest.keyClicks(folder, str(tmp_path / "out"))
    QTest.mouseClick(hand.find("agreementExport"), Qt.MouseButton.LeftButton)
    hand.until(lambda: "Written to" in hand.find("agreementOutcome").text())
    (opacity,) = [row for row in rows(tmp_path / "out" / "agreement.csv") if row["label"] == "Lung Opacity"]
    assert (opacity["images"], opacity["boxes_a"], opacity["boxes_b"]) == ("6", "6", "10")
    assert len({row["image"] for row in rows(tmp_path / "out" / "consensus.csv")}) == 6
    coco = json.loads((tmp_path / "out" / "consensus.coco.json").read_text(encoding="utf-8"))
    assert {(one["width"], one["height"]) for one in coco["images"]} == {(512, 512), (1024, 1024)}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the NIH images with boxes are not beside the checkout")
def test_readings_of_images_that_are_not_listed_are_told(make_hand, monkeypatch, tmp_path):
    table = tmp_path / "boxes.csv"
    table.write_text("image,label,x,y,width,height\nnothere.png,Mass,1,1,5,5\n")
    hand = make_hand()
    hand.open(str(next((SHARED / "dev").glob("*.png"))))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(table)], ""))
    told = []
    hand.parts.agreeing.told.connect(told.append)
    hand.window.findChild(QAction, "action:import-readings").trigger()
    hand.until(lambda: told == [NO_IMAGE])
