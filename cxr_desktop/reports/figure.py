"""The figure of a case: the clean image and every method's overlay in a captioned grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from cxr_desktop.domain import DISCLAIMER, Analysis, AttributionMap, LocalizedMap
from cxr_desktop.domain.palette import NETWORK, READER, REFERENCE, LineStyle, Rgb
from cxr_desktop.reports.lettering import fitted_text, lettering
from cxr_desktop.reports.marks import dashes, drawn, human_marks, network_marks
from cxr_desktop.reports.rendering import Rgb8, clean, fitted, overlaid
from cxr_desktop.reports.wording import (
    comparison_text,
    method_title,
    moment,
    number,
    target_of,
    threshold_words,
)

WIDTH = 1600
MARGIN = 32
GAP = 20
HEADER = 96
FOOTER = 64
CAPTION = 78
BACKGROUND: Rgb = (16, 19, 24)
PANEL: Rgb = (0, 0, 0)
INK: Rgb = (232, 236, 241)
MUTED: Rgb = (150, 160, 172)
ACCENT: Rgb = NETWORK.colour


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of the grid with its caption: a title and up to two lines."""

    pixels: Rgb8
    title: str
    lines: tuple[str, ...]


def case_figure(analysis: Analysis) -> Image.Image:
    """The figure as RGB, 1600 pixels wide, as high as its panels need."""
    count = len(analysis.maps) + 1
    across = min(count, 2 if count <= 4 else 3)
    side = (WIDTH - 2 * MARGIN - (across - 1) * GAP) // across
    panels = list(panels_of(analysis, side))
    tallest = max(panel.pixels.shape[0] for panel in panels)
    down = -(-count // across)
    height = HEADER + down * (tallest + CAPTION + GAP) + FOOTER
    picture = Image.new("RGB", (WIDTH, height), BACKGROUND)
    draw = ImageDraw.Draw(picture)
    _header(draw, analysis)
    for place, panel in enumerate(panels):
        row, column = divmod(place, across)
        corner = (MARGIN + column * (side + GAP), HEADER + row * (tallest + CAPTION + GAP))
        _panel(picture, draw, panel, corner, (side, tallest))
    _footer(draw, analysis, height)
    return picture


def panels_of(analysis: Analysis, side: int) -> Iterator[Panel]:
    """The clean image, then each map with its boxes and those of people; long side `side` pixels."""
    radiograph = analysis.radiograph
    stored = (radiograph.rows, radiograph.columns)
    base = clean(radiograph.display(), fitted(*stored, side))
    yield Panel(base, "Radiograph", (f"{radiograph.header.path.name}, {stored[1]} × {stored[0]} px",))
    people = human_marks(analysis)
    for found, localized in zip(analysis.maps, analysis.localized, strict=True):
        marks = (*people, *network_marks(localized))
        pixels = drawn(overlaid(base, found, localized), stored, marks)
        yield Panel(pixels, method_title(found.method), caption(analysis, found, localized))


def caption(analysis: Analysis, found: AttributionMap, localized: LocalizedMap) -> tuple[str, ...]:
    """Target and threshold, then the best comparison with a reference box."""
    compared = (one for one in analysis.localizations if one.method == found.method)
    best = max(compared, key=lambda one: one.iou, default=None)
    first = f"{found.target}, cut at {threshold_words(localized.threshold)}"
    return (first,) if best is None else (first, comparison_text(analysis, best))


def figure_metadata(analysis: Analysis) -> PngInfo:
    """Where the figure comes from, as PNG text; no patient identity."""
    model = analysis.prediction.model
    info = PngInfo()
    for key, value in (
        ("Title", f"{analysis.radiograph.header.path.name} explained by {model.name}"),
        ("Software", analysis.software),
        ("Creation Time", analysis.created),
        ("Disclaimer", DISCLAIMER),
        ("Model", f"{model.name} {model.version}"),
        ("Weights SHA-256", model.weights_sha256),
        ("Image SHA-256", analysis.radiograph.sha256),
        ("Methods", ", ".join(found.method for found in analysis.maps)),
    ):
        info.add_itxt(key, value)
    return info


def _header(draw: ImageDraw.ImageDraw, analysis: Analysis) -> None:
    model = analysis.prediction.model
    target = target_of(analysis)
    score = f"{target} {number(analysis.prediction.scores.get(target))}" if target else ""
    title, small = lettering(26, "bold"), lettering(16)
    right = WIDTH - MARGIN
    draw.text((right, 26), fitted_text(score, title, 560), ACCENT, title, "ra")
    draw.text((MARGIN, 26), fitted_text(model.title or model.name, title, 900), INK, title)
    line = f"{model.name} {model.version}   weights {model.weights_sha256[:16]}   {moment(analysis.created)}"
    draw.text((MARGIN, 62), fitted_text(line, small, right - MARGIN), MUTED, small)


def _panel(
    picture: Image.Image,
    draw: ImageDraw.ImageDraw,
    panel: Panel,
    corner: tuple[int, int],
    size: tuple[int, int],
) -> None:
    """Draw a panel centred in its cell, its caption below."""
    (x, y), (wide, high) = corner, size
    draw.rectangle((x, y, x + wide - 1, y + high - 1), fill=PANEL)
    rows, columns = panel.pixels.shape[:2]
    picture.paste(Image.fromarray(panel.pixels), (x + (wide - columns) // 2, y + (high - rows) // 2))
    title, small = lettering(18, "bold"), lettering(15)
    draw.text((x, y + high + 9), fitted_text(panel.title, title, wide), INK, title)
    for number_of_line, line in enumerate(panel.lines):
        at = (x, y + high + 34 + 20 * number_of_line)
        draw.text(at, fitted_text(line, small, wide), MUTED, small)


def _footer(draw: ImageDraw.ImageDraw, analysis: Analysis, height: int) -> None:
    small = lettering(16)
    middle = height - FOOTER // 2 - 4
    x = MARGIN
    for style in legend_of(analysis):
        _swatch(draw, (x, middle), style)
        draw.text((x + 46, middle), style.title, INK, small, "lm")
        x += 46 + round(small.getlength(style.title)) + 28
    draw.text((WIDTH - MARGIN, middle), DISCLAIMER, INK, small, "rm")


def _swatch(draw: ImageDraw.ImageDraw, at: tuple[int, int], style: LineStyle) -> None:
    x, y = at
    draw.rectangle((x, y - 9, x + 37, y + 8), fill=PANEL)
    for start, stop in dashes(37, style.dash, 3):
        draw.rectangle((x + start, y - 2, x + stop - 1, y), fill=style.colour)


def legend_of(analysis: Analysis) -> tuple[LineStyle, ...]:
    """The kinds of boxes that the case holds."""
    kinds = (
        (NETWORK, any(localized.boxes for localized in analysis.localized)),
        (REFERENCE, bool(analysis.references)),
        (READER, any(reading.boxes for reading in analysis.readings)),
    )
    return tuple(style for style, present in kinds if present)
