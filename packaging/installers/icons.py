"""Draw the program's icon in the sizes that menus want.

    python icons.py FOLDER

Writes SIZExSIZE.png, cxr-desktop.svg and cxr-desktop.ico; the .icns on systems whose Qt can write it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

CHEST = Path(__file__).resolve().parents[2] / "resources" / "icons" / "chest.svg"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
GROUND, LINES = "#12161c", "#56b4e9"


def drawing() -> str:
    """The chest on a dark plate."""
    chest = CHEST.read_text(encoding="utf-8").split(">", 1)[1].rsplit("</svg>", 1)[0]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{GROUND}"/>'
        f'<g transform="translate(4 4)" fill="none" stroke="{LINES}" stroke-width="1.7" '
        f'stroke-linecap="round" stroke-linejoin="round">{chest}</g></svg>'
    )


def image(side: int) -> QImage:
    drawn = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(drawing().encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return drawn


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cxr-desktop.svg").write_text(drawing() + "\n", encoding="utf-8")
    for side in SIZES:
        if not image(side).save(str(folder / f"{side}x{side}.png")):
            sys.exit(f"{folder} cannot be written")
    can_write = {bytes(name.data()).decode() for name in QImageWriter.supportedImageFormats()}
    for suffix, side in (("ico", 256), ("icns", 512)):
        if suffix in can_write:
            image(side).save(str(folder / f"cxr-desktop.{suffix}"))


if __name__ == "__main__":
    main()
