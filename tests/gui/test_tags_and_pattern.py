"""The tag browser and the monitor's test pattern."""

from __future__ import annotations

import gc
import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from cxr_desktop.ui.dialogs.pattern import PatternWindow
from cxr_desktop.ui.viewer.monitor_pattern import (
    LEVELS,
    gsdf_index,
    gsdf_luminance,
    monitor_pattern,
    plan,
    wanted_luminance,
)


def test_tags_are_searched_and_copied(hand):
    hand.key(Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    tree, search = hand.find("tagTree"), hand.find("tagSearch")
    hand.until(lambda: tree.model().rowCount() == 3)
    QTest.keyClicks(search, "r-10206")
    hand.until(lambda: tree.model().rowCount() == 1)
    top = tree.model().index(0, 0)
    assert top.siblingAtColumn(1).data() == "View Code Sequence"
    assert tree.isExpanded(top), "what was found inside a sequence is in sight"
    assert hand.find("tagState").text() == "1 of 3 elements"
    search.clear()
    hand.until(lambda: tree.model().rowCount() == 3)
    tree.selectAll()
    QTest.keyClick(tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QApplication.clipboard().text().split("\n")
    assert copied[0] == "(0010,0010)\tPatient's Name\tPN\tDoe^Jane"
    assert copied[-1].endswith("secret " * 29 + "secret ")
    QTest.keyClick(search, Qt.Key.Key_Escape)
    hand.until(lambda: hand.window.findChild(QWidget, "tagsDialog") is None)


@pytest.mark.parametrize(
    "query", ["00100010", "0010 0010", "(0010, 0010)", "(0010,0010)", "PatientName", "patient's"]
)
def test_a_tag_is_found_by_its_number_and_keyword_however_they_are_written(hand, query):
    hand.key(Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    tree, search = hand.find("tagTree"), hand.find("tagSearch")
    hand.until(lambda: tree.model().rowCount() == 3)
    search.setText(query)
    hand.until(lambda: tree.model().rowCount() == 1)
    assert tree.model().index(0, 0).data() == "(0010,0010)"


def test_a_reader_who_closes_the_browser_early_is_left_in_peace(hand):
    hand.key(Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    hand.find("tagsDialog").reject()
    hand.until(lambda: hand.window.findChild(QWidget, "tagsDialog") is None)


@pytest.mark.parametrize("size", [(1920, 1080), (1200, 1600), (3840, 2160), (320, 240)])
def test_the_pattern_has_every_level_where_the_plan_says(size):
    picture, layout = monitor_pattern(*size), plan(*size)
    assert picture.shape == size[::-1]
    assert len(layout.patches) == len(LEVELS) == 18
    for area, level in zip(layout.patches, LEVELS, strict=True):
        middle = area.inner(0.4).of(picture)
        assert middle.size
        assert (middle == level).all()
    for area in layout.ramps:
        assert len(np.unique(area.of(picture))) == min(area.height, 256)


def test_lines_are_of_one_and_two_pixels():
    field = plan(1920, 1080).lines[0].of(monitor_pattern(1920, 1080)).astype(int)
    rows, columns = (extent // 2 for extent in field.shape)
    assert (np.abs(np.diff(field[0, :columns])) == 255).all()
    assert (np.abs(np.diff(field[rows:, 0])) == 255).all()


def test_luminance_is_that_of_the_standards_table():
    # PS3.14 table B-1, its ends
    assert gsdf_luminance(1) == pytest.approx(0.05, abs=5e-5)
    assert gsdf_luminance(1023) == pytest.approx(3993.4040, rel=1e-4)
    for index in (1, 50, 400, 1023):
        assert gsdf_index(gsdf_luminance(index)) == pytest.approx(index, abs=0.5)
    assert wanted_luminance(0, 1, 350) == pytest.approx(1, rel=0.01)
    assert wanted_luminance(255, 1, 350) == pytest.approx(350, rel=0.01)
    steps = [math.log(wanted_luminance(level, 1, 350)) for level in LEVELS]
    assert (np.diff(steps) > 0).all()


def test_the_pattern_reaches_the_screen_unaltered_and_closes_by_key(qtbot):
    window = PatternWindow()
    window.resize(1200, 900)
    window.show()
    qtbot.waitExposed(window)
    picture = window.grab().toImage()
    for area, level in zip(plan(1200, 900).patches, LEVELS, strict=True):
        middle = area.inner(0.1)
        assert picture.pixelColor(middle.x, middle.y).red() == level
    before = picture.copy()
    QTest.keyClick(window, Qt.Key.Key_L)
    assert window.grab().toImage() != before
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not any(isinstance(w, PatternWindow) for w in QApplication.topLevelWidgets()))


def test_the_menu_opens_the_pattern_and_it_stays_until_it_is_closed(hand):
    hand.window.findChild(object, "action:pattern").trigger()
    QApplication.processEvents()
    gc.collect()
    QApplication.processEvents()
    (window,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, PatternWindow))
    assert window.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    hand.until(lambda: not any(isinstance(w, PatternWindow) for w in QApplication.topLevelWidgets()))
