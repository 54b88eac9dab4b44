"""A radiograph made ready for the canvas. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from cxr_desktop.domain import Radiograph, Window
from cxr_desktop.ui.viewer.gray_histogram import GrayHistogram, central_window
from cxr_desktop.ui.viewer.gray_pyramid import GrayPyramid

GLIMPSED_FROM = 4_000_000
_STEP = 8


@dataclass(frozen=True, slots=True, eq=False)
class LoadedImage:
    """What a worker hands to the window for display.

    value_range: smallest and largest modality value. key: what boxes, measurements and maps of this frame
    are kept under; empty where only its picture is at hand, as of a frame that goes by. histogram, central:
    of the gray panel; None for such a picture.
    """

    radiograph: Radiograph
    pyramid: GrayPyramid
    value_range: tuple[float, float]
    key: str = ""
    histogram: GrayHistogram | None = None
    central: Window | None = None

    @classmethod
    def prepare(cls, radiograph: Radiograph) -> LoadedImage:
        """All that the window needs; waits for the file's digest."""
        return cls(
            radiograph,
            GrayPyramid.build(radiograph),
            radiograph.value_range(),
            radiograph.key or radiograph.identifier,
            GrayHistogram.of(radiograph),
            central_window(radiograph),
        )

    @classmethod
    def picture(cls, radiograph: Radiograph) -> LoadedImage:
        """The picture alone, for one that goes by: a large image at a glimpse."""
        if radiograph.pixels.size >= GLIMPSED_FROM:
            return cls.glimpse(radiograph)
        return cls(radiograph, GrayPyramid.build(radiograph), radiograph.value_range())

    @classmethod
    def glimpse(cls, radiograph: Radiograph) -> LoadedImage:
        """The picture alone, at once: every second, fourth … pixel where it is shown small."""
        part = radiograph.pixels[::_STEP, ::_STEP]
        return cls(radiograph, GrayPyramid.sampled(radiograph), (float(part.min()), float(part.max())))

    @property
    def aspect(self) -> float:
        """Height of a stored pixel over its width."""
        spacing = self.radiograph.spacing
        return spacing.row / spacing.column if spacing else self.radiograph.pixel_aspect

    @property
    def bytes(self) -> int:
        """What it holds in memory."""
        return self.radiograph.pixels.nbytes + sum(level.nbytes for level in self.pyramid.levels[1:])

    def goes_on_from(self, other: LoadedImage | None) -> bool:
        """Whether this is the same picture in full, or another frame of the same file."""
        if other is None:
            return False
        here, there = self.radiograph, other.radiograph
        return here is there or (here.header.frames > 1 and here.header == there.header)
