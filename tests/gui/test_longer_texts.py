"""The window in a language a third longer than English, with accents: nothing is cut off, nothing overlaps."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QRect, QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from cxr_desktop.ui.translation import CONTEXT

VOWELS = re.compile("([aeiou])")
ACCENTS = str.maketrans("aeiouyncAEIOU", "áéîöüýñçÀÉÎÖÜ")
DIALOGS = ("export", "reader", "agreement", "label-sets", "shortcuts", "nodes", "find-studies", "send", "worklist",
           "deidentify", "readers", "keys", "tags", "make-pack")  # fmt: skip


def longer(text: str) -> str:
    """The text with accents and a third more letters; what is filled in and marked up stays."""
    parts = re.split(r"(\{[^}]*\}|<[^>]*>|&\w+;|\(\*[^)]*\)|&)", text)
    return "".join(
        part if index % 2 else VOWELS.sub(r"\1\1", part).translate(ACCENTS)
        for index, part in enumerate(parts)
    )


class Longer(QTranslator):
    def translate(self, context, text, disambiguation=None, n=-1):
        return longer(text) if context == CONTEXT else ""


@pytest.fixture
def translated(qapp):
    translator = Longer()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def cut_off(top: QWidget) -> list[str]:
    """Texts that have less room than they need, and those that lie on one another."""
    shown = [
        w for w in top.findChildren(QWidget) if w.isVisible() and isinstance(w, (QLabel, QAbstractButton))
    ]
    shown = [w for w in shown if w.window() is top and w.text() and not isinstance(w, QToolButton)]
    found = [f"cut: {w.objectName()} {w.text()[:50]!r} {w.size().toTuple()}" for w in shown if _short(w)]
    placed = [(w, QRect(w.mapTo(top, QPoint(0, 0)), w.size())) for w in shown]
    for (one, here), (other, there) in combinations(placed, 2):
        nested = one.isAncestorOf(other) or other.isAncestorOf(one)
        if one.parent() is other.parent() and not nested and here.intersects(there):
            found.append(f"overlap: {one.text()[:30]!r} {other.text()[:30]!r}")
    return found


def _short(widget: QLabel | QAbstractButton) -> bool:
    if (
        widget.visibleRegion().boundingRect().width() < widget.width()
        and not widget.visibleRegion().isEmpty()
    ):
        return True
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.height() + 1 < widget.heightForWidth(widget.width())
    if isinstance(widget, (QPushButton, QCheckBox, QLabel)):
        return widget.width() + 1 < widget.minimumSizeHint().width()
    return False


def test_the_longer_language_keeps_what_is_filled_in():
    assert longer("Frame {number} of {count}").format(number=1, count=6) == "Frááméé 1 ööf 6"
    assert "(*.csv)" in longer("Boxes (*.csv)")


def test_nothing_in_the_window_is_cut_off(translated, make_hand, tmp_path):
    hand = make_hand()
    hand.start()
    hand.open("cine1.dcm")
    hand.until(lambda: hand.parts.session.cut is not None)
    hand.window.resize(1280, 860)
    QApplication.processEvents()
    hand.window.grab().save(str(tmp_path / "window.png"))
    assert cut_off(hand.window) == []


@pytest.mark.parametrize("name", DIALOGS)
def test_nothing_in_a_dialog_is_cut_off(translated, make_hand, tmp_path, name):
    hand = make_hand()
    hand.start()
    hand.open("1.dcm")
    hand.until(lambda: hand.parts.session.cut is not None)
    opened = hand.opened_by(name)
    opened.grab().save(str(tmp_path / f"{name}.png"))
    found = cut_off(opened)
    opened.close()
    assert found == []
