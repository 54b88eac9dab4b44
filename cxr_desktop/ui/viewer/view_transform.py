"""Where the stored image lies on the canvas. No Qt: device pixels in, image pixels out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALLEST_SCALE = 0.02
LARGEST_SCALE = 64.0
MARGIN = 12.0


@dataclass(frozen=True, slots=True)
class Turn:
    """How the reader turned the image: mirrored left to right first, then `quarters` clockwise."""

    quarters: int = 0
    mirrored: bool = False

    def rotated(self, quarters: int) -> Turn:
        return replace(self, quarters=(self.quarters + quarters) % 4)

    def flipped_across(self) -> Turn:
        """Left and right of the screen swapped."""
        return Turn(-self.quarters % 4, not self.mirrored)

    def flipped_down(self) -> Turn:
        """Top and bottom of the screen swapped."""
        return Turn((2 - self.quarters) % 4, not self.mirrored)

    @property
    def sideways(self) -> bool:
        """Whether rows of the image run up or down the screen."""
        return self.quarters % 2 == 1

    def vector(self, x: float, y: float) -> tuple[float, float]:
        """A vector of the image as it lies on the screen."""
        x = -x if self.mirrored else x
        return ((x, y), (-y, x), (-x, -y), (y, -x))[self.quarters]

    def inverse_vector(self, x: float, y: float) -> tuple[float, float]:
        """A vector of the screen as it lies on the image."""
        x, y = ((x, y), (y, -x), (-x, -y), (-y, x))[self.quarters]
        return (-x if self.mirrored else x), y

    def turned(self, values: NDArray[Any]) -> NDArray[Any]:
        """(rows, columns) of the image as they lie on the screen; contiguous."""
        values = values[:, ::-1] if self.mirrored else values
        return np.ascontiguousarray(np.rot90(values, -self.quarters))


UPRIGHT = Turn()


@dataclass(frozen=True, slots=True)
class ViewTransform:
    """Device pixel = turned (image pixel * scale) + offset; down a column, scale is multiplied by aspect.

    left, top: where the image's first corner lies. aspect: height of a stored pixel over its width.
    Device pixels are the screen's own, so a scale of 1 shows every stored pixel once on any screen
    scaling.
    """

    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0
    aspect: float = 1.0
    turn: Turn = UPRIGHT

    @classmethod
    def fitted(
        cls,
        columns: int,
        rows: int,
        width: float,
        height: float,
        aspect: float = 1.0,
        turn: Turn = UPRIGHT,
    ) -> ViewTransform:
        """The whole image, centred, with a small margin."""
        room_x, room_y = max(width - 2 * MARGIN, 1.0), max(height - 2 * MARGIN, 1.0)
        if turn.sideways:
            room_x, room_y = room_y, room_x
        scale = min(room_x / max(columns, 1), room_y / max(rows * aspect, 1))
        return cls._centred(columns, rows, width, height, scale, aspect, turn)

    @classmethod
    def one_to_one(
        cls,
        columns: int,
        rows: int,
        width: float,
        height: float,
        aspect: float = 1.0,
        turn: Turn = UPRIGHT,
    ) -> ViewTransform:
        """A stored pixel to a screen pixel, centred, on whole screen pixels so that nothing is blurred."""
        view = cls._centred(columns, rows, width, height, 1.0, aspect, turn)
        return replace(view, left=float(round(view.left)), top=float(round(view.top)))

    @classmethod
    def _centred(
        cls,
        columns: int,
        rows: int,
        width: float,
        height: float,
        scale: float,
        aspect: float,
        turn: Turn,
    ) -> ViewTransform:
        scale = min(max(scale, SMALLEST_SCALE), LARGEST_SCALE)
        x, y = turn.vector(columns * scale, rows * scale * aspect)
        return cls(scale, (width - x) / 2, (height - y) / 2, aspect, turn)

    @property
    def scale_y(self) -> float:
        return self.scale * self.aspect

    @property
    def matrix(self) -> tuple[float, float, float, float]:
        """Device x and y of a step along a row, then of a step down a column."""
        return (*self.turn.vector(self.scale, 0.0), *self.turn.vector(0.0, self.scale_y))

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        across, down = self.turn.inverse_vector(x - self.left, y - self.top)
        return across / self.scale, down / self.scale_y

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        across, down = self.turn.vector(x * self.scale, y * self.scale_y)
        return across + self.left, down + self.top

    def panned(self, dx: float, dy: float) -> ViewTransform:
        return replace(self, left=self.left + dx, top=self.top + dy)

    def zoomed(self, factor: float, x: float, y: float) -> ViewTransform:
        """Scaled by `factor` about the device pixel (x, y), which keeps its image pixel."""
        scale = min(max(self.scale * factor, SMALLEST_SCALE), LARGEST_SCALE)
        ratio = scale / self.scale
        return replace(self, scale=scale, left=x - (x - self.left) * ratio, top=y - (y - self.top) * ratio)

    def turned(self, turn: Turn, x: float, y: float) -> ViewTransform:
        """Turned about the device pixel (x, y), which keeps its image pixel."""
        kept = self.to_image(x, y)
        after = replace(self, turn=turn)
        there = after.to_view(*kept)
        return after.panned(x - there[0], y - there[1])

    def visible(self, columns: int, rows: int, width: float, height: float) -> tuple[int, int, int, int]:
        """Stored pixels (x0, y0, x1, y1), half-open, that a canvas of that size shows."""
        corners = (self.to_image(0, 0), self.to_image(width, height))
        (x0, x1), (y0, y1) = (sorted(edges) for edges in zip(*corners, strict=True))
        return (
            max(int(x0), 0),
            max(int(y0), 0),
            min(int(x1) + 1, columns),
            min(int(y1) + 1, rows),
        )
