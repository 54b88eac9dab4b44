"""Sizes beyond which a file is refused before anything is allocated for it."""

from __future__ import annotations

from cxr_desktop.dicom.failure import Unreadable

# The largest detectors give 15 to 25 megapixels and stitched films 40; beyond 100 a header lies,
# and the two or three copies that decoding takes would no longer fit in 2 GiB.
LARGEST_FRAME = 100_000_000


def check_frame_size(rows: int, columns: int, samples: int = 1) -> None:
    """Raise Unreadable for a frame without area or of an unreal size."""
    if rows <= 0 or columns <= 0:
        raise Unreadable(
            f"the image is {rows} x {columns} pixels and so shows nothing. "
            "Export the image again from its source."
        )
    if rows * columns * max(samples, 1) > LARGEST_FRAME:
        raise Unreadable(
            f"the file declares {rows} x {columns} pixels, more than the {LARGEST_FRAME // 10**6} megapixels "
            "that are opened. If it is real, export it at a smaller size."
        )
