"""Colours of marks, the same on screen as in the reports."""

from __future__ import annotations

from PySide6.QtGui import QColor

from cxr_desktop.domain.palette import NETWORK, READER, REFERENCE, LineStyle

NETWORK_COLOUR = QColor(*NETWORK.colour)
READER_COLOUR = QColor(*READER.colour)
REFERENCE_COLOUR = QColor(*REFERENCE.colour)
STYLES: dict[str, LineStyle] = {"network": NETWORK, "reader": READER, "reference": REFERENCE}
