"""How well a few typed letters fit a title. No Qt."""

from __future__ import annotations

_START, _NEXT, _SPREAD = 8.0, 5.0, 0.1


def fit(query: str, title: str) -> float | None:
    """Higher is better, None where the letters do not occur in that order; case and blanks do not matter.

    Letters that begin a word, or follow one another, count for more than scattered ones.
    """
    letters, text = "".join(query.split()).casefold(), title.casefold()
    if not letters:
        return 0.0
    best: list[float | None] = [None] * len(text)
    for number, letter in enumerate(letters):
        reached: list[float | None] = [None] * len(text)
        furthest: float | None = 0.0 if number == 0 else None
        for place, found in enumerate(text):
            if place and number and best[place - 1] is not None:
                furthest = max(best[place - 1] or 0.0, furthest if furthest is not None else -1e9)
            if found != letter or furthest is None:
                continue
            starts = place == 0 or not text[place - 1].isalnum()
            score = furthest + 1 + _START * starts - _SPREAD * place
            if number and place and (before := best[place - 1]) is not None:
                score = max(score, before + 1 + _NEXT - _SPREAD * place)
            reached[place] = score
        best = reached
        if all(score is None for score in best):
            return None
    return max(score for score in best if score is not None) - _SPREAD * len(text)
