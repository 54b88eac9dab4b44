"""The system's own questions for files and folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from cxr_desktop.ui.translation import later, tr

FILTER = later(
    "Images and boxes (*.dcm *.dicom *.png *.jpg *.jpeg *.tif *.tiff *.zip *.csv *.json *.xml *.names "
    "*.cxrpack *.cxrread "
    "DICOMDIR);;Every file (*)"
)
Opened = Callable[[Sequence[Path]], None]


def ask_files(parent: QWidget, opened: Opened) -> None:
    """Any number of files."""
    names, _ = QFileDialog.getOpenFileNames(parent, tr("Open files"), "", tr(FILTER))
    if names:
        opened([Path(name) for name in names])


def ask_folder(parent: QWidget, opened: Opened) -> None:
    """A folder, searched to any depth."""
    name = QFileDialog.getExistingDirectory(parent, tr("Open a folder"))
    if name:
        opened([Path(name)])
