"""Pixels of a de-identified copy: decoded, freed of what hides in unused bits, rectangles blanked."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import UID, JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless

from cxr_desktop.dicom.dataset import PixelElement
from cxr_desktop.dicom.decoders import SELF_DESCRIBED, decoded
from cxr_desktop.dicom.failure import Unreadable
from cxr_desktop.dicom.layout import PixelLayout
from cxr_desktop.dicom.pixels import bits_held
from cxr_desktop.domain.box import Box

_LOSSY_METHODS = {
    JPEGBaseline8Bit: "ISO_10918_1",
    JPEGExtended12Bit: "ISO_10918_1",
    JPEGLSNearLossless: "ISO_14495_1",
}
_NO_LONGER_TRUE = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")
_EXTREMES = ("SmallestImagePixelValue", "LargestImagePixelValue")


@dataclass(frozen=True, slots=True, eq=False)
class CleanPixels:
    """frames: (rows, columns) or (rows, columns, 3) each. cleared: unused bits were found set.

    blanked: rectangles over all frames.
    """

    frames: tuple[NDArray[np.generic], ...]
    cleared: bool
    blanked: int


def clean_pixels(
    dataset: Dataset, pixels: PixelElement, layout: PixelLayout, boxes: tuple[Box, ...]
) -> CleanPixels:
    """All frames decoded and blanked. Raises Unreadable for damaged data or a box off the image."""
    places = [_place(box, layout) for box in boxes]
    frames: list[NDArray[np.generic]] = []
    cleared = False
    for index in range(layout.frames):
        found = decoded(dataset, pixels, layout, index)
        frame = found.astype(found.dtype.newbyteorder("="), copy=True)
        used = _used_bits(frame, layout)
        cleared = cleared or not np.array_equal(used, frame)
        for place in places:
            used[place] = _darkest(used, layout)
        frames.append(used)
    return CleanPixels(tuple(frames), cleared, len(places))


def write_pixels(dataset: Dataset, clean: CleanPixels, layout: PixelLayout, encoded_bytes: int) -> None:
    """Put the frames into the data set, uncompressed, with the Image Pixel module that is true of them.

    encoded_bytes: how many the frames took in the file; what was lossy stays marked as such, with its ratio.
    """
    first = clean.frames[0]
    if layout.is_integer:
        _describe(dataset, clean, layout)
    _mark_lossy(dataset, layout.syntax, sum(frame.nbytes for frame in clean.frames), encoded_bytes)
    for keyword in (*_NO_LONGER_TRUE, *(_EXTREMES if clean.blanked else ())):
        if keyword in dataset:
            delattr(dataset, keyword)
    value = _bytes(clean.frames, dataset, layout)
    setattr(dataset, layout.element, value + b"\0" * (len(value) % 2))
    if layout.is_integer:
        dataset["PixelData"].VR = "OW" if first.dtype.itemsize > 1 or layout.bits_allocated == 1 else "OB"


def _place(box: Box, layout: PixelLayout) -> tuple[slice, slice]:
    """The pixels that a box touches."""
    inside = box.clipped(layout.columns, layout.rows)
    if inside.area <= 0:
        raise Unreadable(
            f"the rectangle {box.x:g},{box.y:g},{box.width:g},{box.height:g} to be blanked lies off the image, "
            f"which is {layout.columns} x {layout.rows} pixels. Give x,y,w,h within it."
        )
    return (
        slice(math.floor(inside.y), math.ceil(inside.bottom)),
        slice(math.floor(inside.x), math.ceil(inside.right)),
    )


def _used_bits(frame: NDArray[np.generic], layout: PixelLayout) -> NDArray[np.generic]:
    """Values of the stored bits alone, where they are: older files keep overlays in the others (PS3.5 8.1.2)."""
    width = 8 * frame.dtype.itemsize
    whole = layout.bits_allocated == 1 or not layout.is_integer or layout.syntax in SELF_DESCRIBED
    if whole or frame.ndim == 3 or layout.bits_stored >= width:
        return frame.copy()
    above, below = width - layout.high_bit - 1, layout.high_bit + 1 - layout.bits_stored
    raised = np.left_shift(frame, above)
    return np.left_shift(np.right_shift(raised, above + below), below)


def _darkest(frame: NDArray[np.generic], layout: PixelLayout) -> np.generic:
    """The stored value of this frame that is shown darkest, so that no new value enters its range."""
    if frame.ndim == 3:
        return frame.dtype.type(0)
    return frame.max() if layout.photometric == "MONOCHROME1" else frame.min()


def _describe(dataset: Dataset, clean: CleanPixels, layout: PixelLayout) -> None:
    first = clean.frames[0]
    if first.ndim == 3:
        dataset.PhotometricInterpretation, dataset.PlanarConfiguration = "RGB", 0
        dataset.BitsAllocated = 8 * first.dtype.itemsize
        dataset.BitsStored = min(layout.bits_stored, dataset.BitsAllocated)
    else:
        dataset.BitsAllocated = layout.bits_allocated
        dataset.BitsStored = max(layout.bits_stored, _bits_needed(clean.frames, layout))
    moved = layout.syntax in SELF_DESCRIBED or dataset.BitsStored != layout.bits_stored
    high = dataset.BitsStored - 1 if moved else layout.high_bit
    dataset.HighBit = min(high, dataset.BitsAllocated - 1)


def _bits_needed(frames: tuple[NDArray[np.generic], ...], layout: PixelLayout) -> int:
    """More than Bits Stored where a codestream carries more than its header promises."""
    if layout.syntax not in SELF_DESCRIBED:
        return 0
    return max(map(bits_held, frames))


def _bytes(frames: tuple[NDArray[np.generic], ...], dataset: Dataset, layout: PixelLayout) -> bytes:
    if layout.is_integer and layout.bits_allocated == 1:
        bits = np.concatenate([frame.ravel() for frame in frames])
        return np.packbits(bits.astype(np.uint8), bitorder="little").tobytes()
    kind = frames[0].dtype.kind
    size = int(dataset.BitsAllocated) // 8 if layout.is_integer else frames[0].dtype.itemsize
    return b"".join(frame.astype(f"<{kind}{size}", copy=False).tobytes() for frame in frames)


def _mark_lossy(dataset: Dataset, syntax: UID, raw: int, encoded: int) -> None:
    method = _LOSSY_METHODS.get(syntax)
    if method is None or dataset.get("LossyImageCompression") == "01":
        return
    dataset.LossyImageCompression = "01"
    dataset.LossyImageCompressionMethod = method
    dataset.LossyImageCompressionRatio = f"{raw / max(encoded, 1):.2f}"
