"""Images, legends and colour bars on the page."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image
from reportlab.lib.colors import Color
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from cxr_desktop.domain.palette import LineStyle
from cxr_desktop.reports.marks import dashes
from cxr_desktop.reports.pdf.theme import INK, MUTED, REGULAR, SLATE
from cxr_desktop.reports.rendering import Rgb8, colour_bar

JPEG_QUALITY = 93


def jpeg(pixels: Rgb8) -> BytesIO:
    """The picture as JPEG without colour subsampling, the same bytes for the same pixels."""
    encoded = BytesIO()
    Image.fromarray(pixels).save(encoded, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    encoded.seek(0)
    return encoded


class Picture(Flowable):
    """Pixels centred on black in a cell of fixed width, as high as the picture needs up to `highest`."""

    def __init__(self, pixels: Rgb8, width: float, highest: float) -> None:
        super().__init__()
        rows, columns = pixels.shape[:2]
        self.width = width
        self.height = min(highest, max(width * rows / columns, 12 * mm))
        self._pixels = pixels

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        rows, columns = self._pixels.shape[:2]
        scale = min(self.width / columns, self.height / rows)
        wide, high = columns * scale, rows * scale
        self.canv.setFillColorRGB(0, 0, 0)
        self.canv.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        self.canv.drawImage(
            ImageReader(jpeg(self._pixels)), (self.width - wide) / 2, (self.height - high) / 2, wide, high
        )


class Legend(Flowable):
    """What the line styles of boxes mean, in one line; shows nothing for no styles.

    beside_heading: drawn at the right of the heading just above, taking no room of its own.
    """

    def __init__(self, styles: Sequence[LineStyle], beside_heading: bool = False) -> None:
        super().__init__()
        self._styles, self._beside = tuple(styles), beside_heading
        self.width, self.height = 0.0, 11.0 if self._styles and not beside_heading else 0.0

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        self.width = width
        return width, self.height

    def draw(self) -> None:
        x = 0.0
        if self._beside:
            widths = (43 + stringWidth(style.title, REGULAR, 7.2) for style in self._styles)
            x = self.width + 12 - sum(widths)
            self.canv.translate(0, 2)
        for style in self._styles:
            self.canv.setFillColor(SLATE)
            self.canv.roundRect(x, 1, 27, 9, 1.5, stroke=0, fill=1)
            self.canv.setFillColor(Color(*(channel / 255 for channel in style.colour)))
            for start, stop in dashes(21, style.dash, 1):
                self.canv.rect(x + 3 + start, 4.8, stop - start, 1.4, stroke=0, fill=1)
            self.canv.setFillColor(INK)
            self.canv.setFont(REGULAR, 7.2)
            self.canv.drawString(x + 31, 3, style.title)
            x += 31 + stringWidth(style.title, REGULAR, 7.2) + 12


class ColourBar(Flowable):
    """The colours of a map with what their ends mean."""

    def __init__(self, signed: bool, width: float) -> None:
        super().__init__()
        self._signed = signed
        self.width, self.height = width, 10.0

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        low, high = ("against", "for the target") if self._signed else ("none", "strongest")
        self.canv.setFont(REGULAR, 6.4)
        self.canv.setFillColor(MUTED)
        self.canv.drawString(0, 2.4, low)
        self.canv.drawRightString(self.width, 2.4, high)
        left = stringWidth(low, REGULAR, 6.4) + 5
        right = self.width - stringWidth(high, REGULAR, 6.4) - 5
        bar = ImageReader(Image.fromarray(colour_bar(self._signed, 256, 1)))
        self.canv.drawImage(bar, left, 2, right - left, 5.4)
