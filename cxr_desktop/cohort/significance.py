"""Methods against each other on the same boxes: paired differences, their intervals and tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy.stats import rankdata, wilcoxon

from cxr_desktop.cohort.intervals import Values, mean_by_image
from cxr_desktop.cohort.plan import ALL, LOCATION_PRIOR, RANDOM, Interval
from cxr_desktop.cohort.records import Comparison, ImageRecord

MEASURES: Mapping[str, Callable[[Comparison], float]] = {
    "iou": lambda c: c.iou,
    "iobb": lambda c: c.iobb,
    "pointing_hit": lambda c: float(c.hit),
}
MOST_EXACT = 50
"""Images up to which the signed-rank test goes through all signs; above, it takes the normal approximation."""

_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class PairedRow:
    """`method` minus `against` on the boxes that both were compared with.

    difference: mean over the boxes, with the percentile bootstrap over images. p: Wilcoxon's signed-rank test
    on the images' mean differences, zeros left out, two-sided; p_holm: adjusted for all pairs of the measure and
    label (Holm 1979).
    """

    label: str
    measure: str
    method: str
    against: str
    n: int
    images: int
    difference: Interval
    p: float
    p_holm: float


def paired_rows(records: Sequence[ImageRecord], methods: Sequence[str]) -> tuple[PairedRow, ...]:
    """Every pair of methods and baselines, over all boxes and per label; pairs without a common box are left out."""
    order = (*dict.fromkeys(methods), LOCATION_PRIOR, RANDOM)
    keyed = {method: _by_box(records, method) for method in order}
    labels = sorted({str(key[1]) for boxes in keyed.values() for key in boxes})
    found: list[PairedRow] = []
    for label in dict.fromkeys((ALL, *labels)):
        for measure in MEASURES:
            rows = [
                row
                for one, other in combinations(order, 2)
                if (row := _pair(keyed, label, measure, one, other)) is not None
            ]
            found.extend(_holm(rows))
    return tuple(found)


def _by_box(records: Sequence[ImageRecord], method: str) -> dict[_Key, Comparison]:
    """Comparisons by image's place, label, reader, box, and which of equal boxes."""
    found: dict[_Key, Comparison] = {}
    for place, record in enumerate(records):
        seen: Counter[_Key] = Counter()
        for entry in record.methods:
            for c in entry.comparisons if entry.method == method else ():
                key: _Key = (place, c.label, c.source, c.reference)
                found[(*key, seen[key])] = c
                seen[key] += 1
    return found


def _pair(
    keyed: Mapping[str, Mapping[_Key, Comparison]], label: str, measure: str, one: str, other: str
) -> PairedRow | None:
    first, second = keyed[one], keyed[other]
    common = [key for key in first if key in second and label in (ALL, key[1])]
    if not common:
        return None
    value = MEASURES[measure]
    differences = np.array([value(first[key]) - value(second[key]) for key in common])
    _, images = np.unique([int(str(key[0])) for key in common], return_inverse=True)
    per_image = np.bincount(images, weights=differences) / np.bincount(images)
    return PairedRow(
        label=label,
        measure=measure,
        method=one,
        against=other,
        n=len(common),
        images=per_image.size,
        difference=mean_by_image(differences, images.astype(np.intp)),
        p=signed_rank(per_image),
        p_holm=float("nan"),
    )


def signed_rank(differences: Values) -> float:
    """Wilcoxon's signed-rank test against no difference: p, two-sided.

    1 where nothing differs; NaN for a single image, of which no test can tell.
    """
    if differences.size < 2:
        return float("nan")
    if not np.any(differences):
        return 1.0
    told = differences[differences != 0]
    if told.size > MOST_EXACT:
        return float(wilcoxon(told, method="asymptotic").pvalue)
    return _exact_signed_rank(told)


def _exact_signed_rank(differences: Values) -> float:
    """Two-sided p over all signs of the ranks, of equal magnitudes their mean rank, as ranks doubled to integers."""
    ranks = np.rint(2 * rankdata(np.abs(differences))).astype(np.intp)
    ways = np.zeros(int(ranks.sum()) + 1)
    ways[0] = 1.0
    for rank in ranks:
        ways[rank:] += ways[: ways.size - rank].copy()
    ways /= 2.0**ranks.size
    reached = int(ranks[differences > 0].sum())
    return min(1.0, 2 * float(min(ways[: reached + 1].sum(), ways[reached:].sum())))


def _holm(rows: Sequence[PairedRow]) -> Iterator[PairedRow]:
    tested = sorted((row.p, place) for place, row in enumerate(rows) if not np.isnan(row.p))
    adjusted: dict[int, float] = {}
    highest = 0.0
    for rank, (p, place) in enumerate(tested):
        highest = max(highest, min(1.0, p * (len(tested) - rank)))
        adjusted[place] = highest
    for place, row in enumerate(rows):
        yield replace(row, p_holm=adjusted.get(place, float("nan")))
