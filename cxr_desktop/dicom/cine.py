"""How fast a file of several frames wants to be played (PS3.3 C.7.6.5)."""

from __future__ import annotations

import math

from pydicom.dataset import Dataset

from cxr_desktop.dicom.elements import number, numbers

CINE_KEYWORDS = ("RecommendedDisplayFrameRate", "CineRate", "FrameTime", "FrameTimeVector")
SLOWEST, FASTEST = 0.1, 240.0
"""What is slower or faster is no rate that anyone meant."""


def frame_rate(dataset: Dataset) -> float:
    """Frames a second: the recommended rate, else that of acquisition; 0 where the file does not say."""
    for keyword in ("RecommendedDisplayFrameRate", "CineRate"):
        rate = number(dataset, keyword)
        if rate is not None and SLOWEST <= rate <= FASTEST:
            return rate
    times = numbers(dataset, "FrameTimeVector")[1:]  # the first frame's increment is 0
    milliseconds = number(dataset, "FrameTime") or (sum(times) / len(times) if times else 0.0)
    rate = 1000 / milliseconds if milliseconds and math.isfinite(milliseconds) else 0.0
    return rate if SLOWEST <= rate <= FASTEST else 0.0
