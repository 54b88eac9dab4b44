"""Where text may be burned into an image: a suggestion for a person to look at, not a finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box

SUGGESTED = "suggested"

# Lettering that machines burn in: strokes thin against the image, much lighter or darker than what lies
# beside them, in characters of like height on a line. Lengths are shares of the image's longer side.
_LONGEST_LETTER = 0.06
_SHORTEST_LETTER = 7  # pixels: below this nobody can read it
_CONTRASTS = (
    70,
    32,
)  # gray levels of 255: on a dark ground, where smooth edges would join letters, and a light one
_ONE_GRAY, _EVEN = 24, 0.45  # at least this share of a stroke lies within so many levels of its median
_FILLED = 0.08  # of a character's rectangle, at least
_LIGHT = 150
_MARGIN = 0.4  # of a letter's height
_LEAST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class _Piece:
    """A connected stroke. Edges half-open, pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


def suggested_text(shown: NDArray[np.uint8]) -> tuple[Box, ...]:
    """Rectangles in which lettering may stand, in pixels of the image, from top to bottom.

    shown: (rows, columns) as a monitor shows it. Finds printed characters by their strokes; handwriting,
    rotated text and faint text are missed, lead markers and wires may be taken for text. Look yourself.
    """
    found: list[Box] = []
    for picture in (shown, 255 - shown):
        raised = _above_ground(picture)
        for contrast in _CONTRASTS:
            pieces = sorted(_pieces(picture, raised >= contrast), key=lambda one: (one.left, one.top))
            found += [_around(line, shown.shape) for line in _lines(pieces) if len(line) >= _LEAST_LETTERS]
    return tuple(sorted(_merged(found), key=lambda box: (box.y, box.x)))


def _above_ground(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How much lighter each pixel is than what a letter's stroke would stand on."""
    from scipy import ndimage

    thick = max(3, _longest(picture) // 4) | 1
    return picture - ndimage.grey_opening(picture, size=(thick, thick))


def _longest(picture: NDArray[np.uint8]) -> int:
    return max(_SHORTEST_LETTER * 2, round(_LONGEST_LETTER * max(picture.shape)))


def _pieces(picture: NDArray[np.uint8], strokes: NDArray[np.bool_]) -> Iterator[_Piece]:
    """Strokes of the size and evenness of characters."""
    from scipy import ndimage

    labels, _ = ndimage.label(strokes, structure=np.ones((3, 3), dtype=int))
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        piece = _Piece(columns.start, rows.start, columns.stop, rows.stop)
        if _could_be_letter(piece, _longest(picture)) and _is_even(
            picture[rows, columns], labels[rows, columns] == number, piece
        ):
            yield piece


def _could_be_letter(piece: _Piece, longest: int) -> bool:
    upright = _SHORTEST_LETTER <= piece.height <= longest
    return upright and piece.width <= 1.6 * max(piece.height, _SHORTEST_LETTER)


def _is_even(cut: NDArray[np.uint8], stroke: NDArray[np.bool_], piece: _Piece) -> bool:
    """Whether the stroke is light and of one gray, as drawn characters are and anatomy is not."""
    values = cut[stroke]
    level = float(np.median(values))
    even = float(np.mean(np.abs(values - level) <= _ONE_GRAY))
    fill = values.size / (piece.height * piece.width)
    return even >= _EVEN and fill >= _FILLED and level >= _LIGHT


def _lines(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Pieces of like height side by side, each line from left to right."""
    lines: list[list[_Piece]] = []
    for piece in pieces:
        line = next((line for line in lines if _follows(line[-1], piece)), None)
        if line is None:
            lines.append([piece])
        else:
            line.append(piece)
    return lines


def _follows(before: _Piece, piece: _Piece) -> bool:
    taller = max(before.height, piece.height)
    gap = piece.left - before.right
    overlap = min(before.bottom, piece.bottom) - max(before.top, piece.top)
    alike = min(before.height, piece.height) >= 0.4 * taller
    return alike and gap <= 1.5 * taller and overlap >= 0.5 * min(before.height, piece.height)


def _around(line: list[_Piece], shape: tuple[int, ...]) -> Box:
    margin = max(2.0, _MARGIN * max(piece.height for piece in line))
    left, top = min(p.left for p in line) - margin, min(p.top for p in line) - margin
    right, bottom = max(p.right for p in line) + margin, max(p.bottom for p in line) + margin
    return Box.from_corners(round(left), round(top), round(right), round(bottom), source=SUGGESTED).clipped(
        shape[1], shape[0]
    )


def _merged(boxes: list[Box]) -> list[Box]:
    """Overlapping boxes made one, until none overlap."""
    merged: list[Box] = []
    for box in boxes:
        joined = box
        while (other := next((one for one in merged if one.intersection_area(joined) > 0), None)) is not None:
            merged.remove(other)
            joined = Box.from_corners(
                min(joined.x, other.x),
                min(joined.y, other.y),
                max(joined.right, other.right),
                max(joined.bottom, other.bottom),
                source=SUGGESTED,
            )
        merged.append(joined)
    return merged
