"""Text on exported pictures."""

from __future__ import annotations

from PIL import ImageFont

from cxr_desktop.reports.fonts import font_path, printable


def lettering(size: int, weight: str = "regular") -> ImageFont.FreeTypeFont:
    """The regular, bold or italic face at a size in pixels."""
    return ImageFont.truetype(str(font_path(weight)), size, layout_engine=ImageFont.Layout.BASIC)


def fitted_text(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """The text, cut with an ellipsis where it is wider than `width`."""
    shown = printable(text)
    if font.getlength(shown) <= width:
        return shown
    while shown and font.getlength(f"{shown}…") > width:
        shown = shown[:-1]
    return f"{shown.rstrip()}…"
