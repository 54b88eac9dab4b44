"""The contact sheet of a layer's units: what each answers to, and what flows through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cxr_desktop.domain import DISCLAIMER, AttributionMap, Radiograph
from cxr_desktop.domain.palette import NETWORK, Rgb
from cxr_desktop.domain.units import NetworkUnits
from cxr_desktop.reports.figure import BACKGROUND, INK, MARGIN, MUTED, PANEL, WIDTH
from cxr_desktop.reports.lettering import fitted_text, lettering
from cxr_desktop.reports.rendering import (
    HeatStyle,
    Rgb8,
    blend,
    clean,
    fitted,
    heat,
    overlaid,
    resampled_map,
)
from cxr_desktop.reports.wording import method_title

ACROSS = 3
SUPPORTS: Rgb = (226, 115, 79)
OPPOSES: Rgb = (86, 148, 200)
ACTIVATION = HeatStyle(sequential="viridis", diverging="purple-orange")
READING = (
    "Left: where the unit answers, whatever for.   Right: the relevance that flows through that unit alone.   "
    "Share: of the layer's relevance, by magnitude."
)
LIMITS = (
    "Shows what the network used, not what it means: a unit need not stand for one sign of disease, and "
    "other units may carry the same one."
)
_GAP, _HEADER, _FOOTER, _CAPTION = 22, 116, 92, 56
_CARD = (WIDTH - 2 * MARGIN - (ACROSS - 1) * _GAP) // ACROSS
_PICTURE = (_CARD - 6) // 2


@dataclass(frozen=True, slots=True, eq=False)
class UnitCard:
    """A unit, or several taken for one concept. activation: (rows, columns), None where the layer keeps no places.
    share: signed, of the layer's relevance; None for the whole layer."""

    title: str
    share: float | None
    activation: NDArray[np.float32] | None
    map: AttributionMap


def unit_sheet(
    radiograph: Radiograph, found: NetworkUnits, layer: str, score: float, cards: Sequence[UnitCard]
) -> Image.Image:
    """The sheet as RGB, 1600 pixels wide, as high as its cards need. score: the target's probability."""
    base = clean(radiograph.display(), fitted(radiograph.rows, radiograph.columns, _PICTURE))
    down = -(-len(cards) // ACROSS)
    step = _PICTURE + _CAPTION + _GAP
    height = _HEADER + down * step + _FOOTER
    picture = Image.new("RGB", (WIDTH, height), BACKGROUND)
    draw = ImageDraw.Draw(picture)
    _header(draw, radiograph, found, layer, score)
    largest = max((abs(card.share) for card in cards if card.share is not None), default=0.0) or 1.0
    for place, card in enumerate(cards):
        row, column = divmod(place, ACROSS)
        _card(picture, draw, base, card, (MARGIN + column * (_CARD + _GAP), _HEADER + row * step), largest)
    _footer(draw, found, height)
    return picture


def _header(
    draw: ImageDraw.ImageDraw, radiograph: Radiograph, found: NetworkUnits, layer: str, score: float
) -> None:
    title, small = lettering(26, "bold"), lettering(16)
    right = WIDTH - MARGIN
    units = found.layer(layer)
    draw.text((MARGIN, 24), fitted_text(f"Inside the network: {layer}", title, 1040), INK, title)
    draw.text(
        (right, 24), fitted_text(f"{found.target} {score:.2f}", title, 480), NETWORK.colour, title, "ra"
    )
    size = f"{units.channels} units of {units.rows} × {units.columns}"
    told = f"{size}, half of the relevance in {units.half} of them   {method_title(found.method)}"
    draw.text((MARGIN, 62), fitted_text(told, small, right - MARGIN), MUTED, small)
    model = found.model
    origin = f"{model.title or model.name} {model.version}   weights {model.weights_sha256[:16]}"
    line = f"{origin}   {radiograph.header.path.name}"
    draw.text((MARGIN, 84), fitted_text(line, small, right - MARGIN), MUTED, small)


def _card(
    picture: Image.Image,
    draw: ImageDraw.ImageDraw,
    base: Rgb8,
    card: UnitCard,
    corner: tuple[int, int],
    largest: float,
) -> None:
    x, y = corner
    _paste(picture, draw, _activated(base, card.activation), (x, y))
    _paste(picture, draw, overlaid(base, card.map), (x + _CARD - _PICTURE, y))
    title, small = lettering(18, "bold"), lettering(15)
    top = y + _PICTURE + 10
    draw.text((x, top), fitted_text(card.title, title, _CARD - 100), INK, title)
    if card.share is None:
        return
    draw.text((x + _CARD, top + 2), f"{100 * card.share:+.1f} %", MUTED, small, "ra")
    draw.rectangle((x, top + 32, x + _CARD - 1, top + 36), fill=(36, 42, 49))
    if card.share != 0:
        length = max(round((_CARD - 1) * abs(card.share) / largest), 2)
        draw.rectangle((x, top + 32, x + length, top + 36), fill=SUPPORTS if card.share > 0 else OPPOSES)


def _paste(picture: Image.Image, draw: ImageDraw.ImageDraw, pixels: Rgb8, corner: tuple[int, int]) -> None:
    x, y = corner
    rows, columns = pixels.shape[:2]
    draw.rectangle((x, y, x + _PICTURE - 1, y + _PICTURE - 1), fill=PANEL)
    picture.paste(Image.fromarray(pixels), (x + (_PICTURE - columns) // 2, y + (_PICTURE - rows) // 2))


def _activated(base: Rgb8, activation: NDArray[np.float32] | None) -> Rgb8:
    if activation is None:
        return base
    plane = resampled_map(activation, (base.shape[0], base.shape[1]))
    return blend(base, *heat(plane, bool((plane < 0).any()), ACTIVATION))


def _footer(draw: ImageDraw.ImageDraw, found: NetworkUnits, height: int) -> None:
    small = lettering(15)
    right = WIDTH - MARGIN
    top = height - _FOOTER + 6
    lines = (READING, " ".join((LIMITS, *found.notes)))
    for place, line in enumerate(lines):
        draw.text((MARGIN, top + 22 * place), fitted_text(line, small, right - MARGIN), MUTED, small)
    draw.text((right, top + 52), DISCLAIMER, INK, lettering(16), "ra")
    for x, colour, word in ((MARGIN, SUPPORTS, "supports"), (MARGIN + 120, OPPOSES, "opposes")):
        draw.rectangle((x, top + 56, x + 22, top + 64), fill=colour)
        draw.text((x + 30, top + 60), word, INK, small, "lm")
