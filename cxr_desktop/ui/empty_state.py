"""What stands in the middle before an image is open."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from cxr_desktop.ui.naming import named
from cxr_desktop.ui.theme import icon
from cxr_desktop.ui.translation import later, tr

INVITATION = later("Open a study: drop files here, or press Ctrl+O")


class EmptyState(QWidget):
    """An invitation, and the demo study for whoever has no image at hand."""

    demo_wanted = Signal()
    files_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("emptyState")
        self.setStyleSheet("#emptyState { background: #000000; }")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        picture.setPixmap(icon("chest", "#3d4754").pixmap(54, 54))
        self._text = named(QLabel(tr(INVITATION), alignment=Qt.AlignmentFlag.AlignCenter), "invitation")
        self._text.setProperty("role", "empty")
        self._text.setWordWrap(True)
        self._open = named(QPushButton(tr("Open files…")), "emptyOpen")
        self._open.setProperty("role", "primary")
        self._open.clicked.connect(self.files_wanted)
        self._demo = named(QPushButton(tr("Try the demo study")), "emptyDemo")
        self._demo.clicked.connect(self.demo_wanted)
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.addStretch(1)
        layout.addWidget(picture)
        layout.addWidget(self._text)
        for button in (self._open, self._demo):
            button.setFixedWidth(200)
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)

    def tell(self, sentence: str) -> None:
        """Say something else than the invitation, which comes back with an empty sentence."""
        self._text.setText(sentence or tr(INVITATION))
        for button in (self._open, self._demo):
            button.setVisible(not sentence)
