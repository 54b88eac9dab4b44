"""Where the lines of the corners go: two that meet in one row share it and never lie on one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

Width = Callable[[str], float]
Elide = Callable[[str, float], str]


def rows(left: Sequence[str], right: Sequence[str], *, from_below: bool) -> Iterator[tuple[str, str]]:
    """Pairs of lines, from the edge inwards: the top one first, or the lowest."""
    lefts, rights = ([line for line in lines if line] for lines in (left, right))
    if from_below:
        lefts.reverse()
        rights.reverse()
    return zip_longest(lefts, rights, fillvalue="")


def shared(left: str, right: str, room: float, width: Width, elide: Elide) -> tuple[str, str]:
    """Both lines as far as the room goes: one shorter than half of it stays whole."""
    wide_left, wide_right = width(left), width(right)
    if wide_left + wide_right <= room:
        return left, right
    half = room / 2
    if wide_left <= half:
        return left, elide(right, room - wide_left)
    if wide_right <= half:
        return elide(left, room - wide_right), right
    return elide(left, half), elide(right, half)
