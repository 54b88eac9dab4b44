"""What lies under the mouse. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from cxr_desktop.ui.viewer.gray_pyramid import Presentation
from cxr_desktop.ui.viewer.loaded_image import LoadedImage


@dataclass(frozen=True, slots=True)
class Probe:
    """A pixel. stored: as the file has it. value: after the Modality LUT. gray: as shown, 0..255."""

    x: int
    y: int
    stored: float
    value: float
    gray: int


def probe(image: LoadedImage, presentation: Presentation, x: float, y: float) -> Probe | None:
    """The pixel at a place in stored pixels, None outside the image."""
    radiograph = image.radiograph
    column, row = int(x // 1), int(y // 1)
    if not (0 <= column < radiograph.columns and 0 <= row < radiograph.rows):
        return None
    pixel = radiograph.pixels[row : row + 1, column : column + 1]
    gray = radiograph.grayscale.display(pixel, presentation.voi)[0, 0]
    gray = 255 - int(gray) if presentation.inverted else int(gray)
    if radiograph.valid is not None and not radiograph.valid[row, column]:
        gray = 0
    value = float(pixel[0, 0])
    stored = value if radiograph.stored is None else float(radiograph.stored[row, column])
    return Probe(column, row, stored, value, gray)
