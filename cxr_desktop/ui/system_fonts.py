"""Letters where the system has none: the fonts of the reports are lent to the window."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics
from PySide6.QtWidgets import QApplication

from cxr_desktop.domain.errors import ExportError

CURE = "Have an administrator install one, such as 'apt install fonts-dejavu-core'"


def lend_font() -> str:
    """Lend the reports' fonts where no font is installed; says so, '' where there is one.

    Not by the families listed: fontconfig names 'Sans Serif' also where nothing is behind it.
    """
    if _has_letters():
        return ""
    from cxr_desktop.reports.fonts import font_path

    try:
        lent = [QFontDatabase.addApplicationFont(str(font_path(weight))) for weight in ("regular", "bold")]
    except ExportError:
        lent = []
    families = [family for font in lent for family in QFontDatabase.applicationFontFamilies(font)]
    if not families:
        return f"This system has no font, so nothing can be read here. {CURE}."
    QApplication.setFont(QFont(families[0]))
    return f"This system has no font; that of the reports is used. {CURE}."


def _has_letters() -> bool:
    return QFontMetrics(QFont()).inFont("a")
