"""A radiograph and what lies on it as small pictures, for dialogs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from cxr_desktop.ui.viewer.gray_pyramid import Presentation
from cxr_desktop.ui.viewer.loaded_image import LoadedImage


def gray_picture(image: LoadedImage, side: int) -> QImage:
    """The image in its default gray, at the coarsest resolution whose longer side has `side` pixels."""
    pyramid, radiograph = image.pyramid, image.radiograph
    presentation = Presentation(radiograph.default_voi())
    level = pyramid.level_for(side / max(radiograph.rows, radiograph.columns))
    rows, columns = pyramid.levels[level].shape
    table = pyramid.lookup(radiograph.grayscale, presentation)
    gray = np.ascontiguousarray(
        pyramid.gray(level, (0, 0, columns, rows), table, radiograph.grayscale, presentation)
    )
    return QImage(gray.data, columns, rows, columns, QImage.Format.Format_Grayscale8).copy()


def colour_picture(colours: NDArray[np.uint32]) -> QImage:
    """(h, w) premultiplied 0xAARRGGBB as a picture."""
    colours = np.ascontiguousarray(colours)
    height, width = colours.shape
    return QImage(colours.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()
