"""The window's texts in another language, and what does not fit into a narrow window."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, Qt, QTranslator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from cxr_desktop.ui.actions import ACTIONS, GESTURES, MENUS
from cxr_desktop.ui.dialogs.keys import keys_page
from cxr_desktop.ui.dialogs.palette import found
from cxr_desktop.ui.translation import CONTEXT, install_translation, tr

SCRIPT = Path(__file__).parents[2] / "packaging" / "translation" / "catalogue.py"


class Bracketed(QTranslator):
    """A language that puts every text in brackets."""

    def translate(self, context, text, disambiguation=None, n=-1):
        return f"⟦{text}⟧" if context == CONTEXT else ""


@pytest.fixture
def bracketed(qapp):
    translator = Bracketed()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


@pytest.fixture
def catalogue():
    spec = importlib.util.spec_from_file_location("catalogue", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_action_and_menu_is_in_the_reader_s_language(bracketed, make_hand):
    hand = make_hand()
    for spec in ACTIONS:
        action = hand.window.findChild(object, f"action:{spec.id}")
        assert action.text() == f"⟦{spec.text}⟧"
        assert action.toolTip().startswith(f"⟦{spec.tip or spec.text}⟧")
    assert [menu.text() for menu in hand.window.menuBar().actions()] == [f"⟦{title}⟧" for title in MENUS]
    page = keys_page(hand.parts.keymap)
    assert all(f"⟦{text}⟧" in page for _keys, text in GESTURES)
    assert found("⟦Invert⟧")[0].id == "invert"
    hand.open("cine1.dcm")
    assert hand.find("frameNumber").text() == "⟦Frame 1 of 6⟧"


def test_without_a_catalogue_texts_are_themselves(qapp, tmp_path):
    assert not install_translation(qapp, tmp_path, QLocale("xx"))
    assert tr("Invert") == "Invert"


def test_the_catalogue_holds_every_text_and_keeps_what_was_translated(catalogue, tmp_path):
    path = tmp_path / "cxr_desktop_de.ts"
    count = catalogue.write_catalogue(path, "de")
    root = ElementTree.parse(path).getroot()
    sources = [message.findtext("source") for message in root.iter("message")]
    assert len(sources) == len(set(sources)) == count
    assert {spec.text for spec in ACTIONS} | {spec.tip for spec in ACTIONS if spec.tip} <= set(sources)
    assert "Frame {number} of {count}" in sources
    message = next(m for m in root.iter("message") if m.findtext("source") == "Invert")
    message.find("translation").text = "Invertieren"
    ElementTree.ElementTree(root).write(path, encoding="utf-8")
    catalogue.write_catalogue(path, "de")
    again = {
        m.findtext("source"): m.find("translation") for m in ElementTree.parse(path).getroot().iter("message")
    }
    assert again["Invert"].text == "Invertieren"
    assert again["Invert"].get("type") is None
    assert again["Fit"].get("type") == "unfinished"


def test_a_compiled_catalogue_is_used(catalogue, tmp_path, qapp):
    beside = Path(sys.executable).with_name("pyside6-lrelease")
    release = shutil.which(str(beside)) or shutil.which("pyside6-lrelease") or shutil.which("lrelease")
    if release is None:
        pytest.skip("pyside6-lrelease is not on the path")
    path = tmp_path / "cxr_desktop_de.ts"
    catalogue.write_catalogue(path, "de")
    text = path.read_text(encoding="utf-8")
    unfinished = '<source>Invert</source>\n      <translation type="unfinished" />'
    assert unfinished in text
    path.write_text(text.replace(unfinished, "<source>Invert</source><translation>Invertieren</translation>"))
    subprocess.run([release, str(path), "-qm", str(path.with_suffix(".qm"))], check=True, capture_output=True)
    assert install_translation(qapp, tmp_path, QLocale("de"))
    assert tr("Invert") == "Invertieren"
    for translator in qapp.findChildren(QTranslator):
        QCoreApplication.removeTranslator(translator)
    assert tr("Invert") == "Invert"


def test_what_has_no_room_on_the_toolbar_is_behind_a_button_that_is_seen(make_hand):
    hand = make_hand()
    hand.open("1.dcm")
    hand.window.resize(1000, 700)
    QApplication.processEvents()
    assert hand.window.width() <= 1000
    more = hand.window.findChild(QToolButton, "qt_toolbar_ext_button")
    assert more.isVisible()
    assert hand.window.rect().contains(more.mapTo(hand.window, more.rect().bottomRight()))
    picture = more.grab().toImage()
    row = picture.height() // 2
    seen = [picture.pixelColor(x, row + dy).lightness() for x in range(picture.width()) for dy in (-2, 0, 2)]
    assert max(seen) > 150, "an arrow that stands out from the dark"
    hidden = hand.window.findChild(object, "action:redo")
    button = next(b for b in hand.find("toolbar").findChildren(QToolButton) if b.defaultAction() is hidden)
    assert not button.isVisible()
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    hand.until(button.isVisible)
