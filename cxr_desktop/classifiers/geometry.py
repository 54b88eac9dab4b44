"""Stored image to model input and back: the one place where the two frames meet. Needs no torch.

Both frames measure in pixel edges: x right and y down, 0 at the outer edge of the first pixel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.classifiers.card import Fit, InputSpec
from cxr_desktop.domain.box import Box
from cxr_desktop.domain.errors import ModelError


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of whole pixels, half-open."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class ModelGeometry:
    """How an image of rows x columns lies in a model input of height x width.

    source: the part of the image that the model sees. target: where it lies in the input; the
    rest of the input is padding.
    """

    rows: int
    columns: int
    height: int
    width: int
    source: Region
    target: Region

    @property
    def scale(self) -> tuple[float, float]:
        """Model pixels per image pixel along x and along y."""
        return self.target.width / self.source.width, self.target.height / self.source.height

    @property
    def offset(self) -> tuple[float, float]:
        """(x, y) in the model of the image's upper left corner: x_model = scale * x_image + offset."""
        scale_x, scale_y = self.scale
        return self.target.left - scale_x * self.source.left, self.target.top - scale_y * self.source.top

    def point_to_model(self, x: float, y: float) -> tuple[float, float]:
        (scale_x, scale_y), (offset_x, offset_y) = self.scale, self.offset
        return scale_x * x + offset_x, scale_y * y + offset_y

    def point_to_image(self, x: float, y: float) -> tuple[float, float]:
        (scale_x, scale_y), (offset_x, offset_y) = self.scale, self.offset
        return (x - offset_x) / scale_x, (y - offset_y) / scale_y

    def box_to_model(self, box: Box) -> Box:
        """The box in the model's input, clipped to what the model sees."""
        x, y = self.point_to_model(box.x, box.y)
        scale_x, scale_y = self.scale
        moved = replace(box, x=x, y=y, width=box.width * scale_x, height=box.height * scale_y)
        return _clipped(moved, self.target)

    def box_to_image(self, box: Box) -> Box:
        """A box of the model's input on the stored image, clipped to what the model sees."""
        x, y = self.point_to_image(box.x, box.y)
        scale_x, scale_y = self.scale
        moved = replace(box, x=x, y=y, width=box.width / scale_x, height=box.height / scale_y)
        return _clipped(moved, self.source)

    def map_to_image(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """(rows, columns) float32 of a map (h, w) that spans the whole model input.

        Bilinear between the map's pixel centres, constant outside the outermost of them, 0
        where the model does not see the image. The padding is not mixed in.
        Raises ModelError for a map that is not a plane.
        """
        if values.ndim != 2 or 0 in values.shape:
            raise ModelError(f"a map of shape {values.shape} is no plane of height x width")
        plane = np.ascontiguousarray(values, dtype=np.float32)
        h, w = plane.shape
        across = _samples(self.source.width, self.target.left, self.target.width, self.width, w)
        down = _samples(self.source.height, self.target.top, self.target.height, self.height, h)
        rows = _mix(plane.T, across).T
        seen = _mix(np.ascontiguousarray(rows), down)
        if (self.source.width, self.source.height) == (self.columns, self.rows):
            return seen
        image = np.zeros((self.rows, self.columns), dtype=np.float32)
        image[self.source.top : self.source.bottom, self.source.left : self.source.right] = seen
        return image


@dataclass(frozen=True, slots=True)
class _Samples:
    """Along one axis: the two neighbours of each sample and the share of the second."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    share: NDArray[np.float32]


def _samples(count: int, start: int, extent: int, input_size: int, map_size: int) -> _Samples:
    """Map positions of `count` image pixels that lie on model pixels start .. start + extent."""
    per_model_pixel = map_size / input_size
    centres = start + (np.arange(count) + 0.5) * (extent / count)
    position = centres * per_model_pixel - 0.5
    low = start * per_model_pixel
    high = max((start + extent) * per_model_pixel - 1, low)
    position = np.clip(
        position, max(np.ceil(low - 1e-9), 0), min(max(np.floor(high + 1e-9), 0), map_size - 1)
    )
    first = np.floor(position).astype(np.intp)
    return _Samples(first, np.minimum(first + 1, map_size - 1), (position - first).astype(np.float32))


def _mix(plane: NDArray[np.float32], samples: _Samples) -> NDArray[np.float32]:
    """Rows of the plane at fractional positions."""
    share = samples.share[:, None]
    mixed = plane[samples.second]
    first = plane[samples.first]
    mixed -= first
    mixed *= share
    mixed += first
    return mixed


def _clipped(box: Box, region: Region) -> Box:
    moved = box.moved(-region.left, -region.top).clipped(region.width, region.height)
    return moved.moved(region.left, region.top)


def lay_out(rows: int, columns: int, spec: InputSpec) -> ModelGeometry:
    """Place an image of rows x columns in the input that `spec` describes.

    Raises ModelError for an image without pixels.
    """
    if rows < 1 or columns < 1:
        raise ModelError(f"an image of {rows} x {columns} pixels has nothing to classify")
    source = Region(0, 0, columns, rows)
    target = Region(0, 0, spec.width, spec.height)
    if spec.fit is Fit.LETTERBOX:
        scale = min(spec.width / columns, spec.height / rows)
        target = _centred(spec.width, spec.height, columns * scale, rows * scale)
    elif spec.fit is Fit.CROP:
        scale = max(spec.width / columns, spec.height / rows)
        source = _centred(columns, rows, spec.width / scale, spec.height / scale)
    return ModelGeometry(rows, columns, spec.height, spec.width, source, target)


def _centred(outer_width: int, outer_height: int, width: float, height: float) -> Region:
    inner_width = min(max(round(width), 1), outer_width)
    inner_height = min(max(round(height), 1), outer_height)
    left, top = (outer_width - inner_width) // 2, (outer_height - inner_height) // 2
    return Region(left, top, inner_width, inner_height)
