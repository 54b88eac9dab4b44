"""The strip below the image of a file of several frames: play, slider, number, rate."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDoubleSpinBox, QFrame, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from cxr_desktop.ui.frames import Frames
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.theme import INSET, icon
from cxr_desktop.ui.translation import later, tr

KEPT_UP = 0.8
BELONGS = later("Scores, maps, boxes and measurements belong to the frame that rests on the screen.")


class FrameBar(QFrame):
    """Hidden where the file has one frame."""

    def __init__(self, frames: Frames, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("frameBar")
        self.setToolTip(tr(BELONGS))
        self._frames = frames
        self._play = named(QToolButton(), "framePlay")
        self._play.setIconSize(QSize(16, 16))
        self._play.clicked.connect(frames.toggle_play)
        self._icons = {False: icon("play"), True: icon("pause")}
        self._slider = named(QSlider(Qt.Orientation.Horizontal), "frameSlider")
        self._slider.setAccessibleName(tr("Frame"))
        self._slider.setPageStep(10)
        self._slider.valueChanged.connect(self._slide)
        self._number = named(QLabel(), "frameNumber")
        self._number.setProperty("role", "strong")
        self._slow = named(QLabel(), "frameSlow")
        self._slow.setProperty("role", "disclaimer")
        self._rate = named(QDoubleSpinBox(), "frameRate")
        self._rate.lineEdit().setTextMargins(*INSET)
        self._rate.setAccessibleName(tr("Frames a second"))
        self._rate.setRange(0.1, 240.0)
        self._rate.setDecimals(1)
        self._rate.setSuffix(tr(" fps"))
        self._rate.valueChanged.connect(frames.set_rate)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 5, 12, 5)
        layout.setSpacing(10)
        for widget in (self._play, self._slider, self._number, self._slow, self._rate):
            layout.addWidget(widget, 1 if widget is self._slider else 0)
        frames.changed.connect(self._refresh)
        self._refresh()

    def _slide(self, index: int) -> None:
        if index != self._frames.index:
            self._frames.stop()
            self._frames.go_to(index)

    def _refresh(self) -> None:
        frames = self._frames
        self.setVisible(frames.count > 1)
        if frames.count < 2:
            return
        for widget in (self._slider, self._rate):
            widget.blockSignals(True)
        self._slider.setMaximum(frames.count - 1)
        self._slider.setValue(frames.index)
        self._rate.setValue(frames.rate)
        for widget in (self._slider, self._rate):
            widget.blockSignals(False)
        told = tr("Frame {number} of {count}")
        widest = told.format(number=frames.count, count=frames.count)
        self._number.setMinimumWidth(self._number.fontMetrics().horizontalAdvance(widest) + 8)
        self._number.setText(told.format(number=frames.index + 1, count=frames.count))
        slow = 0 < frames.achieved < KEPT_UP * frames.rate
        self._slow.setVisible(slow)
        self._slow.setText(tr("shown at {rate}").format(rate=f"{frames.achieved:.0f}") if slow else "")
        self._play.setIcon(self._icons[frames.playing])
        self._play.setToolTip(tr("Pause (L)") if frames.playing else tr("Play (L)"))
        self._play.setAccessibleName(tr("Pause") if frames.playing else tr("Play"))
        asked = tr("The file asks for {rate} frames a second.").format(rate=f"{frames.told_rate:g}")
        self._rate.setToolTip(asked if frames.told_rate else tr("Frames a second. The file names no rate."))
