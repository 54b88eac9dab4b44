"""Place and gray told without an image's own size and values, so that another image can take them. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cxr_desktop.domain import VoiFunction, Window


@dataclass(frozen=True, slots=True)
class RelativePlace:
    """zoom: over the fitted scale. x, y: shares of width and height that lie in the canvas's middle."""

    zoom: float
    x: float
    y: float
    fitted: bool


@dataclass(frozen=True, slots=True)
class RelativeGray:
    """shift: of the centre towards dark, in default widths. stretch: width over the default.

    inverted: by the reader.
    """

    shift: float
    stretch: float
    inverted: bool
    sigmoid: bool

    @property
    def usual(self) -> bool:
        """Whether this is the file's own gray."""
        return self.shift == 0 and self.stretch == 1 and not self.sigmoid

    @classmethod
    def between(
        cls, window: Window, default: Window, inverted: bool, *, opposite: bool = False
    ) -> RelativeGray:
        """opposite: the image's file shows small values bright, so that a higher centre is brighter."""
        sigmoid = window.function is VoiFunction.SIGMOID and default.function is not VoiFunction.SIGMOID
        shift = (window.centre - default.centre) / default.width
        return cls(-shift if opposite else shift, window.width / default.width, inverted, sigmoid)

    def of(self, default: Window, *, opposite: bool = False) -> Window:
        """The window that stands to this default as the first one stood to its own."""
        shift = -self.shift if opposite else self.shift
        function = VoiFunction.SIGMOID if self.sigmoid else default.function
        smallest = 1.0 if function is VoiFunction.LINEAR else 1e-6
        return replace(
            default,
            centre=default.centre + shift * default.width,
            width=max(self.stretch * default.width, smallest),
            function=function,
            explanation="linked",
        )
