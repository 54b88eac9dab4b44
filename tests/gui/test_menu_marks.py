"""A menu shows which tool is armed and which mode is on, with an icon or without."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication


@pytest.mark.parametrize(
    ("menu", "marked", "other"),
    [
        ("&Tools", "tool-draw", "tool-pan"),
        ("&Tools", "tool-draw-ellipse", "tool-pan"),
        ("&Measure", "tool-angle", "tool-length"),
        ("&Reading", "blinded", ""),
    ],
)
def test_what_is_on_looks_otherwise_than_what_is_off(hand, menu, marked, other):
    on, off = (_drawn(hand, menu, marked, state) for state in (marked, other))
    assert np.abs(on.astype(int) - off.astype(int)).max() > 60


def _drawn(hand, menu, shown, triggered):
    """The left end of an entry, where its mark goes."""
    if triggered:
        hand.window.findChild(object, f"action:{triggered}").trigger()
    elif hand.parts.first.on:
        hand.parts.first.set_on(False)
    pulled = next(a.menu() for a in hand.window.menuBar().actions() if a.text() == menu)
    pulled.popup(hand.window.mapToGlobal(QPoint(10, 40)))
    QApplication.processEvents()
    place = pulled.actionGeometry(hand.window.findChild(object, f"action:{shown}"))
    picture = pulled.grab(place.adjusted(0, 0, 26 - place.width(), 0)).toImage()
    picture = picture.convertToFormat(QImage.Format.Format_Grayscale8)
    pulled.close()
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
    return rows[:, : picture.width()].copy()
