"""A case pack made, opened, read, handed back and merged in windows, by mouse and keys."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog

from cxr_desktop.app import build_parts, build_window
from cxr_desktop.library import Commit, ReadingStore, StoredEvent
from cxr_desktop.library.packs.opening import open_pack as open_pack_file
from cxr_desktop.library.packs.registering import register
from cxr_desktop.library.packs.returning import hand_back
from cxr_desktop.library.packs.signing import fingerprint, own_signer
from cxr_desktop.ui.local_engine import LocalEngine

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def engine(engine):
    """Opens real files."""
    real = LocalEngine()
    engine.find, engine.read = real.find, real.read
    return engine


@pytest.fixture
def images(tmp_path):
    paths = [tmp_path / "images" / f"{n}.png" for n in range(2)]
    paths[0].parent.mkdir()
    for number, path in enumerate(paths):
        pixels = np.full((300, 400), 60 + 90 * number, np.uint8)
        pixels[100:200, 100:300] = 200
        Image.fromarray(pixels).save(path)
    return paths


def act(hand, name):
    hand.window.findChild(QAction, f"action:{name}").trigger()


def write(field, text):
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, str(text))


def click(hand, name):
    QTest.mouseClick(hand.find(name), Qt.MouseButton.LeftButton)


def make(hand, images, out, *readers):
    hand.open(*map(str, images))
    hand.until(lambda: len(hand.parts.studies.headers) == len(images))
    hand.opened_by("make-pack")
    assert not hand.find("packGo").isEnabled(), "nobody is to read it yet"
    write(hand.find("packReaders"), ", ".join(readers))
    write(hand.find("packTitle"), "Round 1")
    write(hand.find("packFile"), out)
    click(hand, "packClean")
    click(hand, "packGo")
    hand.until(lambda: "Signed with" in hand.find("packOutcome").text())
    said = hand.find("packOutcome").text()
    click(hand, "packClose")
    return said


def open_pack(hand, monkeypatch, path, reader):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    act(hand, "open-pack")
    hand.until(lambda: hand.window.findChild(QDialog, "openPackDialog") is not None)
    menu = hand.find("packReader")
    menu.setFocus()
    while menu.currentText() != reader:
        QTest.keyClick(menu, Qt.Key.Key_Down)
    click(hand, "packGo")
    hand.until(lambda: hand.parts.reading.reader == reader and hand.parts.reading.ready)
    hand.activate(hand.window)
    hand.canvas.setFocus()


def test_a_round_from_window_to_window(make_hand, qtbot, engine, images, tmp_path, monkeypatch):
    home, pack, back = make_hand(), tmp_path / "round.cxrpack", tmp_path / "anna.cxrread"
    assert "2 images written" in make(home, images, pack, "Anna", "Ben")
    away = build_parts(engine, tmp_path / "away", "somebody")
    window = build_window(away)
    window.resize(1400, 900)
    window.show()
    hand = type(home)(qtbot, engine, away, window)
    hand.activate(window)
    open_pack(hand, monkeypatch, pack, "Anna")
    hand.until(lambda: away.session.image is not None and away.reading.ready)
    assert away.session.veiled
    assert away.reading.labels[0] == hand.find("boxLabel").itemText(0)
    for case in range(2):
        hand.key(Qt.Key.Key_D)
        hand.drag(hand.at(100, 100), hand.at(200 + 20 * case, 200))
        hand.key(Qt.Key.Key_Return, CTRL)
        hand.until(lambda: away.reading.kept and away.reading.history.committed)
        if case == 0:
            hand.key(Qt.Key.Key_BracketRight)
            hand.until(lambda: away.reading.ready and not away.reading.history.committed)
    act(hand, "hand-back")
    hand.until(lambda: "2 committed" in hand.find("packState").text())
    write(hand.find("packFile"), back)
    click(hand, "packGo")
    hand.until(lambda: "Written to" in hand.find("packOutcome").text())
    window.close()
    window.deleteLater()
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(back)], ""))
    for new in ("4 of 4 events are new", "all of it was here already"):
        act(home, "merge-readings")
        home.until(lambda new=new: new in home.find("packOutcome").text())
        click(home, "packClose")
    home.window.close()
    with closing(ReadingStore(tmp_path / "data")) as store:
        for path in images:
            history = store.history(hashlib.sha256(path.read_bytes()).hexdigest(), "Anna")
            assert history.present.first is not None
            assert history.present.first.blinded
            assert len(history.present.boxes) == 1


def test_a_changed_pack_is_refused_in_words(make_hand, images, tmp_path, monkeypatch):
    hand, pack = make_hand(), tmp_path / "round.cxrpack"
    make(hand, images, pack, "Anna")
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    pack.write_bytes(content)
    told = []
    hand.parts.packing.told.connect(told.append)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(pack), ""))
    act(hand, "open-pack")
    hand.until(lambda: bool(told))
    assert "was changed after it was signed" in told[0]
    assert Path(tmp_path / "data" / "packs").exists() is False


def test_a_pack_among_opened_files_is_opened_as_a_pack(make_hand, images, tmp_path):
    hand, pack = make_hand(), tmp_path / "round.cxrpack"
    make(hand, images, pack, "Anna")
    listed = len(hand.parts.studies.headers)
    hand.parts.opening.open_paths([pack])
    hand.until(lambda: hand.window.findChild(QDialog, "openPackDialog") is not None)
    assert "Round 1" in hand.find("pack:Pack").text()
    assert len(hand.parts.studies.headers) == listed
    broken = tmp_path / "x.cxrread"
    broken.write_bytes(b"nothing")
    hand.parts.opening.open_paths([broken])
    hand.until(lambda: "is no signed file" in hand.find("mergeDialog").outcome.text())


def test_a_reader_with_another_key_is_merged_once_the_key_is_vouched_for(make_hand, images, tmp_path):
    home, pack = make_hand(), tmp_path / "round.cxrpack"
    make(home, images, pack, "Anna")
    for machine in ("first", "second"):
        data = tmp_path / machine
        opened = open_pack_file(pack, data)
        with closing(ReadingStore(data)) as store:
            kept = register(store, opened, "Anna")
            store.append(StoredEvent(opened.manifest.images[0].sha256, "Anna", Commit()))
            hand_back(store, kept, tmp_path / f"{machine}.cxrread", own_signer(data), unfinished=True)
    home.parts.opening.open_paths([tmp_path / "first.cxrread"])
    home.until(lambda: "1 of 1 events are new" in home.find("packOutcome").text())
    click(home, "packClose")
    home.parts.opening.open_paths([tmp_path / "second.cxrread"])
    home.until(lambda: "signed with the key" in home.find("packOutcome").text())
    write(home.find("packKey"), fingerprint(own_signer(tmp_path / "second").public))
    click(home, "packGo")
    home.until(lambda: "1 of 1 events are new" in home.find("packOutcome").text())


def test_the_first_case_of_a_pack_is_shown_beside_what_is_open(make_hand, images, tmp_path, monkeypatch):
    hand, pack = make_hand(), tmp_path / "round.cxrpack"
    make(hand, images, pack, "Anna")
    open_pack(hand, monkeypatch, pack, "Anna")
    hand.until(
        lambda: hand.parts.session.image.radiograph.header.path.is_relative_to(tmp_path / "data" / "packs")
    )
