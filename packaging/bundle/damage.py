"""What a damaged bundle says: which part failed, and how to mend it."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

AGAIN = (
    "Install CXR Desktop again with its .deb, archive or installer; readings and settings stay. "
    "'cxr-desktop doctor' names every changed or missing file."
)


def sentence_on(error: ImportError | OSError) -> str:
    """A sentence where the error comes of a missing or altered part of the bundle; '' for any other."""
    if isinstance(error, FileNotFoundError) and not _is_bundled(error.filename):
        return ""
    # The loader's errors on libraries have no number; those on users' files have one.
    if not isinstance(error, (ImportError, FileNotFoundError)) and error.errno is not None:
        return ""
    return f"this installation of CXR Desktop is damaged: {error}. {AGAIN}"


def tell(sentence: str) -> None:
    """To standard error, and in a dialog where a window was wanted and Qt still works."""
    if sys.stderr is not None:
        sys.stderr.write(f"cxr-desktop: {sentence}\n")
    if len(sys.argv) > 1 and sys.argv[1] not in ("open", "demo"):
        return
    with suppress(ImportError):
        from cxr_desktop.app import display_problem

        if display_problem():
            return
        from PySide6.QtWidgets import QApplication, QMessageBox

        _application = QApplication.instance() or QApplication(sys.argv[:1])
        QMessageBox.critical(None, "CXR Desktop", sentence)


def _is_bundled(name: object) -> bool:
    folder = getattr(sys, "_MEIPASS", None)
    return folder is not None and isinstance(name, str) and Path(name).is_relative_to(folder)
