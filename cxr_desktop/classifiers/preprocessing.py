"""Display gray to network input. Training recipes use these very functions, so that none can drift."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate, pad

from cxr_desktop.classifiers.card import InputSpec, Normalisation
from cxr_desktop.classifiers.geometry import ModelGeometry, lay_out

WHITE = 255.0


def preprocess_display(gray: NDArray[Any], spec: InputSpec) -> Tensor:
    """(1, channels, height, width) float32 on the CPU of a shown image.

    gray: (rows, columns), 0 black to 255 white, bone bright, of any real type.
    Raises ModelError for an image without pixels.
    """
    geometry = lay_out(gray.shape[0], gray.shape[1], spec)
    content = _resized(gray, geometry)
    plane = _padded(_normalised(content, spec), geometry, _black(spec))
    mean, std = torch.tensor(spec.mean), torch.tensor(spec.std)
    return (plane - mean.view(1, -1, 1, 1)) / std.view(1, -1, 1, 1)


def _resized(gray: NDArray[Any], geometry: ModelGeometry) -> Tensor:
    """(1, 1, h, w) of the seen part at model size, antialiased bilinear."""
    source, target = geometry.source, geometry.target
    seen = gray[source.top : source.bottom, source.left : source.right]
    plane = torch.from_numpy(np.array(seen, dtype=np.float32, order="C"))[None, None]
    if plane.shape[2:] == (target.height, target.width):
        return plane
    size = (target.height, target.width)
    return interpolate(plane, size=size, mode="bilinear", align_corners=False, antialias=True)


def _normalised(content: Tensor, spec: InputSpec) -> Tensor:
    match spec.normalisation:
        case Normalisation.NONE:
            return content
        case Normalisation.RANGE:
            return content / WHITE
        case Normalisation.TORCHXRAYVISION:
            return (2.0 * content / WHITE - 1.0) * 1024.0
        case Normalisation.PERCENTILE:
            low, high = np.percentile(content.numpy(), spec.percentiles)
            return ((content - float(low)) / max(float(high - low), 1e-6)).clamp(0.0, 1.0)


def _black(spec: InputSpec) -> float:
    """What a black pixel is after normalisation, for the padding."""
    return -1024.0 if spec.normalisation is Normalisation.TORCHXRAYVISION else 0.0


def _padded(content: Tensor, geometry: ModelGeometry, black: float) -> Tensor:
    target = geometry.target
    right, bottom = geometry.width - target.right, geometry.height - target.bottom
    return pad(content, (target.left, right, target.top, bottom), value=black)
