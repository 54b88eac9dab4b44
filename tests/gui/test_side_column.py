"""The panels beside the image keep their places when there is something to scroll and when not."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cxr_desktop.ui.panels.side_column import SideColumn


def test_nothing_moves_sideways_when_the_panels_find_no_room(qtbot):
    panels = QWidget()
    QVBoxLayout(panels).addWidget(inner := QWidget())
    inner.setMinimumHeight(300)
    column = SideColumn(panels)
    qtbot.addWidget(column)
    widths = {}
    for height in (500, 200, 500):
        column.resize(400, height)
        column.show()
        qtbot.waitUntil(lambda height=height: column.verticalScrollBar().isEnabled() is (height < 300))
        widths[height] = panels.width()
    assert widths[500] == widths[200]
