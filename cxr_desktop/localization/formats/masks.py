"""Masks as run lengths: COCO's counts and those of the SIIM-ACR challenge, and the boxes they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

import numpy as np

from cxr_desktop.domain.box import Box
from cxr_desktop.localization.overlap import Mask
from cxr_desktop.localization.pieces import pieces_of

LEAST_PIECE = 0.0005
"""Smallest piece of a mask that becomes a box, as a share of the image: smaller ones are slips of the pen."""

_MOST_PIXELS = 2**28
_FIRST, _MORE, _SIGN, _DIGIT = 48, 0x20, 0x10, 0x1F


def coco_mask(rows: int, columns: int, counts: str | Sequence[int]) -> Mask:
    """(rows, columns) from COCO's run lengths, off first, column by column; as numbers or packed into a text.

    Raises ValueError for counts that are not of a mask of that size.
    """
    lengths = _unpacked(counts) if isinstance(counts, str) else [int(count) for count in counts]
    return _filled(lengths, rows, columns)


def siim_mask(text: str, rows: int, columns: int) -> Mask:
    """(rows, columns) from pairs of a gap behind the last run and a run's length, column by column.

    Raises ValueError for a text that is not of a mask of that size.
    """
    numbers = [int(word) for word in text.split()]
    if len(numbers) % 2:
        raise ValueError(f"{len(numbers)} run lengths are no pairs")
    rest = rows * columns - sum(numbers)
    return _filled([*numbers, rest], rows, columns)


def boxes_of_mask(mask: Mask, label: str, source: str = "") -> tuple[Box, ...]:
    """The frame of each connected piece, from the top; those below `LEAST_PIECE` are left out beside a larger one."""
    found = pieces_of(mask, mask.astype(np.float32))
    return tuple(
        Box.from_corners(
            *(float(edge[piece]) for edge in (found.left, found.top, found.right, found.bottom)),
            label=label,
            source=source,
        )
        for piece in np.flatnonzero(found.areas >= min(LEAST_PIECE * mask.size, max(found.areas, default=0)))
    )


def _filled(lengths: Sequence[int], rows: int, columns: int) -> Mask:
    """lengths: off, on, off, ..."""
    if not 0 < rows * columns <= _MOST_PIXELS:
        raise ValueError(f"a mask of {rows} x {columns} pixels is none")
    if min(lengths, default=0) < 0 or sum(lengths) != rows * columns:
        raise ValueError(f"the runs do not fill {rows} x {columns} pixels")
    flat = np.zeros(rows * columns, dtype=bool)
    ends = list(accumulate(lengths))
    for start, stop in zip(ends[0::2], ends[1::2], strict=False):
        flat[start:stop] = True
    return flat.reshape(columns, rows).T


def _unpacked(text: str) -> list[int]:
    """Five bits a letter, the lowest first; from the third on, the difference to the last but one."""
    found: list[int] = []
    for value in _signed(text.encode("ascii")):
        found.append(value + found[-2] if len(found) > 2 else value)
    return found


def _signed(letters: bytes) -> Iterable[int]:
    value = shift = 0
    for letter in letters:
        bits = letter - _FIRST
        if not 0 <= bits < 2 * _MORE:
            raise ValueError(f"{chr(letter)!r} is no run length of COCO")
        value |= (bits & _DIGIT) << shift
        shift += 5
        if not bits & _MORE:
            yield value - (1 << shift) if bits & _SIGN else value
            value = shift = 0
    if shift:
        raise ValueError("the run lengths break off")
