"""Texts of the window in the reader's language, through Qt's own way."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

CONTEXT = "CXR Desktop"
FOLDER = "translations"
"""Beside the other bundled files: cxr_desktop_<language>.qm, made from the catalogue (packaging/translation)."""


def tr(text: str) -> str:
    """The text as the reader's language has it, or itself. For what is filled in, `tr("Frame {n}").format(n=…)`."""
    return QCoreApplication.translate(CONTEXT, text) if text else ""


def later(text: str) -> str:
    """The text itself, marked for the catalogue: of a table that stands before a language is chosen; `tr` shows it."""
    return text


def install_translation(application: QCoreApplication, folder: Path, locale: QLocale | None = None) -> bool:
    """Use the compiled catalogue for a language, the system's by default; False where there is none."""
    translator = QTranslator(application)
    found = translator.load(locale or QLocale(), "cxr_desktop", "_", str(folder))
    return bool(found) and application.installTranslator(translator)
