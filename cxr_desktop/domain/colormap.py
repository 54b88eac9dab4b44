"""Colour tables of maps, chosen to be told apart by colour-blind readers.

Anchors are sampled from the published tables of matplotlib (inferno, viridis, cividis; CC0) and
ColorBrewer's PuOr and RdBu (Apache-2.0), interpolated linearly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SEQUENTIAL = {
    "inferno": "000004 1b0c41 4a0c6b 781c6d a52c60 cf4446 ed6925 fb9b06 f7d13d fcffa4",
    "viridis": "440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725",
    "cividis": "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838",
}
_DIVERGING = {
    "blue-red": "2166ac 4393c3 92c5de d1e5f0 f7f7f7 fddbc7 f4a582 d6604d b2182b",
    "purple-orange": "542788 8073ac b2abd2 d8daeb f7f7f7 fee0b6 fdb863 e08214 b35806",
}
NAMES = (*_SEQUENTIAL, *_DIVERGING)


def is_diverging(name: str) -> bool:
    """True where the table's middle stands for zero."""
    return name in _DIVERGING


def table(name: str) -> NDArray[np.uint8]:
    """(256, 3) RGB. Raises KeyError for a name that is not in NAMES."""
    anchors = {**_SEQUENTIAL, **_DIVERGING}[name].split()
    colours = np.array([[int(code[i : i + 2], 16) for i in (0, 2, 4)] for code in anchors], dtype=float)
    at = np.linspace(0, 255, len(colours))
    channels = [np.interp(np.arange(256), at, colours[:, c]) for c in range(3)]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)
