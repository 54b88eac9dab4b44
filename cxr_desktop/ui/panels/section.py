"""A titled part of the right-hand side."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cxr_desktop.ui.naming import named


class Section(QFrame):
    """Heading, then whatever is added to `body`. `corner` holds small controls beside the heading."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "section")
        heading = QLabel(title.upper())
        heading.setProperty("role", "heading")
        self.corner = QHBoxLayout()
        self.corner.setSpacing(6)
        top = QHBoxLayout()
        top.addWidget(heading, 1)
        top.addLayout(self.corner)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addLayout(self.body)


def note(text: str = "", role: str = "small", name: str = "") -> QLabel:
    """A label for sentences."""
    label = named(QLabel(text), name)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label
