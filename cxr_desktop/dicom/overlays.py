"""Overlay planes of a frame (PS3.3 C.9.2): in elements of their own, or in pixel bits that hold no gray."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from cxr_desktop.dicom.elements import element_numbers, element_text
from cxr_desktop.dicom.failure import DAMAGE
from cxr_desktop.dicom.limits import LARGEST_FRAME
from cxr_desktop.domain.overlay import Overlay, OverlayKind

GROUPS = tuple(range(0x6000, 0x6020, 2))
_ROWS, _COLUMNS, _TYPE, _DESCRIPTION = 0x0010, 0x0011, 0x0040, 0x0022
_FRAMES, _ORIGIN, _FIRST_FRAME = 0x0015, 0x0050, 0x0051
_ALLOCATED, _POSITION, _LABEL, _DATA = 0x0100, 0x0102, 0x1500, 0x3000
_ELEMENTS = (
    _ROWS, _COLUMNS, _TYPE, _DESCRIPTION, _FRAMES, _ORIGIN, _FIRST_FRAME, _ALLOCATED, _POSITION, _LABEL, _DATA,
)  # fmt: skip
OVERLAY_TAGS = tuple(BaseTag(group << 16 | element) for group in GROUPS for element in _ELEMENTS)


def frame_overlays(
    dataset: Dataset, words: NDArray[np.generic] | None, index: int, gray: range, notes: list[str]
) -> tuple[Overlay, ...]:
    """The planes of frame index, counted from 0, in order of their groups.

    words: (rows, columns) pixels as they stand in the file, unused bits included; None where no bits are unused.
    gray: positions of the bits that hold pixel values. Appends to notes which planes are damaged and so left out.
    """
    found: list[Overlay] = []
    for group in GROUPS:
        if BaseTag(group << 16 | _POSITION) in dataset or BaseTag(group << 16 | _DATA) in dataset:
            try:
                overlay = _plane(dataset, group, words, index, gray)
            except DAMAGE:
                overlay = None
                notes.append(f"Overlay {group:04X} is damaged and was left out.")
            found += [overlay] if overlay is not None else []
    return tuple(found)


def _plane(
    dataset: Dataset, group: int, words: NDArray[np.generic] | None, index: int, gray: range
) -> Overlay | None:
    """The plane of the group for this frame, None where it has none. Raises ValueError for damage."""
    data = _value(dataset, group, _DATA)
    at = _frame_of_plane(dataset, group, index)
    if at is None:
        return None
    bits: NDArray[np.bool_] | None
    if data:
        rows, columns = _whole(dataset, group, _ROWS), _whole(dataset, group, _COLUMNS)
        bits = _unpacked(data, rows, columns, at)
    else:
        bits = _embedded(words, _whole(dataset, group, _POSITION), gray)
    if bits is None:
        return None
    origin = [int(number) for number in element_numbers(dataset, _tag(group, _ORIGIN))] or [1, 1]
    if len(origin) != 2:
        raise ValueError("Overlay Origin needs two values")
    region = element_text(dataset, _tag(group, _TYPE)).upper() == "R"
    bits.setflags(write=False)
    return Overlay(
        bits=bits,
        row=origin[0] - 1,
        column=origin[1] - 1,
        group=group,
        kind=OverlayKind.REGION if region else OverlayKind.GRAPHICS,
        label=element_text(dataset, _tag(group, _LABEL)) or element_text(dataset, _tag(group, _DESCRIPTION)),
    )


def _frame_of_plane(dataset: Dataset, group: int, index: int) -> int | None:
    """Which frame of the plane lies on image frame index; a plane that names no frames lies on all."""
    frames = element_numbers(dataset, _tag(group, _FRAMES))
    first = element_numbers(dataset, _tag(group, _FIRST_FRAME))
    if not frames and not first:
        return 0
    at = index - (int(first[0]) - 1 if first else 0)
    return at if 0 <= at < (max(int(frames[0]), 1) if frames else 1) else None


def _unpacked(data: bytes, rows: int, columns: int, at: int) -> NDArray[np.bool_]:
    """Frame `at` of packed bits, the first pixel in the least significant bit; frames follow without a gap."""
    size = rows * columns
    if not 0 < size <= LARGEST_FRAME:
        raise ValueError(f"an overlay of {rows} x {columns}")
    start, end = at * size, (at + 1) * size
    if len(data) * 8 < end:
        raise ValueError("Overlay Data are truncated")
    packed = np.frombuffer(data, np.uint8, count=-(-end // 8) - start // 8, offset=start // 8)
    bits = np.unpackbits(packed, count=start % 8 + size, bitorder="little")
    return bits[start % 8 :].view(np.bool_).reshape(rows, columns).copy()


def _embedded(words: NDArray[np.generic] | None, position: int, gray: range) -> NDArray[np.bool_] | None:
    """One bit of every pixel word (retired, PS3.3 C.9.2.1.1); None where that bit belongs to the gray."""
    if words is None:
        return None
    width = 8 * words.dtype.itemsize
    if words.dtype.kind not in "iu" or words.ndim != 2 or not 0 <= position < width or position in gray:
        return None
    return (words.view(f"u{words.dtype.itemsize}") >> position) & 1 == 1


def _tag(group: int, element: int) -> BaseTag:
    return BaseTag(group << 16 | element)


def _value(dataset: Dataset, group: int, element: int) -> bytes:
    """Bytes in the order of the bits: words of big-endian files are turned round."""
    tag = _tag(group, element)
    found = dataset.get(tag)
    if found is None or not isinstance(found.value, bytes):
        return b""
    if found.VR == "OW" and dataset.original_encoding[1] is False:
        return np.frombuffer(found.value[: len(found.value) // 2 * 2], ">u2").astype("<u2").tobytes()
    return found.value


def _whole(dataset: Dataset, group: int, element: int) -> int:
    numbers = element_numbers(dataset, _tag(group, element))
    if not numbers:
        raise ValueError(f"element {element:04X} is absent")
    return int(numbers[0])
