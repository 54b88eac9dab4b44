"""Regions as DICOM draws them: a closed line, an ellipse by the ends of its axes, or a point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain import Box, Ellipse, Point, Polygon, region_of


def outline(box: Box) -> tuple[str, NDArray[np.float64]]:
    """Graphic type and (n, 2) columns and rows; 0, 0 is the image's top left corner (PS3.3 C.18.6.1.2, C.10.5.1.2)."""
    region = region_of(box)
    if isinstance(region, Point):
        return "POINT", np.array([(region.x, region.y)], dtype=np.float64)
    if isinstance(region, Polygon):
        return "POLYLINE", np.array((*region.vertices, region.vertices[0]), dtype=np.float64)
    x, y = box.centre
    if isinstance(region, Ellipse):
        across, down = ((box.x, y), (box.right, y)), ((x, box.y), (x, box.bottom))
        axes = (*across, *down) if box.width >= box.height else (*down, *across)
        return "ELLIPSE", np.array(axes, dtype=np.float64)
    corners = (
        (box.x, box.y),
        (box.right, box.y),
        (box.right, box.bottom),
        (box.x, box.bottom),
        (box.x, box.y),
    )
    return "POLYLINE", np.array(corners, dtype=np.float64)
