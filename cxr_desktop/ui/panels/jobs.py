"""The strip of work under way, each with progress and a way to cancel it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.ui.job_bridge import JobBridge, Request
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.theme import icon
from cxr_desktop.ui.translation import tr

SHOWN_AFTER_MS = 250
MOST, NARROW = 4, 60


class JobTitle(QLabel):
    """Cut to the room that there is: work that begins and ends never moves the image beside it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._whole = title
        self.setToolTip(title)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(title)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width()))


class JobRow(QWidget):
    """Title, bar, cancel with the cross given."""

    def __init__(self, request: Request, cross: QIcon, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("jobRow")
        self._title = JobTitle(request.title)
        self._title.setProperty("role", "small")
        self._bar = QProgressBar(textVisible=False, maximum=1000)
        self._bar.setRange(0, 0)
        self._bar.setMinimumWidth(NARROW)
        cancel = named(QToolButton(), "cancelJob")
        cancel.setToolTip(tr("Cancel"))
        cancel.setAccessibleName(tr("Cancel {title}").format(title=request.title))
        cancel.setIcon(cross)
        cancel.setIconSize(QSize(12, 12))
        cancel.clicked.connect(request.job.cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 2, 10, 2)
        layout.addWidget(self._title, 3)
        layout.addWidget(self._bar, 2)
        layout.addWidget(cancel)

    def progress(self, done: float) -> None:
        self._bar.setRange(0, 1000)
        self._bar.setValue(round(done * 1000))


class JobStrip(QFrame):
    """Work of less than a quarter of a second never shows, so that nothing flickers."""

    def __init__(self, bridge: JobBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("jobs")
        self._rows: dict[Request, JobRow] = {}
        self._running: set[Request] = set()
        self._cross = icon("cancel")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 6, 0, 6)
        self._layout.setSpacing(0)
        self._layout.setAlignment(Qt.AlignmentFlag.AlignBottom)
        bridge.started.connect(self._started)
        bridge.progressed.connect(self._progressed)
        bridge.finished.connect(self._finished)
        self.hide()

    def _started(self, request: Request) -> None:
        if request.title:
            self._running.add(request)
            QTimer.singleShot(SHOWN_AFTER_MS, self, lambda: self._show(request))

    def _show(self, request: Request) -> None:
        if request in self._running and len(self._rows) < MOST:
            row = self._rows[request] = JobRow(request, self._cross)
            self._layout.addWidget(row)
            self.show()

    def _progressed(self, request: Request, done: float, _text: str) -> None:
        row = self._rows.get(request)
        if row is not None:
            row.progress(done)

    def _finished(self, request: Request) -> None:
        self._running.discard(request)
        row = self._rows.pop(request, None)
        if row is not None:
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.setVisible(bool(self._rows))
