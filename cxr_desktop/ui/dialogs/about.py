"""What this program and its model are, and are not for."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from cxr_desktop import __version__
from cxr_desktop.domain import DISCLAIMER
from cxr_desktop.ui.engine import ModelChoice
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.translation import tr


class _TextDialog(QDialog):
    def __init__(self, name: str, title: str, text: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(480)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(14)
        layout.addWidget(note(text, "plain"))
        layout.addWidget(buttons)


class AboutDialog(_TextDialog):
    """Version and disclaimer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        text = tr(
            "<h3>CXR Desktop {version}</h3><p>Review chest radiographs with an honest look inside the "
            "network.</p><p><b>{DISCLAIMER}</b></p><p>Images, scores and readings stay on this "
            "computer.</p>"
        ).format(version=__version__, DISCLAIMER=DISCLAIMER)
        super().__init__("aboutDialog", tr("About CXR Desktop"), text, parent)


class ModelCardDialog(_TextDialog):
    """A model's intended use and limits."""

    def __init__(self, model: ModelChoice | None, parent: QWidget | None = None) -> None:
        super().__init__("modelDialog", tr("About the model"), model_page(model), parent)


def model_page(model: ModelChoice | None) -> str:
    """The card in short, as HTML."""
    if model is None:
        return tr("<p>No model is loaded.</p>")
    limits = "".join(f"<li>{escape(limit)}</li>" for limit in model.limits)
    return tr(
        "<h3>{title} {version}</h3><p><b>Findings:</b> {join}</p><p><b>Intended use:</b> {value}</p>"
    ).format(
        title=escape(model.title),
        version=escape(model.version),
        join=escape(", ".join(model.labels)),
        value=escape(model.intended_use) or tr("not stated"),
    ) + (tr("<p><b>Limits:</b></p><ul>{limits}</ul>").format(limits=limits) if limits else "")
