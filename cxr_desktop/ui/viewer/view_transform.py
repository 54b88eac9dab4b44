"""Where the stored image lies on the canvas. No Qt: device pixels in, image pixels out."""

from __future__ import annotations

from dataclasses import dataclass, replace

SMALLEST_SCALE = 0.02
LARGEST_SCALE = 64.0
MARGIN = 12.0


@dataclass(frozen=True, slots=True)
class ViewTransform:
    """Device pixel = image pixel * scale + offset, in x; in y scale is multiplied by aspect.

    aspect: height of a stored pixel over its width. Device pixels are the screen's own, so a
    scale of 1 shows every stored pixel once on any screen scaling.
    """

    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0
    aspect: float = 1.0

    @classmethod
    def fitted(
        cls, columns: int, rows: int, width: float, height: float, aspect: float = 1.0
    ) -> ViewTransform:
        """The whole image, centred, with a small margin."""
        room_x, room_y = max(width - 2 * MARGIN, 1.0), max(height - 2 * MARGIN, 1.0)
        scale = min(room_x / max(columns, 1), room_y / max(rows * aspect, 1))
        return cls._centred(columns, rows, width, height, scale, aspect)

    @classmethod
    def one_to_one(
        cls, columns: int, rows: int, width: float, height: float, aspect: float = 1.0
    ) -> ViewTransform:
        """A stored pixel to a screen pixel, centred, on whole screen pixels so that nothing is blurred."""
        view = cls._centred(columns, rows, width, height, 1.0, aspect)
        return replace(view, left=float(round(view.left)), top=float(round(view.top)))

    @classmethod
    def _centred(
        cls, columns: int, rows: int, width: float, height: float, scale: float, aspect: float
    ) -> ViewTransform:
        scale = min(max(scale, SMALLEST_SCALE), LARGEST_SCALE)
        return cls(scale, (width - columns * scale) / 2, (height - rows * scale * aspect) / 2, aspect)

    @property
    def scale_y(self) -> float:
        return self.scale * self.aspect

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.left) / self.scale, (y - self.top) / self.scale_y

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        return x * self.scale + self.left, y * self.scale_y + self.top

    def panned(self, dx: float, dy: float) -> ViewTransform:
        return replace(self, left=self.left + dx, top=self.top + dy)

    def zoomed(self, factor: float, x: float, y: float) -> ViewTransform:
        """Scaled by `factor` about the device pixel (x, y), which keeps its image pixel."""
        scale = min(max(self.scale * factor, SMALLEST_SCALE), LARGEST_SCALE)
        ratio = scale / self.scale
        return replace(self, scale=scale, left=x - (x - self.left) * ratio, top=y - (y - self.top) * ratio)

    def visible(self, columns: int, rows: int, width: float, height: float) -> tuple[int, int, int, int]:
        """Stored pixels (x0, y0, x1, y1), half-open, that a canvas of that size shows."""
        x0, y0 = self.to_image(0, 0)
        x1, y1 = self.to_image(width, height)
        return (
            max(int(x0), 0),
            max(int(y0), 0),
            min(int(x1) + 1, columns),
            min(int(y1) + 1, rows),
        )
