"""Boxes and their tags, drawn crisp on whole pixels of a figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cxr_desktop.domain import Analysis, Box, LocalizedMap, Point, region_of
from cxr_desktop.domain.palette import CASING, NETWORK, READER, REFERENCE, LineStyle
from cxr_desktop.reports.fonts import font_path, printable
from cxr_desktop.reports.people import people_boxes
from cxr_desktop.reports.rendering import Rgb8, Size, line_width
from cxr_desktop.reports.shape_marks import draw_shape

Rect = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """A box to draw. tag: a short text beside it, or empty."""

    box: Box
    style: LineStyle
    tag: str = ""


def network_marks(localized: LocalizedMap) -> tuple[Mark, ...]:
    """The boxes cut from a map, numbered as the tables number them."""
    many = len(localized.boxes) > 1
    return tuple(
        Mark(box, NETWORK, f"AI {number}" if many else "AI")
        for number, box in enumerate(localized.boxes, start=1)
    )


def human_marks(analysis: Analysis) -> tuple[Mark, ...]:
    """The boxes to compare with and those drawn by readers, tagged with their names."""
    return tuple(
        Mark(one.box, READER if one.by_reader else REFERENCE, one.name) for one in people_boxes(analysis)
    )


def drawn(figure: Rgb8, stored: Size, marks: Sequence[Mark]) -> Rgb8:
    """The figure with boxes and other regions given in pixels of the stored image.

    stored: (rows, columns) of the stored image. The line's outer edge runs along
    the box's edge; what lies off the image is cut away.
    """
    picture = Image.fromarray(figure)
    draw = ImageDraw.Draw(picture)
    width = line_width((figure.shape[0], figure.shape[1]))
    placed = [(mark, _on_figure(mark.box, stored, figure.shape[:2])) for mark in marks]
    for mark, rect in placed:
        if rect is not None and isinstance(region_of(mark.box), Box):
            _outline(draw, rect, mark.style, width)
        elif rect is not None:
            scale = figure.shape[1] / stored[1], figure.shape[0] / stored[0]
            draw_shape(draw, mark.box, scale, mark.style, width)
    _tags(draw, figure.shape[:2], [(mark, rect) for mark, rect in placed if rect is not None and mark.tag])
    return np.asarray(picture)


def _on_figure(box: Box, stored: Size, shape: tuple[int, ...]) -> Rect | None:
    """Left, top, right, bottom in whole pixels, the last two outside; None where nothing is to be seen."""
    inside = box.clipped(stored[1], stored[0])
    is_point = isinstance(region_of(box), Point) and inside == box
    if inside.area <= 0 and not is_point:
        return None
    down, right = shape[0] / stored[0], shape[1] / stored[1]
    left, top = round(inside.x * right), round(inside.y * down)
    left, top = min(left, shape[1] - 1), min(top, shape[0] - 1)
    return (
        left,
        top,
        max(left + 1, round(inside.right * right)),
        max(top + 1, round(inside.bottom * down)),
    )


def _outline(draw: ImageDraw.ImageDraw, rect: Rect, style: LineStyle, width: int) -> None:
    left, top, right, bottom = rect
    draw.rectangle((left - 1, top - 1, right, bottom), outline=CASING)
    inner = width
    if right - left > 2 * width + 2 and bottom - top > 2 * width + 2:
        draw.rectangle((left + inner, top + inner, right - 1 - inner, bottom - 1 - inner), outline=CASING)
    for start, stop in dashes(right - left, style.dash, width):
        draw.rectangle((left + start, top, left + stop - 1, min(top + width, bottom) - 1), fill=style.colour)
        draw.rectangle(
            (left + start, max(bottom - width, top), left + stop - 1, bottom - 1), fill=style.colour
        )
    for start, stop in dashes(bottom - top, style.dash, width):
        draw.rectangle((left, top + start, min(left + width, right) - 1, top + stop - 1), fill=style.colour)
        draw.rectangle((max(right - width, left), top + start, right - 1, top + stop - 1), fill=style.colour)


def dashes(length: int, dash: tuple[int, ...], width: int) -> Iterable[tuple[int, int]]:
    """Stretches of a line that are drawn, in pixels from its start; begins and ends with one."""
    if not dash:
        yield 0, length
        return
    at, turn = 0, 0
    while at < length:
        step = dash[turn % len(dash)] * width
        if turn % 2 == 0:
            yield at, min(at + step, length)
        at, turn = at + step, turn + 1
    yield max(0, length - width), length


def _tags(draw: ImageDraw.ImageDraw, shape: tuple[int, ...], marks: list[tuple[Mark, Rect]]) -> None:
    size = max(11, round(max(shape) / 48))
    font = ImageFont.truetype(str(font_path("bold")), size, layout_engine=ImageFont.Layout.BASIC)
    taken: list[Rect] = []
    for mark, rect in marks:
        text = printable(mark.tag)[:24]
        wide = int(draw.textlength(text, font=font)) + size // 2 + 2
        spot = _spot(rect, (wide, size + size // 3 + 2), shape, taken)
        if spot is None:
            continue
        taken.append(spot)
        draw.rectangle((spot[0], spot[1], spot[2] - 1, spot[3] - 1), fill=CASING)
        draw.text(((spot[0] + spot[2]) / 2, (spot[1] + spot[3]) / 2), text, mark.style.colour, font, "mm")


def _spot(rect: Rect, size: tuple[int, int], shape: tuple[int, ...], taken: list[Rect]) -> Rect | None:
    """The first free place for a tag at a corner of its box, within the figure; None where all are taken."""
    left, top, right, bottom = rect
    wide, high = size
    corners = (
        (left, top - high - 1),
        (right - wide, bottom + 1),
        (left, bottom + 1),
        (right - wide, top - high - 1),
        (left + 4, top + 4),
        (right - wide - 4, bottom - high - 4),
    )
    for x, y in corners:
        spot = (x, y, x + wide, y + high)
        within = x >= 0 and y >= 0 and spot[2] <= shape[1] and spot[3] <= shape[0]
        if within and not any(_overlap(spot, other) for other in taken):
            return spot
    return None


def _overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
