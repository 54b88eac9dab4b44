"""What a reader said of a finding beyond its box, as the JSON formats carry it."""

from __future__ import annotations

from math import cos, pi, sin

from cxr_desktop.domain import Box, Ellipse, Finding, Point, Polygon, region_of

ROUND = 64
"""Corners of the polygon that stands for an ellipse where a format has none."""
Corners = list[list[float]]


def said_of(box: Box) -> dict[str, object]:
    """Shape, certainty, laterality and comment as far as they were stated; nothing of a plain box.

    These keys are our own: programs that do not know them see the bounding box.
    """
    if not isinstance(box, Finding):
        return {}
    said: dict[str, object] = {"shape": box.shape.value}
    if box.vertices:
        said["vertices"] = corners_of(box)
    if box.certainty:
        said["certainty"] = box.certainty.name.lower()
    if box.laterality:
        said["laterality"] = box.laterality.value
    if box.comment:
        said["comment"] = box.comment
    return said


def corners_of(box: Box) -> Corners:
    """The region as a polygon in pixels of the stored image; an ellipse by 64 corners, a point by none."""
    region = region_of(box)
    if isinstance(region, Polygon):
        return [[x, y] for x, y in region.vertices]
    if isinstance(region, Ellipse):
        turns = [2 * pi * step / ROUND for step in range(ROUND)]
        x, y = box.centre
        return [[x + box.width / 2 * cos(turn), y + box.height / 2 * sin(turn)] for turn in turns]
    if isinstance(region, Point):
        return []
    return [[box.x, box.y], [box.right, box.y], [box.right, box.bottom], [box.x, box.bottom]]
