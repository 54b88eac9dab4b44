"""The look: one style sheet and own icons, dark for the reading room."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from cxr_desktop.resources import resource

TEXT = "#d3d9e1"
DIM = "#59616c"
ACCENT = "#56b4e9"
INSET = (8, 0, 0, 0)
"""Of the text in a box for numbers, which the style sheet's padding does not reach."""
_SIZES = (18, 36, 54)


def apply_theme(application: QApplication) -> None:
    """Style every widget of the program. Raises CxrError where the installation lacks the theme."""
    application.setStyle("Fusion")
    application.setPalette(_palette())
    sheet = resource("theme", "dark.qss").read_text(encoding="utf-8")
    application.setStyleSheet(sheet.replace("@icons@", resource("icons").as_posix()))
    application.setWindowIcon(icon("chest", ACCENT))


def icon(name: str, colour: str = TEXT) -> QIcon:
    """A bundled icon in a colour, dimmed where its action is disabled."""
    drawing = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    for side in _SIZES:
        made.addPixmap(_drawn(drawing, colour, side), QIcon.Mode.Normal)
        made.addPixmap(_drawn(drawing, DIM, side), QIcon.Mode.Disabled)
    return made


def _drawn(drawing: str, colour: str, side: int) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", colour).encode()))
    image = QImage(QSize(side, side), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    return QPixmap.fromImage(image)


def _palette() -> QPalette:
    palette = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, "#14171b"),
        (QPalette.ColorRole.Base, "#14171b"),
        (QPalette.ColorRole.AlternateBase, "#171b20"),
        (QPalette.ColorRole.Button, "#262c34"),
        (QPalette.ColorRole.Text, TEXT),
        (QPalette.ColorRole.WindowText, TEXT),
        (QPalette.ColorRole.ButtonText, TEXT),
        (QPalette.ColorRole.PlaceholderText, "#717b88"),
        (QPalette.ColorRole.Highlight, "#2f6d8f"),
        (QPalette.ColorRole.HighlightedText, "#ffffff"),
        (QPalette.ColorRole.Link, ACCENT),
        (QPalette.ColorRole.Accent, ACCENT),
    ):
        palette.setColor(role, QColor(colour))
    return palette
