"""Is the network right, and does it look at the lungs, as often in one group of patients as in the others?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.cohort.plan import Interval
from cxr_desktop.domain.reasons import Look, LookRule, Outcome, ReasonCase
from cxr_desktop.domain.region import Region

SMALL = 20
"""Groups with fewer images are flagged: their intervals are wide and depend on single patients."""

RESAMPLES = 2000
MANY = 300
"""Clusters above which means are drawn from their normal limit."""

_SEED = 2107
_MOST_VALUES = 12
_LIST = "|"
_AGE_BANDS = ((18, "under 18"), (40, "18 to 39"), (60, "40 to 59"), (80, "60 to 79"), (np.inf, "80 and over"))
PATIENT = frozenset({"patient", "patient_id", "patient id", "patientid"})
"""Columns that name the patient, in lower case."""

_NEVER = PATIENT | {"size", "path", "file", "study", "series"}
_FIELDS = (Region.RIGHT_LUNG, Region.LEFT_LUNG)

Values = NDArray[np.float64]
Measure = Callable[[ReasonCase], float | None]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A measure in one group of images, for one label of the model.

    column, value: which group, such as view and AP. method: empty where no map is involved. n: images
    measured. difference: group less all other images of the column, NaN where there are none. small: too
    few images to lean on.
    """

    column: str
    value: str
    target: str
    method: str
    measure: str
    n: int
    mean: Interval
    difference: Interval

    @property
    def small(self) -> bool:
        return self.n < SMALL


def group_rows(cases: Sequence[ReasonCase], rule: LookRule) -> tuple[GroupRow, ...]:
    """Accuracy, localisation and shares by region for every group of every usable column of the index.

    Columns: sex, view, site and the like with two to twelve values; ages in bands; other numbers in
    quarters. cases: one an image, method and label.
    """
    rows: list[GroupRow] = []
    columns = group_columns([case.groups for case in cases])
    for target in dict.fromkeys(case.target for case in cases):
        mine = [case for case in cases if case.target == target]
        once = _first_of_each(mine)
        for column, of in columns.items():
            values = np.array([of(case.groups) for case in mine], dtype=object)
            for method, measure, one in _measures(mine, rule):
                chosen = np.array([case.method == method for case in mine]) if method else once
                rows += _compared(mine, values, chosen, (column, target, method, measure), one)
    return tuple(rows)


def group_columns(groups: Sequence[Mapping[str, str]]) -> dict[str, Callable[[Mapping[str, str]], str]]:
    """Each column that parts the images, and how an image's group is read from it; '' for none."""
    found: dict[str, Callable[[Mapping[str, str]], str]] = {}
    for column in dict.fromkeys(name for row in groups for name in row):
        texts = {row.get(column, "") for row in groups} - {""}
        if column.casefold() in _NEVER or len(texts) < 2 or any(_LIST in text for text in texts):
            continue
        if _is_age(column) and all(_years(text) is not None for text in texts):
            found[column] = partial(_age_group, column)
        elif len(texts) <= _MOST_VALUES:
            found[column] = partial(_own_value, column)
        elif (numbers := _numbers(texts)) is not None:
            all_numbers = [float(row[column]) for row in groups if row.get(column)]
            cuts = np.quantile(all_numbers or numbers, (0.25, 0.5, 0.75))
            found[column] = partial(_quarter, column, cuts)
    return {column: of for column, of in found.items() if len({of(row) for row in groups} - {""}) > 1}


def bootstrap_mean(values: Values, clusters: Sequence[str], seed: int = _SEED) -> Values:
    """(RESAMPLES,) means of resampled clusters (Efron 1979): images of one patient are no separate evidence.

    Beyond MANY clusters the draws come from the normal distribution that the resampled means tend to, with the
    linearised variance of a ratio of sums (Cochran, 'Sampling Techniques', 1977, 6.3): the cost stays that of a sum.
    """
    _, codes = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    sums = np.bincount(codes, weights=values)
    counts = np.bincount(codes).astype(np.float64)
    random = np.random.default_rng(seed)
    if counts.size > MANY:
        mean = float(values.mean())
        spread = np.sqrt(((sums - mean * counts) ** 2).sum()) / counts.sum()
        return mean + spread * random.standard_normal(RESAMPLES)
    drawn = random.integers(0, counts.size, (RESAMPLES, counts.size))
    return sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)


def interval_of(value: float, resampled: Values) -> Interval:
    """The percentile interval of 95 %."""
    low, high = np.percentile(resampled, (2.5, 97.5))
    return Interval(value, float(low), float(high))


def cluster_of(case: ReasonCase) -> str:
    """The patient where the index names one, else the image."""
    named = (value for name, value in case.groups.items() if name.casefold() in PATIENT and value)
    return next(named, case.image)


def _measures(cases: Sequence[ReasonCase], rule: LookRule) -> Iterator[tuple[str, str, Measure]]:
    yield "", "accuracy", lambda case: _known(case, None)
    yield "", "sensitivity", lambda case: _known(case, True)
    yield "", "specificity", lambda case: _known(case, False)
    for method in dict.fromkeys(case.method for case in cases if case.method):
        yield method, "mean IoU", lambda case: case.iou
        yield method, "pointing hit", lambda case: None if case.hit is None else float(case.hit)
        yield method, "looked there", lambda case: _there(case, rule)
        for region in Region:
            if region not in (*_FIELDS, Region.UNPARTED, Region.BODY):
                yield method, f"relevance: {region}", partial(_share, region)
        yield method, "relevance: lungs", _in_lungs


def _known(case: ReasonCase, truth: bool | None) -> float | None:
    if case.outcome is Outcome.UNKNOWN or (truth is not None and case.truth is not truth):
        return None
    return float(case.outcome.right)


def _there(case: ReasonCase, rule: LookRule) -> float | None:
    look = case.look(rule)
    return None if look is Look.NO_PLACE else float(look is Look.THERE)


def _share(region: Region, case: ReasonCase) -> float | None:
    """Shares of anatomy count where the lungs were found alone."""
    if region is Region.HEART and not case.lungs:
        return None
    return case.shares.get(region)


def _in_lungs(case: ReasonCase) -> float | None:
    return sum(case.shares[region] for region in _FIELDS) if case.lungs and case.shares else None


def _first_of_each(cases: Sequence[ReasonCase]) -> NDArray[np.bool_]:
    """One case an image: a prediction is the same whatever the method."""
    seen: set[str] = set()
    chosen = np.zeros(len(cases), dtype=bool)
    for place, case in enumerate(cases):
        if case.image not in seen:
            seen.add(case.image)
            chosen[place] = True
    return chosen


def _compared(
    cases: Sequence[ReasonCase],
    groups: NDArray[np.object_],
    chosen: NDArray[np.bool_],
    about: tuple[str, str, str, str],
    one: Measure,
) -> Iterator[GroupRow]:
    measured = [
        (str(groups[place]), value, cluster_of(cases[place]))
        for place in np.flatnonzero(chosen).tolist()
        if groups[place] and (value := one(cases[place])) is not None and not np.isnan(value)
    ]
    for name in sorted({group for group, _, _ in measured}):
        inside = [(value, cluster) for group, value, cluster in measured if group == name]
        others = [(value, cluster) for group, value, cluster in measured if group != name]
        mean, drawn = _resampled(inside, _SEED)
        difference = Interval(float("nan"), float("nan"), float("nan"))
        if others:
            rest, rest_drawn = _resampled(others, _SEED + 1)
            difference = interval_of(mean - rest, drawn - rest_drawn)
        column, target, method, measure = about
        yield GroupRow(
            column, name, target, method, measure, len(inside), interval_of(mean, drawn), difference
        )


def _resampled(found: Sequence[tuple[float, str]], seed: int) -> tuple[float, Values]:
    values = np.array([value for value, _ in found], dtype=np.float64)
    return float(values.mean()), bootstrap_mean(values, [cluster for _, cluster in found], seed)


def _is_age(column: str) -> bool:
    return "age" in re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).lower())


def _years(text: str) -> float | None:
    """Years of '63', '063Y' or '018M' (DICOM age string); None for anything else."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([DWMY]?)\s*", text, re.IGNORECASE)
    if match is None:
        return None
    divisor = {"D": 365.25, "W": 52.18, "M": 12.0}.get(match[2].upper(), 1.0)
    return float(match[1]) / divisor


def _age_group(column: str, row: Mapping[str, str]) -> str:
    years = _years(row.get(column, ""))
    return "" if years is None else next(name for limit, name in _AGE_BANDS if years < limit)


def _own_value(column: str, row: Mapping[str, str]) -> str:
    return row.get(column, "")


def _numbers(texts: set[str]) -> list[float] | None:
    try:
        return [float(text) for text in texts]
    except ValueError:
        return None


def _quarter(column: str, cuts: Values, row: Mapping[str, str]) -> str:
    text = row.get(column, "")
    if not text:
        return ""
    low, middle, high = cuts
    names = (f"up to {low:g}", f"{low:g} to {middle:g}", f"{middle:g} to {high:g}", f"over {high:g}")
    return names[int(np.searchsorted(cuts, float(text)))]
