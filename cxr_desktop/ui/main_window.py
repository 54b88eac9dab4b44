"""The window: puts the parts in their places and joins their signals. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.domain import InstanceHeader
from cxr_desktop.ui.action_bar import ActionBar
from cxr_desktop.ui.commands import Commands
from cxr_desktop.ui.empty_state import EmptyState
from cxr_desktop.ui.held_keys import HeldKeys
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.opening import Found
from cxr_desktop.ui.panels.comparison import ComparisonPanel
from cxr_desktop.ui.panels.finding_details import FindingDetails
from cxr_desktop.ui.panels.findings import FindingsPanel
from cxr_desktop.ui.panels.frame_bar import FrameBar
from cxr_desktop.ui.panels.gray import GrayPanel
from cxr_desktop.ui.panels.heatmap import HeatmapPanel
from cxr_desktop.ui.panels.jobs import JobStrip
from cxr_desktop.ui.panels.reading_strip import ReadingStrip
from cxr_desktop.ui.panels.side_column import SideColumn
from cxr_desktop.ui.panels.state_bar import StateBar
from cxr_desktop.ui.panels.study_list import StudyList
from cxr_desktop.ui.parts import Parts
from cxr_desktop.ui.side_by_side import SideBySide
from cxr_desktop.ui.status_line import StatusLine
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.viewer_model import ToolKind
from cxr_desktop.ui.viewer_binding import ViewerBinding
from cxr_desktop.ui.window_dialogs import show_merge, show_pack, window_dialogs
from cxr_desktop.ui.window_presets import WindowPresets

LOCKED = later("This reading is committed. Amend it, with a reason, to change it.")
NOT_HERE = later("Only files and folders of this computer can be dropped here. Save it to the disk first.")
LEFT, RIGHT = 268, 376
SIZE = QSize(1600, 1000)
"""Where the screen has room for it."""


class MainWindow(QMainWindow):
    """Left the studies, in the middle the image, right what is said of it."""

    def __init__(self, parts: Parts, closing: Callable[[], None]) -> None:
        super().__init__()
        self._parts = parts
        self._closing = closing
        self.setObjectName("mainWindow")
        self.setWindowTitle(tr("CXR Desktop"))
        self.resize(SIZE.boundedTo(self.screen().availableSize()))
        self.setAcceptDrops(True)
        self._viewer = ViewerBinding(
            parts.viewer, parts.session, parts.heatmap, parts.reading, parts.measurements, self
        )
        self._viewer.compare_with(parts.comparing)
        self._beside = SideBySide(
            self._viewer.canvas, parts.viewer, parts.session, parts.studies, parts.opening, parts.layout
        )
        self._frame_bar = FrameBar(parts.frames)
        self._studies = StudyList(parts.studies)
        self._empty = EmptyState()
        self._strip = ReadingStrip(parts.session, parts.reading, parts.first)
        self._findings = FindingsPanel(parts.session, parts.inference)
        self._heatmap = HeatmapPanel(parts.heatmap, parts.session)
        self._comparison = ComparisonPanel(parts.session, parts.reading, parts.labels)
        self._details = FindingDetails(parts.reading)
        self._status = StatusLine(parts.viewer, parts.session)
        self._commands = Commands(
            parts.viewer,
            parts.reading,
            parts.heatmap,
            parts.session,
            parts.opening,
            parts.inference,
            window_dialogs(self, parts, self._studies, lambda: self._actions),
            parts.measurements,
            parts.undoing,
            parts.layout,
            parts.frames,
            parts.lung_window,
            parts.states,
            parts.first,
        )
        self._lay_out()
        self._actions = ActionBar(self, self._viewer.canvas, self._commands, parts.keymap)
        WindowPresets(self._actions.menus["&View"], parts.viewer)
        HeldKeys(parts.viewer, self, self._viewer.canvas)
        self._connect()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        self._parts.opening.open_paths(paths)
        if not paths:
            self.tell(tr(NOT_HERE))
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._viewer.canvas.abandon()
        self._closing()
        event.accept()

    def ask_reader(self) -> None:
        """Ask once who reads, where readings are committed under a name."""
        if self._parts.first.must_ask:
            self._commands.dialogs.reader()

    def tell(self, sentence: str) -> None:
        """Show a sentence in the status bar."""
        self._status.tell(sentence)

    def _lay_out(self) -> None:
        self._centre = QStackedWidget()
        self._centre.addWidget(self._empty)
        self._reading_place = QWidget()
        column = QVBoxLayout(self._reading_place)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(StateBar(self._parts.states))
        column.addWidget(self._beside, 1)
        column.addWidget(self._frame_bar)
        self._centre.addWidget(self._reading_place)
        splitter = named(QSplitter(Qt.Orientation.Horizontal), "splitter")
        splitter.setChildrenCollapsible(False)
        for widget, stretch in ((self._left_side(), 0), (self._centre, 1), (self._right_side(), 0)):
            splitter.addWidget(widget)
            splitter.setStretchFactor(splitter.count() - 1, stretch)
        splitter.setSizes([LEFT, self.width() - LEFT - RIGHT, RIGHT])
        self.setCentralWidget(splitter)
        self.setStatusBar(self._status)

    def _left_side(self) -> QWidget:
        column = QWidget()
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._studies, 1)
        layout.addWidget(GrayPanel(self._parts.viewer))
        return column

    def _right_side(self) -> QWidget:
        column = QWidget()
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for panel in (self._findings, self._heatmap, self._comparison, self._details):
            layout.addWidget(panel)
        layout.addStretch(1)
        side = QWidget()
        outer = QVBoxLayout(side)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._strip)
        outer.addWidget(SideColumn(column), 1)
        outer.addWidget(JobStrip(self._parts.bridge))
        return side

    def _connect(self) -> None:
        parts, dialogs = self._parts, self._commands.dialogs
        self._studies.chosen.connect(self._open)
        self._studies.files_wanted.connect(dialogs.open_files)
        self._studies.folder_wanted.connect(dialogs.open_folder)
        self._empty.files_wanted.connect(dialogs.open_files)
        self._empty.demo_wanted.connect(parts.opening.open_demo)
        self._strip.commit_wanted.connect(dialogs.commit)
        self._details.left.connect(self._viewer.canvas.setFocus)
        self._strip.reader_wanted.connect(dialogs.reader)
        parts.working.case_ready.connect(self._studies.select)
        parts.packing.case_ready.connect(self._studies.select)
        parts.opening.pack_wanted.connect(parts.packing.inspect)
        parts.opening.readings_wanted.connect(lambda files: show_merge(self, parts, files))
        parts.packing.inspected.connect(lambda pack: show_pack(self, parts, pack))
        parts.adjudicating.redraw_wanted.connect(self._redraw)
        parts.reading.refused.connect(lambda: self.tell(tr(LOCKED)))
        self._heatmap.compare_wanted.connect(dialogs.compare)
        self._heatmap.whole_wanted.connect(parts.inference.request_map)
        self._findings.reveal_wanted.connect(parts.saved.record_override)
        self._findings.reveal_wanted.connect(parts.session.reveal_scores)
        parts.studies.thumbnail_wanted.connect(parts.opening.ask_thumbnail)
        parts.opening.found.connect(lambda found: parts.studies.add(found.items))
        parts.opening.found.connect(self._choose_found)
        self._studies.forget_wanted.connect(parts.earlier.forget)
        parts.opening.thumbnail.connect(parts.studies.set_thumbnail)
        parts.opening.failed.connect(parts.studies.refuse)
        parts.opening.failed.connect(self._not_opened)
        parts.reviewing.case_ready.connect(self._studies.select)
        for signal in (parts.session.image_changed, parts.session.passing_changed):
            signal.connect(self._show_image)
        parts.opening.state_found.connect(parts.states.add)
        parts.states.changed.connect(lambda: self._viewer.show_state(parts.states.presentation))
        parts.viewer.step_wanted.connect(self._studies.step)
        parts.viewer.turns_frames = True
        parts.viewer.frame_wanted.connect(parts.frames.step)
        parts.viewer.rest_wanted.connect(parts.frames.rest)
        for source in (
            parts.opening,
            parts.inference,
            parts.saved,
            parts.saved_measurements,
            parts.exporting,
            parts.transferring,
            parts.labelling,
            parts.earlier,
            parts.agreeing,
            parts.packing,
            parts.working,
            parts.frames,
            parts.reviewing,
            parts.lung_window,
            parts.states,
        ):
            source.told.connect(self.tell)

    def _redraw(self) -> None:
        """Draw on the image next, with the keys there too."""
        self._parts.viewer.set_tool(ToolKind.DRAW)
        self.activateWindow()
        self._viewer.canvas.setFocus()

    def _choose_found(self, found: Found) -> None:
        if found.show:
            self._studies.choose_first(found.items)

    def _open(self, header: InstanceHeader) -> None:
        self._parts.opening.open_image(header)

    def _show_image(self) -> None:
        shown = self._parts.session.shown is not None
        if not shown and self._viewer.canvas.hasFocus():
            self._studies.focus_list()  # not whatever comes next: a key would press it
        self._centre.setCurrentWidget(self._reading_place if shown else self._empty)
        focus = QApplication.focusWidget()
        if shown and (focus is None or not self._frame_bar.isAncestorOf(focus)):
            self._viewer.canvas.setFocus()
        if self._parts.session.passing is not None:
            self._viewer.canvas.repaint()  # the picture first: panels and buttons are laid out and painted after it

    def _not_opened(self, path: Path, reason: str) -> None:
        if self._parts.opening.wanted == path:
            self._parts.session.set_image(None)
            self._empty.tell(reason)
